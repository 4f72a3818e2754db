package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxFile bounds a file, in bytes.
const maxFile = 1 << 20

// A file is where nodes stand.
type file struct {
	name string // as the user named it, or as it was included
	dir  string // absolute: relative paths in the file start here
}

// A place is somewhere in a file.
type place struct {
	file         *file
	line, column int // from 1; 0 for the file as a whole
}

func (p place) String() string { return fmt.Sprintf("%s:%d:%d", p.file.name, p.line, p.column) }

type shape int

const (
	null shape = iota
	scalar
	list
	mapping
)

func (s shape) String() string {
	return [...]string{"nothing", "a single value", "a list", "a group of keys"}[s]
}

// A node is a value and where it stands.
type node struct {
	place
	shape  shape
	text   string // of a scalar: as written, without quotes
	inside int    // the column at which text begins, where it stands in one line as it is; else 0
	items  []*node
	fields []*field
}

// A field is a key of a mapping, with its value. The keys of a node are distinct.
type field struct {
	place
	key       string
	value     *node
	inherited bool // comes from the defaults
}

// field finds a key of a mapping; nil if it is not there.
func (n *node) field(key string) *field {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.key == key {
			return f
		}
	}
	return nil
}

// A reader turns files into nodes.
type reader struct {
	*collector
}

func (r *reader) problem(p place, key, format string, args ...any) {
	r.add(Problem{File: p.file.name, Line: p.line, Column: p.column, Key: key, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) warning(p place, key, format string, args ...any) {
	r.add(Problem{File: p.file.name, Line: p.line, Column: p.column, Key: key, Message: fmt.Sprintf(format, args...), Warning: true})
}

// tree reads a file's bytes. It is nil if the file is empty or no YAML; the latter has been told.
func (r *reader) tree(f *file, data []byte) *node {
	top := place{file: f, line: 1, column: 1}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > maxFile {
		r.problem(place{file: f}, "", "is larger than %v; part it with include:", Size(maxFile))
		return nil
	}
	if at, what := badText(data); what != "" {
		before := data[:at]
		top.line += bytes.Count(before, []byte("\n"))
		top.column = utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
		r.problem(top, "", "%s; save the file as plain UTF-8 text", what)
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if p, what := refuse(f, tokens); what != "" {
		r.problem(p, "", "%s", what)
		return nil
	}
	r.hash(f, tokens)
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		p, what := syntax(f, err)
		r.problem(p, "", "%s", what)
		return nil
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return nil
	}
	return r.node(f, parsed.Docs[0].Body, "")
}

// badText finds what text does not have.
func badText(data []byte) (at int, what string) {
	for i := 0; i < len(data); {
		c, n := utf8.DecodeRune(data[i:])
		switch {
		case c == utf8.RuneError && n == 1:
			return i, "is not UTF-8 here"
		case forbidden(c):
			return i, fmt.Sprintf("a control character (%U) stands here", c)
		}
		i += n
	}
	return 0, ""
}

// forbidden characters have no place in a configuration, and some of them none in the XML that is made of it.
func forbidden(c rune) bool {
	return c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f || c == 0xfffe || c == 0xffff
}

// syntax says what the parser did not understand.
func syntax(f *file, err error) (place, string) {
	p := place{file: f, line: 1, column: 1}
	what := err.Error()
	var e yaml.Error
	if errors.As(err, &e) {
		what = e.GetMessage()
		if t := e.GetToken(); t != nil {
			p = at(f, t)
		}
	}
	what = strings.ReplaceAll(what, "\n", " ")
	if strings.Contains(what, "'\t'") || strings.HasPrefix(what, "tab ") {
		return p, "a tab stands where only spaces may; indent with spaces"
	}
	return p, "is not valid YAML: " + what + "; look at the indentation, quotes and brackets here and just above"
}

func at(f *file, t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{file: f, line: 1, column: 1}
	}
	return place{file: f, line: max(t.Position.Line, 1), column: max(t.Position.Column, 1)}
}

// node turns what the parser made into ours; key is its name in problems.
func (r *reader) node(f *file, n ast.Node, key string) *node {
	out := &node{place: at(f, n.GetToken())}
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.MappingNode:
		out.shape = mapping
		if !n.IsFlowStyle && len(n.Values) > 0 {
			out.place = at(f, n.Values[0].Key.GetToken())
		}
		r.fields(f, out, n.Values, key)
	case *ast.MappingValueNode:
		out.shape = mapping
		out.place = at(f, n.Key.GetToken())
		r.fields(f, out, []*ast.MappingValueNode{n}, key)
	case *ast.SequenceNode:
		out.shape = list
		for i, v := range n.Values {
			out.items = append(out.items, r.node(f, v, fmt.Sprintf("%s[%d]", key, i)))
		}
	case *ast.LiteralNode:
		out.shape, out.text = scalar, n.Value.Value
	case *ast.StringNode:
		out.shape, out.text = scalar, n.Value
		if before := strings.Index(strings.TrimSpace(n.Token.Origin), n.Value); before >= 0 {
			out.inside = out.column + before
		}
	default:
		out.shape, out.text = scalar, n.GetToken().Value
	}
	return out
}

// hash warns of values that were meant to begin with "#", as CSS selectors do.
func (r *reader) hash(f *file, tokens token.Tokens) {
	for _, t := range tokens {
		colon := t.Prev
		if t.Type != token.CommentType || colon == nil || colon.Type != token.MappingValueType ||
			colon.Position.Line != t.Position.Line || colon.Prev == nil {
			continue
		}
		if after := t.Next; after != nil && after.Position.Column > colon.Prev.Position.Column {
			continue // the value is in the next line
		}
		if first, _ := utf8.DecodeRuneInString(t.Value); unicode.IsLetter(first) || first == '-' {
			r.warning(at(f, t), colon.Prev.Value,
				`has no value: what follows "#" is a comment; if it is the value, quote it: "#%s"`, strings.TrimSpace(t.Value))
		}
	}
}

func (r *reader) fields(f *file, out *node, values []*ast.MappingValueNode, under string) {
	if len(values) > maxKeys {
		r.problem(out.place, under, "%s", tooManyKeys)
		return
	}
	for _, v := range values {
		t := v.Key.GetToken()
		p, name := at(f, t), t.Value
		key := join(under, name)
		if old := out.field(name); old != nil {
			r.problem(p, key, "is given twice; the first is in line %d", old.line)
			continue
		}
		out.fields = append(out.fields, &field{place: p, key: name, value: r.node(f, v.Value, key)})
	}
}

// join makes the name of a key below another.
func join(under, key string) string {
	if under == "" {
		return key
	}
	return under + "." + key
}
