package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// A marcForm reads MARC records.
type marcForm struct {
	key  keyOf
	text string // as it was configured
	// unkeyed says that whoever reads the records knows what they are called: one without an identifier has an empty key.
	unkeyed bool
	// encoding is how records in ISO 2709 are written that are not UTF-8, as it was configured, and otherwise its decoder;
	// nil if their leaders say it.
	encoding  string
	otherwise marc.Decoder
	remedy    string // what to do about records whose encoding is not known
}

// id is that of the key alone for the default encoding, as cursors have had it before there was another.
func (m *marcForm) id() string {
	if m.otherwise == nil {
		return m.text
	}
	return m.text + " in " + m.encoding
}

func (m *marcForm) what() string { return "a file of MARC records" }

func (m *marcForm) accepts() string {
	return "application/marc, application/marcxml+xml, application/xml;q=0.9, */*;q=0.1"
}

func (m *marcForm) unpack(r io.ReaderAt, size int64, b budget, use func(entry) error) error {
	return unpack(r, size, b, use)
}

// records reads the records of a stream. The error is one of the stream.
func (m *marcForm) records(x *reading, place string, start []byte, e entry) error {
	if !LooksLikeMARC(start) {
		return x.notThis(place, start, "the file is not MARC: it begins neither like a record in ISO 2709 nor like MARCXML")
	}
	p := marc.Parser{Otherwise: m.otherwise}
	n := 0
	for data, err := range marc.Split(e.in) {
		n++
		at := fmt.Sprintf("%s#%d", place, n)
		var one *marc.RecordError
		var t met
		switch {
		case errors.As(err, &one):
			t.item = m.broken(one.Data, at, one.Err)
			t.short = errors.Is(one.Err, marc.ErrCutShort)
		case err != nil:
			return err
		default:
			t.item = m.item(&p, data, at)
		}
		t.unproven = strings.HasPrefix(t.item.Key, filePrefix)
		if err := x.tell(t); err != nil {
			return err
		}
	}
	if n == 0 {
		return x.tell(met{warn: warnEmpty})
	}
	return nil
}

// blank is what may stand before a record.
const blank = "\ufeff \t\r\n\x00\x1a"

// LooksLikeMARC reports whether a file may hold MARC records, by its beginning: XML, lines of MarcEdit, or the marks of
// ISO 2709.
func LooksLikeMARC(start []byte) bool {
	text := bytes.TrimLeft(start, blank)
	return bytes.HasPrefix(text, []byte("<")) || bytes.HasPrefix(text, []byte("=LDR")) || bytes.HasPrefix(text, []byte("=000")) ||
		bytes.IndexByte(text, 0x1e) > 0 || bytes.IndexByte(text, 0x1d) > 0
}
