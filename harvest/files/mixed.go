package files

import (
	"bytes"
	"io"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Mixed are files of which each may hold MARC records, or anything that [Documents] reads. Which of them a file is, its
// bytes say. A Key that names a place in a MARC record is for these too; with any other, they have that of the default.
type Mixed struct {
	Documents
	// Unkeyed says that whoever reads the records knows what they are called: one without an identifier has an empty key.
	Unkeyed bool
}

var _ Form = (*Mixed)(nil)

func (m *Mixed) id() string { return "mixed " + m.Documents.id() }

func (m *Mixed) accepts() string { return "application/marc, " + m.Documents.accepts() }

func (m *Mixed) unpack(r io.ReaderAt, size int64, b budget, use func(entry) error) error {
	return m.Documents.unpack(r, size, b, use)
}

func (m *Mixed) records(x *reading, place string, start []byte, e entry) error {
	if e.sheets == nil && holdsMARC(start) {
		return m.marc().records(x, place, start, e)
	}
	other := m.Documents
	other.unkeyed = m.Unkeyed
	return other.records(x, place, start, e)
}

func (m *Mixed) marc() *marcForm {
	text := m.Key
	if CheckKey(text) != nil {
		text = ""
	}
	key, err := parseKey(text)
	if err != nil {
		panic(err) // it was checked
	}
	return &marcForm{key: key, text: text, unkeyed: m.Unkeyed, remedy: "export it in UTF-8"}
}

// holdsMARC says whether a stream that begins so holds MARC records, and nothing else. A response of OAI-PMH may hold
// such records too, but has their identifiers and deletions in its headers.
func holdsMARC(start []byte) bool {
	text := bytes.TrimLeft(start, blank)
	switch {
	case len(text) == 0 || text[0] == '{' || text[0] == '[':
		return false
	case text[0] == '<':
		return rootOfMARC(text)
	case bytes.HasPrefix(text, []byte("=LDR")) || bytes.HasPrefix(text, []byte("=000")):
		return true
	}
	const length = 5 // digits at the beginning of a leader
	leader := len(text) > length && len(bytes.Trim(text[:length], "0123456789")) == 0
	return leader && bytes.IndexByte(text, 0x1e) > 0 || !bytes.HasPrefix(start, []byte("\xff\xfe")) && bytes.IndexByte(text, 0x1d) > 0
}

// rootOfMARC says whether XML begins with an element of MARCXML, with or without its namespace.
func rootOfMARC(text []byte) bool {
	scan := xmlscan.New(text, xmlscan.Limits{})
	for {
		switch kind, err := scan.Next(); {
		case err != nil || kind == xmlscan.EOF:
			return false
		case kind == xmlscan.Start:
			name := string(scan.Local())
			return scan.Space() == marcXML || scan.Space() == "" && (name == "collection" || name == "record") && !otherXML(text)
		}
	}
}
