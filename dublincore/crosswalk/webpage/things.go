package webpage

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
)

// sideTypes are the types of schema.org of what a page has beside the thing that it shows.
var sideTypes = []string{
	"WebSite", "BreadcrumbList", "Organization", "Person", "ImageObject", "SearchAction", "ListItem", "ItemList", "SiteNavigationElement", "Question", "Answer",
	"WebPage", "AboutPage", "CollectionPage", "ContactPage", "FAQPage", "ItemPage", "ProfilePage", "SearchResultsPage", // a page is beside what it is about
}

// IsSide reports whether a thing of these types, which have no prefix, is only beside what a page shows: the site, the way to
// the page, who runs it. A thing without a type is too.
func IsSide(types []string) bool {
	return len(types) == 0 || slices.ContainsFunc(types, func(t string) bool { return slices.Contains(sideTypes, t) })
}

// Kind is what a page shows, in a word: the type of the first thing in its JSON-LD, or "meta tags"; empty if it shows
// nothing.
func (p *Page) Kind() string {
	for _, block := range p.Blocks {
		var v any
		if decode(block, &v) == nil {
			if kind := thingIn(v, maxNesting); kind != "" {
				return kind
			}
		}
	}
	if p.Thing() != nil {
		return "meta tags"
	}
	return ""
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
		case thingIn(v, maxNesting) != "":
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

// thingIn is the type of the first thing in a value that is not only beside what a page shows; empty if there is none.
func thingIn(v any, depth int) string {
	if depth == 0 {
		return ""
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if kind := thingIn(x, depth-1); kind != "" {
				return kind
			}
		}
	case map[string]any:
		if types := typesOf(v["@type"]); !IsSide(types) {
			return types[0]
		}
		for _, key := range []string{"@graph", "mainEntity", "schema:mainEntity"} {
			if kind := thingIn(v[key], depth-1); kind != "" {
				return kind
			}
		}
	}
	return ""
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
