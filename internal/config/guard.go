package config

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// Bounds of one file. They are checked before it is parsed, because the parser recurses, and compares all keys of a mapping
// with each other.
const (
	maxTokens = 400_000
	maxDepth  = 24   // of brackets, and of dashes on a line
	maxIndent = 200  // columns before what opens a level
	maxKeys   = 5000 // of one mapping
)

var tooManyKeys = fmt.Sprintf("has more than %d keys in one place; part it with include:", maxKeys)

// refuse finds the first thing that a configuration doesn't use, or that would make the parser work too hard.
func refuse(f *file, tokens token.Tokens) (p place, what string) {
	if len(tokens) > maxTokens {
		return place{file: f}, "holds too much; part it with include:"
	}
	var g guard
	for _, t := range tokens {
		if t.Type == token.CommentType {
			continue
		}
		for _, look := range []func(*token.Token) string{g.document, unused, g.depth, g.width} {
			if what := look(t); what != "" {
				return at(f, t), what
			}
		}
	}
	return p, ""
}

// A guard goes along the tokens of a file.
type guard struct {
	begun, ended bool               // the one document
	flow         int                // brackets that are open
	dashes, line int                // dashes in this line
	keys         [maxIndent + 1]int // of the mapping that is open at each column
}

// document refuses a second document, because nobody would notice that it is not read.
func (g *guard) document(t *token.Token) string {
	switch {
	case t.Type == token.DocumentEndType:
		g.ended = true
	case g.ended, g.begun && t.Type == token.DocumentHeaderType:
		return `a second document begins here; take the "---" or "..." out, or use two files`
	default:
		g.begun = true
	}
	return ""
}

// unused refuses the parts of YAML that a configuration does not need.
func unused(t *token.Token) string {
	switch t.Type {
	case token.AnchorType, token.AliasType, token.MergeKeyType:
		return `anchors, aliases and "<<" are not used here; share settings with groups: or defaults:, and quote a value that begins with & or *`
	case token.TagType:
		return `tags are not used here; quote a value that begins with "!"`
	case token.DirectiveType:
		return `directives are not used here; quote a value that begins with "%"`
	case token.MappingKeyType:
		return `a key can't begin with "?"; quote it`
	}
	return ""
}

// depth bounds nesting, in brackets and by indentation.
func (g *guard) depth(t *token.Token) string {
	switch t.Type {
	case token.MappingStartType, token.SequenceStartType:
		g.flow++
	case token.MappingEndType, token.SequenceEndType:
		g.flow = max(g.flow-1, 0)
	case token.SequenceEntryType:
		if t.Position.Line != g.line {
			g.dashes, g.line = 0, t.Position.Line
		}
		g.dashes++
	}
	opens := g.flow == 0 && (t.Type == token.MappingValueType || t.Type == token.SequenceEntryType)
	if g.flow > maxDepth || g.dashes > maxDepth || opens && t.Position.IndentNum > maxIndent {
		return "is nested too deep"
	}
	return ""
}

// width bounds the keys of a mapping, and refuses keys in brackets that were none.
func (g *guard) width(t *token.Token) string {
	switch {
	case t.Type != token.MappingValueType:
		return ""
	case g.flow > 0 && glued(t):
		return `quote the value that has this colon in it, because inside { } the parser takes what stands before it for a key; or put a space behind the colon if it is one`
	case g.flow > 0:
		return ""
	}
	column := max(t.Position.IndentNum, 0)
	clear(g.keys[column+1:])
	if g.keys[column]++; g.keys[column] > maxKeys {
		return tooManyKeys
	}
	return ""
}

// glued tells whether a colon in brackets was meant to be part of a value, as in {urls: [tls://n1:4222]}:
// YAML says that it is, the parser (goccy/go-yaml 1.19) parts the value there.
func glued(colon *token.Token) bool {
	before, after := colon.Prev, colon.Next
	if before == nil || after == nil || before.Indicator == token.QuotedScalarIndicator {
		return false
	}
	switch after.Type {
	case token.CollectEntryType, token.MappingEndType, token.SequenceEndType:
		return false
	}
	return after.Position.Line == colon.Position.Line && after.Position.Column == colon.Position.Column+1
}
