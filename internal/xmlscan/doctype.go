package xmlscan

import "bytes"

// Bounds of what a document type may declare, and of what its entities may become.
const (
	maxEntities   = 1000
	maxEntity     = 1 << 10 // bytes of one
	maxExpansions = 1 << 20 // bytes of all references together
)

// An entity is what a document type declares. One that is refused is named when the document refers to it.
type entity struct {
	text    []byte
	refused string
}

// WithoutType is a document without its document type, and with what that declares in place of the references to it. A
// [Scanner] refuses document types, because most of what they can do is harm: so this does only what old catalogues need.
// An entity that is plain text is put in; one that is in a file or on a server, or holds markup or references to others,
// makes the document an error where it is used. Nothing is fetched, and what is declared elsewhere counts as unknown.
// A document without type is returned as it is.
func WithoutType(doc []byte) ([]byte, error) {
	s := New(doc, Limits{})
	from, ok := typeAt(doc)
	if !ok {
		return doc, nil
	}
	d := typeReader{Scanner: s, entities: map[string]entity{}, i: from + len("<!DOCTYPE")}
	if err := d.read(); err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, len(doc)), doc[:from]...)
	return d.expand(out)
}

// typeAt finds a document type at the start of a document, behind instructions and comments.
func typeAt(doc []byte) (at int, ok bool) {
	i := 0
	if bytes.HasPrefix(doc, []byte("\ufeff")) {
		i = 3
	}
	for {
		for i < len(doc) && isBlank(doc[i]) {
			i++
		}
		switch rest := doc[i:]; {
		case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
			return i, true
		case bytes.HasPrefix(rest, []byte("<?")), bytes.HasPrefix(rest, []byte("<!--")):
			i += markupLen(rest)
		default:
			return 0, false
		}
	}
}

// markupLen is how many bytes a comment, an instruction, a CDATA section or the sign that begins a tag has at the start of
// a text: all there are if it has no end.
func markupLen(rest []byte) int {
	from, end := 0, []byte(nil)
	switch {
	case bytes.HasPrefix(rest, cdataOpen):
		end = cdataClose
	case bytes.HasPrefix(rest, []byte("<!--")):
		from, end = 4, []byte("-->")
	case bytes.HasPrefix(rest, []byte("<?")):
		end = piClose
	default:
		return 1
	}
	n := bytes.Index(rest[from:], end)
	if n < 0 {
		return len(rest)
	}
	return from + n + len(end)
}

// A typeReader reads a document type, and then the document behind it.
type typeReader struct {
	*Scanner
	entities map[string]entity
	i        int
	expanded int
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// read reads to the end of the document type.
func (d *typeReader) read() error {
	inside := false
	for d.i < len(d.data) {
		switch rest := d.data[d.i:]; {
		case rest[0] == '"' || rest[0] == '\'':
			if _, ok := d.literal(); !ok {
				return d.truncated("a document type")
			}
		case rest[0] == '[':
			inside = true
			d.i++
		case rest[0] == ']':
			inside = false
			d.i++
		case rest[0] == '>' && !inside:
			d.i++
			return nil
		case bytes.HasPrefix(rest, []byte("<!ENTITY")):
			if err := d.declaration(); err != nil {
				return err
			}
		case bytes.HasPrefix(rest, []byte("<!--")):
			n := bytes.Index(rest, []byte("-->"))
			if n < 0 {
				return d.truncated("a comment")
			}
			d.i += n + 3
		default:
			d.i++
		}
	}
	return d.truncated("a document type")
}

// literal reads a text in quotation marks.
func (d *typeReader) literal() (text []byte, ok bool) {
	n := bytes.IndexByte(d.data[d.i+1:], d.data[d.i])
	if n < 0 {
		return nil, false
	}
	text = d.data[d.i+1 : d.i+1+n]
	d.i += n + 2
	return text, true
}

func (d *typeReader) word() string {
	for d.i < len(d.data) && isBlank(d.data[d.i]) {
		d.i++
	}
	from := d.i
	for d.i < len(d.data) && !isBlank(d.data[d.i]) && bytes.IndexByte([]byte(`"'<>[]`), d.data[d.i]) < 0 {
		d.i++
	}
	return string(d.data[from:d.i])
}

// declaration reads the declaration of an entity. The first one of a name counts (XML 1.0, section 4.2).
func (d *typeReader) declaration() error {
	at := d.i
	d.i += len("<!ENTITY")
	name, e := d.word(), entity{}
	if name == "%" {
		name = "%" + d.word() // which only the document type itself could use
	}
	if external := d.word(); external != "" {
		e.refused = "is declared as " + external + ", which would have to be fetched"
	}
	for texts := 0; ; {
		switch word := d.word(); {
		case word != "": // of a picture, the notation
		case d.i >= len(d.data):
			return d.truncated("the declaration of an entity")
		case d.data[d.i] == '>':
			d.i++
			if texts == 0 {
				return d.errorAt(at, "the declaration of an entity has no text")
			}
			if _, had := d.entities[name]; !had && len(d.entities) < maxEntities {
				d.entities[name] = e
			}
			return nil
		case d.data[d.i] != '"' && d.data[d.i] != '\'':
			return d.errorAt(d.i, "the declaration of an entity can't be read")
		default:
			text, ok := d.literal()
			if !ok {
				return d.truncated("the declaration of an entity")
			}
			if texts++; e.refused == "" {
				e = entityOf(text)
			}
		}
	}
}

// entityOf is the entity that a text declares.
func entityOf(text []byte) entity {
	switch {
	case len(text) > maxEntity:
		return entity{refused: "is longer than 1 KiB"}
	case bytes.IndexByte(text, '<') >= 0:
		return entity{refused: "holds markup"}
	}
	for rest := text; ; {
		n := bytes.IndexByte(rest, '&')
		if n < 0 {
			break
		}
		rest = rest[n+1:]
		end := bytes.IndexByte(rest, ';')
		if end < 0 {
			return entity{refused: "holds an & that begins no reference"}
		}
		if _, ok := resolve(rest[:end]); !ok {
			return entity{refused: "refers to another entity"}
		}
	}
	text = bytes.ReplaceAll(text, []byte(`"`), []byte("&#34;")) // it may stand in an attribute
	return entity{text: bytes.ReplaceAll(text, []byte("'"), []byte("&#39;"))}
}

// expand appends what follows the document type, with the texts of entities.
func (d *typeReader) expand(dst []byte) ([]byte, error) {
	for d.i < len(d.data) {
		rest := d.data[d.i:]
		n := bytes.IndexAny(rest, "&<")
		if n < 0 {
			return append(dst, rest...), nil
		}
		dst, rest, d.i = append(dst, rest[:n]...), rest[n:], d.i+n
		if rest[0] == '&' {
			name, _, _ := bytes.Cut(rest[1:min(len(rest), 1+maxEntity)], []byte(";"))
			if e, declared := d.entities[string(name)]; declared { // the scanner speaks of others
				text, err := d.use(e, name)
				if err != nil {
					return nil, err
				}
				dst = append(dst, text...)
				d.i += len(name) + 2
				continue
			}
		}
		n = markupLen(rest)
		dst = append(dst, rest[:n]...)
		d.i += n
	}
	return dst, nil
}

// use is the text of an entity that the document refers to.
func (d *typeReader) use(e entity, name []byte) ([]byte, error) {
	if e.refused != "" {
		return nil, d.errorAt(d.i, "&%s; %s, so the document can't be read without losing it; put its text in its place", name, e.refused)
	}
	if d.expanded += len(e.text); d.expanded > maxExpansions {
		return nil, d.overLimit(d.i, "the entities of the document become more than %d bytes", maxExpansions)
	}
	return e.text, nil
}
