package crosswalk

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/webpage"
)

// jsonldFamily reads schema.org JSON-LD: a JSON object, or the first script of an HTML page that
// has one. It is read as JSON, after the usual variations are evened out: of a @graph or a list the main thing is
// taken, names lose a "schema:" or "http://schema.org/" before them, and a path sees no difference between a list of
// texts and a single text.
type jsonldFamily struct{ jsonFamily }

func (jsonldFamily) open(_ *run, original []byte) (node, error) {
	if begin := bytes.TrimLeft(original, " \t\r\n\ufeff"); len(begin) > 0 && begin[0] == '<' {
		return fromPage(original)
	}
	if len(original) > maxJSON {
		return nil, fmt.Errorf("%w: the JSON has %d bytes, the limit is %d", ErrTooLarge, len(original), maxJSON)
	}
	v, err := readJSON(repairControls(original))
	if err != nil {
		return nil, err
	}
	return asNode(mainThing(v, ""))
}

// asNode is a thing as a node; a nil map would be a node that is not nil.
func asNode(thing map[string]any, err error) (node, error) {
	if err != nil {
		return nil, err
	}
	return thing, nil
}

// maxPage bounds a page, in bytes.
const maxPage = 16 << 20

// fromPage finds the thing that a page is about, in whichever of its scripts that is. A script that can't be read is passed
// over, if another one can. Where no script is of such a thing, the meta tags of the page count.
func fromPage(page []byte) (node, error) {
	if len(page) > maxPage {
		return nil, fmt.Errorf("%w: the page has %d bytes, the limit is %d", ErrTooLarge, len(page), maxPage)
	}
	p := webpage.Read(page, "")
	var blocks []any
	var failed error
	for _, text := range p.Blocks {
		if v, err := readJSON(repairControls(text)); err != nil {
			failed = err
		} else {
			blocks = append(blocks, v)
		}
	}
	thing, err := mainThing(blocks, p.Address)
	if tags := p.Thing(); tags != nil && (err != nil || isSide(thing)) {
		return tags, nil
	}
	switch {
	case err == nil:
		return onPage(thing, p), nil
	case failed != nil:
		return nil, failed
	case len(p.Blocks) == 0:
		return nil, fmt.Errorf("%w: the page has no script of type application/ld+json, and no meta tags of Dublin Core or Highwire Press", ErrMalformed)
	}
	return nil, err
}

// repairControls replaces control characters by spaces. JSON forbids them in strings, but pages have them.
func repairControls(data []byte) []byte {
	if !slices.ContainsFunc(data, func(c byte) bool { return c < ' ' }) {
		return data
	}
	out := bytes.Clone(data)
	for i, c := range out {
		if c < ' ' {
			out[i] = ' '
		}
	}
	return out
}

// mainThing is the object that a document is about: that of the page's own address, if one says so; else the first that is no
// mere side of a page. What it refers to by @id, and has elsewhere in the document, is put in.
func mainThing(v any, address string) (map[string]any, error) {
	var things []map[string]any
	collect(plainNames(v), &things)
	if len(things) == 0 {
		return nil, fmt.Errorf("%w: the JSON-LD describes nothing", ErrMalformed)
	}
	main := things[0]
	found := false
	for _, t := range things {
		switch {
		case isSide(t):
		case address != "" && isAt(t, address):
			return resolved(t, things), nil
		case !found:
			main, found = t, true
		}
	}
	return resolved(main, things), nil
}

func isSide(t map[string]any) bool { return webpage.IsSide(typesOf(t)) }

// isAt reports whether a thing says that it is at the address, or what the page there is about.
func isAt(t map[string]any, address string) bool {
	for _, key := range []string{"@id", "url", "mainEntityOfPage"} {
		if sameAddress(textAt(t, key), address) || sameAddress(textOf(t[key], "@id"), address) {
			return true
		}
	}
	return false
}

func textOf(v any, key string) string {
	object, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	return textAt(object, key)
}

func collect(v any, into *[]map[string]any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			collect(x, into)
		}
	case map[string]any:
		if graph, ok := v["@graph"]; ok {
			collect(graph, into)
		} else if len(v) > 0 {
			*into = append(*into, v)
		}
		if main, ok := v["mainEntity"]; ok {
			collect(main, into)
		}
	}
}

func typesOf(t map[string]any) []string {
	switch v := t["@type"].(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// plainNames removes the prefixes of names and types in the whole document.
func plainNames(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plainNames(v[i])
		}
		return v
	case map[string]any:
		for _, key := range []string{"@list", "@set"} {
			if list, ok := v[key]; ok {
				return plainNames(list)
			}
		}
		out := make(map[string]any, len(v))
		for _, key := range sortedKeys(v) {
			x := withoutRoles(key, plainNames(v[key]))
			if key == "@type" {
				x = plainTypes(x)
			}
			if plain := plainName(key); out[plain] == nil {
				out[plain] = x
			}
		}
		return out
	}
	return v
}

func plainTypes(v any) any {
	switch v := v.(type) {
	case string:
		return plainName(v)
	case []any:
		for i := range v {
			v[i] = plainTypes(v[i])
		}
	}
	return v
}

func plainName(s string) string { return webpage.Plain(s) }
