package listing

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// blockText returns the text of a node as a browser shows it: paragraphs with a blank line between, and white space
// folded. Nodes in skip are left out.
func blockText(n *html.Node, skip map[*html.Node]bool) string {
	w := blockWriter{skip: skip}
	w.node(n)
	w.breakBlock()
	return strings.Join(w.blocks, "\n\n")
}

// A blockWriter gathers the text of a tree, block by block.
type blockWriter struct {
	skip   map[*html.Node]bool
	blocks []string
	text   strings.Builder // of the block being read
	breaks int             // <br> in a row: two make a paragraph
}

func (w *blockWriter) node(n *html.Node) {
	switch {
	case w.skip[n]:
		w.breakBlock()
		return
	case n.Type == html.TextNode:
		if strings.TrimFunc(n.Data, isBlank) != "" {
			w.breaks = 0
		}
		w.text.WriteString(n.Data)
		return
	case n.Type == html.ElementNode && unseen[n.DataAtom]:
		return
	case n.DataAtom == atom.Br:
		w.text.WriteByte(' ')
		if w.breaks++; w.breaks == 2 {
			w.breakBlock()
		}
		return
	}
	block := n.Type == html.ElementNode && isBlock[n.DataAtom]
	if block {
		w.breakBlock()
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
	if block {
		w.breakBlock()
	}
}

func (w *blockWriter) breakBlock() {
	if s := oneLine(strings.TrimFunc(w.text.String(), isBlank)); s != "" {
		w.blocks = append(w.blocks, s)
	}
	w.text.Reset()
	w.breaks = 0
}

var unseen = map[atom.Atom]bool{
	atom.Head: true, atom.Script: true, atom.Style: true, atom.Template: true, atom.Noscript: true, atom.Iframe: true,
	atom.Select: true, atom.Textarea: true, atom.Svg: true,
}

var isBlock = map[atom.Atom]bool{
	atom.Address: true, atom.Article: true, atom.Aside: true, atom.Blockquote: true, atom.Body: true,
	atom.Dd: true, atom.Details: true, atom.Div: true, atom.Dl: true, atom.Dt: true, atom.Fieldset: true,
	atom.Figcaption: true, atom.Figure: true, atom.Footer: true, atom.Form: true, atom.H1: true, atom.H2: true,
	atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Header: true, atom.Hr: true, atom.Html: true,
	atom.Li: true, atom.Main: true, atom.Nav: true, atom.Ol: true, atom.P: true, atom.Pre: true,
	atom.Section: true, atom.Table: true, atom.Tbody: true, atom.Td: true, atom.Th: true, atom.Tr: true, atom.Ul: true,
}
