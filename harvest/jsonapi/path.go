package jsonapi

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A path leads through objects to a value, as the selectors of mappings for JSON do: author.name, authors[0].name,
// ["dc:title"]. Other than there, one element of an array must be named: what is an identifier must not depend on
// how many there are. The empty path is the whole.
type path []step

type step struct {
	name  string
	index int // of an array; -1 is the value itself
}

const maxSteps = 32

// parsePath reads a path.
func parsePath(text string) (p path, err error) {
	for whole := text; text != ""; {
		if len(p) == maxSteps {
			return nil, fmt.Errorf("the path has more than %d steps", maxSteps)
		}
		var s step
		if s, text, err = readStep(text, len(p) == 0); err != nil {
			return nil, fmt.Errorf("%q: %w", whole, err)
		}
		p = append(p, s)
	}
	return p, nil
}

// readStep reads name, name[2] or ["a name"] from the front of a path, and the dot before it.
func readStep(text string, first bool) (s step, rest string, err error) {
	s.index = -1
	if inside, ok := strings.CutPrefix(text, `["`); ok {
		if s.name, rest, ok = strings.Cut(inside, `"]`); !ok {
			return s, "", errors.New(`a name in brackets is written ["dc:title"]`)
		}
	} else {
		if !first {
			if text, ok = strings.CutPrefix(text, "."); !ok {
				return s, "", errors.New("a dot is missing; write names with dots between: links.next")
			}
		}
		end := strings.IndexAny(text, ".[")
		if end < 0 {
			end = len(text)
		}
		s.name, rest = text[:end], text[end:]
	}
	if s.name == "" {
		return s, "", errors.New("a step of the path is empty; write names with dots between: links.next")
	}
	if strings.HasPrefix(rest, "[") && !strings.HasPrefix(rest, `["`) {
		inside, after, _ := strings.Cut(rest[1:], "]")
		if s.index, err = strconv.Atoi(inside); err != nil || s.index < 0 {
			return s, "", fmt.Errorf(`brackets hold a number from 0 or a name in quotes: authors[0].name, ["dc:title"], not [%s]`, inside)
		}
		rest = after
	}
	return s, rest, nil
}

// plain is a name that needs no brackets.
var plain = regexp.MustCompile(`^[\pL\pN_@$-][\pL\pN_@$:-]*$`)

func (p path) String() string {
	var b strings.Builder
	for _, s := range p {
		switch {
		case !plain.MatchString(s.name) && !strings.Contains(s.name, `"]`):
			fmt.Fprintf(&b, `["%s"]`, s.name)
		case b.Len() > 0:
			b.WriteString("." + s.name)
		default:
			b.WriteString(s.name)
		}
		if s.index >= 0 {
			fmt.Fprintf(&b, "[%d]", s.index)
		}
	}
	return b.String()
}

// find is the value at the path; nil if there is none. Of members with one name the last counts, as it does in mappings.
func (p path) find(data []byte) []byte {
	for _, s := range p {
		var found []byte
		err := members(data, func(name string, v []byte) {
			if name == s.name {
				found = v
			}
		})
		if err != nil || found == nil {
			return nil
		}
		if data = found; s.index >= 0 {
			data = elementAt(found, s.index)
		}
	}
	return data
}

// elementAt is one element of an array; nil if the array has fewer.
func elementAt(array []byte, index int) (found []byte) {
	n := 0
	err := elements(array, func(v []byte, _ int) {
		if n == index {
			found = v
		}
		n++
	})
	if err != nil {
		return nil
	}
	return found
}
