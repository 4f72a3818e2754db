package webpage

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
)

// sideTypes are the types of schema.org of what a page has beside the thing that it shows.
var sideTypes = []string{"WebSite", "WebPage", "BreadcrumbList", "Organization", "Person", "ImageObject", "SearchAction", "ListItem", "SiteNavigationElement"}

// IsSide reports whether a thing of these types, which have no prefix, is only beside what a page shows: the site, the way to
// the page, who runs it. A thing without a type is too.
func IsSide(types []string) bool {
	return len(types) == 0 || slices.ContainsFunc(types, func(t string) bool { return slices.Contains(sideTypes, t) })
}

// Shows reports whether a page has metadata of a thing, in a block that can be read or in its meta tags. Where it has none,
// broken says why a block can't be read; it is nil if all can.
func (p *Page) Shows() (shows bool, broken error) {
	for _, block := range p.Blocks {
		var v any
		err := decode(block, &v)
		switch {
		case err != nil:
			broken = err
		case hasThing(v, maxNesting):
			return true, nil
		}
	}
	return p.Thing() != nil, broken
}

// maxNesting bounds how deep things are looked for.
const maxNesting = 8

func decode(block []byte, into any) error {
	block = bytes.Map(func(r rune) rune { // JSON forbids control characters in strings, but pages have them
		if r < ' ' {
			return ' '
		}
		return r
	}, block)
	in := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(block, []byte("\ufeff"))))
	if err := in.Decode(into); err != nil {
		return err
	}
	if _, err := in.Token(); err != io.EOF {
		return errMore
	}
	return nil
}

func hasThing(v any, depth int) bool {
	if depth == 0 {
		return false
	}
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(x any) bool { return hasThing(x, depth-1) })
	case map[string]any:
		if types := typesOf(v["@type"]); !IsSide(types) {
			return true
		}
		return hasThing(v["@graph"], depth-1) || hasThing(v["mainEntity"], depth-1) || hasThing(v["schema:mainEntity"], depth-1)
	}
	return false
}

func typesOf(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{Plain(v)}
	case []any:
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, Plain(s))
			}
		}
	}
	return out
}
