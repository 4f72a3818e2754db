package crosswalk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// jsonldFamily reads schema.org JSON-LD: a JSON object, or the first script of an HTML page that
// has one. It is read as JSON, after the usual variations are evened out: of a @graph or a list the main thing is
// taken, names lose a "schema:" or "http://schema.org/" before them, and a path sees no difference between a list of
// texts and a single text.
type jsonldFamily struct{ jsonFamily }

// sideTypes are the types of what a @graph has beside its main thing.
var sideTypes = []string{"WebSite", "WebPage", "BreadcrumbList", "Organization", "Person", "ImageObject", "SearchAction", "ListItem", "SiteNavigationElement"}

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
	return mainThing(v, "")
}

// fromPage finds the thing that a page is about, in whichever of its scripts that is. A script that can't be read is passed
// over, if another one can.
func fromPage(page []byte) (node, error) {
	root, err := htmlFamily{}.open(nil, page)
	if err != nil {
		return nil, err
	}
	doc := goquery.NewDocumentFromNode(htmlNode(root))
	scripts := doc.Find(`script[type="application/ld+json"]`)
	if scripts.Length() == 0 {
		return nil, fmt.Errorf("%w: the page has no script of type application/ld+json", ErrMalformed)
	}
	var blocks []any
	var failed error
	scripts.Each(func(_ int, s *goquery.Selection) {
		v, err := readJSON(repairControls([]byte(s.Text())))
		if err != nil {
			failed = err
			return
		}
		blocks = append(blocks, v)
	})
	if len(blocks) == 0 {
		return nil, failed
	}
	address, _ := doc.Find(`link[rel="canonical"]`).Attr("href")
	return mainThing(blocks, address)
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
func mainThing(v any, address string) (node, error) {
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

func isSide(t map[string]any) bool {
	kinds := typesOf(t)
	return len(kinds) == 0 || slices.ContainsFunc(kinds, func(k string) bool { return slices.Contains(sideTypes, k) })
}

// isAt reports whether a thing says that it is at the address, or what the page there is about.
func isAt(t map[string]any, address string) bool {
	for _, key := range []string{"@id", "url", "mainEntityOfPage"} {
		if textAt(t, key) == address || textOf(t[key], "@id") == address {
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

func plainName(s string) string {
	for _, p := range []string{"schema:", "sdo:", "http://schema.org/", "https://schema.org/", "http://www.schema.org/", "https://www.schema.org/"} {
		if rest, ok := strings.CutPrefix(s, p); ok && rest != "" {
			return rest
		}
	}
	return s
}
