package crosswalk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// jsonFamily reads a JSON object. Its selectors are dotted paths; its nodes are objects
// (map[string]any): of a text, the object that holds it.
type jsonFamily struct{}

// Bounds of a JSON original, before it is decoded.
const (
	maxJSON      = 8 << 20 // bytes
	maxJSONDepth = 128
)

// A jsonPath is a path through objects. An array on the way stands for each of its elements.
type jsonPath struct {
	steps    []jsonStep
	fromRoot bool
}

type jsonStep struct {
	key   string // "*" is any key
	index int    // of an array; -1 is all
}

func (jsonFamily) selector(_ *compiler, text string, _ bool) (selector, error) {
	var p jsonPath
	if rest, ok := strings.CutPrefix(text, "$."); ok {
		p.fromRoot, text = true, rest
	}
	for text != "" {
		if len(p.steps) == 32 {
			return nil, errors.New("the path has more than 32 steps")
		}
		s, rest, err := readJSONStep(text, len(p.steps) == 0)
		if err != nil {
			return nil, err
		}
		p.steps, text = append(p.steps, s), rest
	}
	if len(p.steps) == 0 {
		return nil, errors.New("the selector is empty")
	}
	return p, nil
}

// readJSONStep reads NAME, NAME[2] or ["a name"] from the front of a path, and the dot before it.
func readJSONStep(text string, first bool) (s jsonStep, rest string, err error) {
	s.index = -1
	if quoted, ok := strings.CutPrefix(text, `["`); ok {
		if s.key, rest, ok = strings.Cut(quoted, `"]`); !ok {
			return s, "", errors.New(`a name in brackets is written ["dc:title"]`)
		}
	} else {
		if !first {
			if text, ok = strings.CutPrefix(text, "."); !ok {
				return s, "", fmt.Errorf("a dot is missing before %q; write names with dots between: author.name", text)
			}
		}
		end := strings.IndexAny(text, ".[")
		if end < 0 {
			end = len(text)
		}
		s.key, rest = text[:end], text[end:]
	}
	if s.key == "" {
		return s, "", errors.New("a step of the path is empty; write names with dots between: author.name")
	}
	if strings.HasPrefix(rest, "[") && !strings.HasPrefix(rest, `["`) {
		inside, after, _ := strings.Cut(rest[1:], "]")
		if s.index, err = strconv.Atoi(inside); err != nil || s.index < 0 {
			return s, "", fmt.Errorf(`in a path, brackets hold a number from 0 or a name in quotes: authors[0].name, ["dc:title"], not [%s]`, inside)
		}
		rest = after
	}
	return s, rest, nil
}

func (jsonFamily) open(_ *run, original []byte) (node, error) {
	if len(original) > maxJSON {
		return nil, fmt.Errorf("%w: the JSON has %d bytes, the limit is %d", ErrTooLarge, len(original), maxJSON)
	}
	object, err := readObject(original)
	if err != nil {
		return nil, err
	}
	return object, nil
}

func (jsonFamily) label(node) string { return "" }

// readObject decodes one JSON object (an array with one object counts as that object).
func readObject(data []byte) (map[string]any, error) {
	v, err := readJSON(data)
	if err != nil {
		return nil, err
	}
	if list, ok := v.([]any); ok && len(list) == 1 {
		v = list[0]
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: the JSON is no object", ErrMalformed)
	}
	return object, nil
}

func readJSON(data []byte) (any, error) {
	if err := checkDepth(data); err != nil {
		return nil, err
	}
	in := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	in.UseNumber()
	var v any
	if err := in.Decode(&v); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if _, err := in.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something follows the JSON value", ErrMalformed)
	}
	return v, nil
}

func checkDepth(data []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxJSONDepth {
				return fmt.Errorf("%w: the JSON is nested deeper than %d", ErrTooLarge, maxJSONDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

func (p jsonPath) find(r *run, from node, dst []item) []item {
	if p.fromRoot {
		from = r.root
	}
	object, ok := from.(map[string]any)
	if !ok {
		return dst
	}
	return p.walk(r, object, object, 0, dst)
}

// walk goes on from v at step i; holder is the nearest object around v.
func (p jsonPath) walk(r *run, v any, holder map[string]any, i int, dst []item) []item {
	if list, ok := v.([]any); ok {
		for _, x := range list {
			dst = p.walk(r, x, holder, i, dst)
		}
		return dst
	}
	object, isObject := v.(map[string]any)
	if i == len(p.steps) {
		if r.full(dst) {
			return dst
		}
		if isObject {
			return append(dst, objectItem(object))
		}
		if text, ok := scalarText(v); ok {
			return append(dst, item{text: text, node: holder})
		}
		return dst
	}
	if !isObject {
		return dst
	}
	s := p.steps[i]
	if s.key == "*" {
		for _, key := range sortedKeys(object) {
			dst = p.step(r, object[key], object, s, i, dst)
		}
		return dst
	}
	if next, ok := object[s.key]; ok {
		dst = p.step(r, next, object, s, i, dst)
	}
	return dst
}

func (p jsonPath) step(r *run, v any, holder map[string]any, s jsonStep, i int, dst []item) []item {
	if s.index >= 0 {
		list, ok := v.([]any)
		if !ok && s.index == 0 {
			return p.walk(r, v, holder, i+1, dst)
		}
		if s.index >= len(list) {
			return dst
		}
		v = list[s.index]
	}
	return p.walk(r, v, holder, i+1, dst)
}

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// objectItem is an object as a value. Its text is what JSON-LD calls its value, or its name. An object without either
// has no text, but templates and conditions can look into it.
func objectItem(object map[string]any) item {
	it := item{node: object}
	for _, key := range []string{"@value", "name"} {
		v := object[key]
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		if text, ok := scalarText(v); ok {
			it.text = text
			break
		}
	}
	it.lang, _ = object["@language"].(string)
	return it
}

// sortedKeys are the keys of an object in a fixed order, so that a mapping gives the same record each time.
func sortedKeys(object map[string]any) []string {
	return slices.Sorted(maps.Keys(object))
}
