package oaipmh

import "bytes"

// A readLexer cuts a document into tags and what is between them. It works on broken documents too, because it does
// not look at characters, references or attributes, and takes a "<" that begins nothing for text.
type readLexer struct {
	data []byte
	pos  int
}

type readKind uint8

const (
	readEOF readKind = iota
	readText
	readStartTag
	readEndTag
	readEmptyTag
	readComment
	readCDATA
	readInstruction
	readDoctype
	readCut // a tag, comment… that does not end
)

// A readSpan is one piece: data[from:to].
type readSpan struct {
	kind     readKind
	from, to int
	name     []byte // of tags, as written
}

func (l *readLexer) next() readSpan {
	from := l.pos
	if from >= len(l.data) {
		return readSpan{kind: readEOF, from: from, to: from}
	}
	if !l.markup(from) {
		to := from + 1
		for {
			n := bytes.IndexByte(l.data[to:], '<')
			if n < 0 {
				to = len(l.data)
				break
			}
			if to += n; l.markup(to) {
				break
			}
			to++
		}
		l.pos = to
		return readSpan{kind: readText, from: from, to: to}
	}
	rest := l.data[from:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return l.until(readComment, 4, "-->")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return l.until(readCDATA, 9, "]]>")
	case bytes.HasPrefix(rest, []byte("<!")):
		return l.until(readDoctype, 2, ">")
	case bytes.HasPrefix(rest, []byte("<?")):
		return l.until(readInstruction, 2, "?>")
	}
	return l.tag()
}

// markup reports whether the byte at i begins a tag, a comment or the like.
func (l *readLexer) markup(i int) bool {
	if l.data[i] != '<' {
		return false
	}
	if i+1 == len(l.data) {
		return true
	}
	switch c := l.data[i+1]; {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == '?', c >= 0x80:
		return true
	case c == '/':
		return i+2 == len(l.data) || l.data[i+2] != ' '
	case c == '!':
		rest := l.data[i:]
		for _, opening := range []string{"<!--", "<![CDATA[", "<!DOCTYPE"} {
			if n := min(len(rest), len(opening)); string(rest[:n]) == opening[:n] {
				return true
			}
		}
	}
	return false
}

func (l *readLexer) until(kind readKind, skip int, end string) readSpan {
	from := l.pos
	n := -1
	if from+skip <= len(l.data) {
		n = bytes.Index(l.data[from+skip:], []byte(end))
	}
	if n < 0 {
		l.pos = len(l.data)
		return readSpan{kind: readCut, from: from, to: l.pos}
	}
	l.pos = from + skip + n + len(end)
	return readSpan{kind: kind, from: from, to: l.pos}
}

// tag reads a tag. A ">" in quotes does not end it.
func (l *readLexer) tag() readSpan {
	from := l.pos
	span := readSpan{kind: readStartTag, from: from}
	i := from + 1
	if i < len(l.data) && l.data[i] == '/' {
		span.kind = readEndTag
		i++
	}
	nameFrom := i
	for i < len(l.data) && bytes.IndexByte([]byte(" \t\r\n/><"), l.data[i]) < 0 {
		i++
	}
	span.name = l.data[nameFrom:i]
	var quote byte
	for ; i < len(l.data); i++ {
		c := l.data[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && span.kind == readStartTag:
			quote = c
		case c == '>':
			if span.kind == readStartTag && l.data[i-1] == '/' {
				span.kind = readEmptyTag
			}
			l.pos, span.to = i+1, i+1
			return span
		}
	}
	l.pos = len(l.data)
	return readSpan{kind: readCut, from: from, to: l.pos}
}

func readLocal(name []byte) string {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	return string(name)
}
