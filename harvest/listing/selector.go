package listing

import (
	"fmt"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// A selector says where in a tree a value stands. It is a CSS selector, and after an @ may follow the attribute that is
// taken instead of the text: "h3", ".date time@datetime", "@id" (of the row itself).
type selector struct {
	text string
	css  cascadia.Selector // nil: the element itself
	attr string
}

// compile reads a selector. name is its name in the configuration.
func compile(name, text string) (*selector, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	s := &selector{text: text}
	css := text
	if i := strings.LastIndexByte(text, '@'); i > strings.LastIndexByte(text, ']') {
		css, s.attr = strings.TrimSpace(text[:i]), strings.ToLower(text[i+1:])
		if s.attr == "" || strings.ContainsAny(s.attr, " .#>:") {
			return nil, fmt.Errorf("%s: %q: after @ stands the name of an attribute, such as @href", name, text)
		}
	}
	if css == "" {
		return s, nil
	}
	var err error
	if s.css, err = cascadia.Compile(css); err != nil {
		return nil, fmt.Errorf("%s: %q is not a CSS selector: %w", name, text, err)
	}
	return s, nil
}

// find returns the elements inside in that the selector matches, in the order of the page.
func (s *selector) find(in *goquery.Selection) *goquery.Selection {
	switch {
	case s == nil:
		return &goquery.Selection{}
	case s.css == nil:
		return in
	}
	return in.FindMatcher(s.css)
}

// line returns the first value that is not empty, in one line.
func (s *selector) line(in *goquery.Selection) string {
	for _, n := range s.find(in).Nodes {
		if v := s.value(n); v != "" {
			return strings.ReplaceAll(v, "\n\n", " ")
		}
	}
	return ""
}

// paragraphs returns all values, as one paragraph or several each.
func (s *selector) paragraphs(in *goquery.Selection) string {
	var values []string
	nodes := s.find(in).Nodes
	within := map[*html.Node]bool{}
	for _, n := range nodes {
		within[n] = true
	}
	for _, n := range nodes {
		if hasAncestor(n, within) {
			continue // its text is part of another match's
		}
		if v := s.value(n); v != "" {
			values = append(values, v)
		}
	}
	return strings.Join(values, "\n\n")
}

func hasAncestor(n *html.Node, in map[*html.Node]bool) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if in[p] {
			return true
		}
	}
	return false
}

func (s *selector) value(n *html.Node) string {
	if s.attr == "" {
		return blockText(n, nil)
	}
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == s.attr {
			return oneLine(strings.TrimFunc(a.Val, isBlank))
		}
	}
	return ""
}
