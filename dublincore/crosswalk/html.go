package crosswalk

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// htmlFamily reads an HTML page. Its selectors are CSS; its nodes are *html.Node.
type htmlFamily struct{}

// maxHTMLDepth bounds the nesting of a page. The HTML parser takes any depth, so it is checked after
// parsing, before anything recurses.
const maxHTMLDepth = 512

type cssSelector struct {
	css  cascadia.SelectorGroup // nil: the thing itself
	attr string
}

func (htmlFamily) selector(_ *compiler, text string, _ bool) (selector, error) {
	var s cssSelector
	css := text
	if at := strings.LastIndexByte(text, '@'); at >= 0 && !strings.ContainsAny(text[at:], "]\"'") {
		css, s.attr = strings.TrimSpace(text[:at]), strings.ToLower(text[at+1:])
	}
	if css != "" {
		group, err := cascadia.ParseGroup(css)
		if err != nil {
			return nil, fmt.Errorf("the CSS selector %q is not understood: %v", css, err)
		}
		s.css = group
	} else if s.attr == "" {
		return nil, fmt.Errorf("the selector is empty")
	}
	return s, nil
}

func (htmlFamily) open(_ *run, original []byte) (node, error) {
	root, err := html.ParseWithOptions(bytes.NewReader(original), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	depth, n := 0, root
	for n != nil {
		if n.FirstChild != nil {
			if depth++; depth > maxHTMLDepth {
				return nil, fmt.Errorf("%w: the page is nested deeper than %d", ErrTooLarge, maxHTMLDepth)
			}
			n = n.FirstChild
			continue
		}
		for n != nil && n.NextSibling == nil {
			n = n.Parent
			depth--
		}
		if n != nil {
			n = n.NextSibling
		}
	}
	return root, nil
}

func (htmlFamily) label(n node) string {
	el, ok := n.(*html.Node)
	if !ok {
		return ""
	}
	var parts []string
	for ; el != nil && el.Type == html.ElementNode; el = el.Parent {
		parts = append([]string{el.Data}, parts...)
	}
	return strings.Join(parts, " > ")
}

func (s cssSelector) find(_ *run, from node, dst []item) []item {
	root, ok := from.(*html.Node)
	if !ok {
		return dst
	}
	found := []*html.Node{root}
	if s.css != nil {
		found = cascadia.QueryAll(root, s.css)
	}
	for _, n := range found {
		it := item{node: n, lang: htmlLang(n)}
		if s.attr == "" {
			it.text = goquery.NewDocumentFromNode(n).Text()
		} else {
			it.text, it.lang = htmlAttr(n, s.attr), ""
		}
		if strings.TrimSpace(it.text) != "" {
			dst = append(dst, it)
		}
	}
	return dst
}

func htmlAttr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func htmlLang(n *html.Node) string {
	for ; n != nil; n = n.Parent {
		if lang := htmlAttr(n, "lang"); lang != "" {
			return lang
		}
	}
	return ""
}
