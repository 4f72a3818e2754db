package files

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/harvest"
)

// Reasons of rejections.
const (
	reasonMalformed    = "malformed"     // a record or a file that can't be read
	reasonTooLarge     = "too_large"     // a record or an archive beyond the bounds
	reasonNoIdentifier = "no_identifier" // a record without an identifier at its place
	reasonUnsafe       = "unsafe_path"   // a link or an entry that leads out of its folder
)

// maxISO2709 is how long a record in ISO 2709 can say that it is, in bytes.
const maxISO2709 = 99_999

// keptBytes is how much is kept of a record that can't be used.
const keptBytes = 4 << 20

// marcXML is the namespace of MARCXML.
const marcXML = "http://www.loc.gov/MARC21/slim"

// formatOf is the format of a record by its first byte.
func formatOf(data []byte) harvest.Format {
	f := harvest.Format{Prefix: "marc21"}
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("<")) {
		f.Namespace = marcXML
	}
	return f
}

// form is what people call the form of a record.
func form(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("<")):
		return "MARCXML"
	case bytes.HasPrefix(data, []byte("=")):
		return "lines of MarcEdit"
	}
	return "ISO 2709"
}

// item makes an item of the bytes of a record, which are copied. place names the record for people.
func (m *marcForm) item(p *marc.Parser, data []byte, place string) harvest.Item {
	if len(data) > maxISO2709 && form(data) == "ISO 2709" {
		return m.broken(data, place, fmt.Errorf("%w: a record in ISO 2709 has at most %d bytes, and this one has %d; ask for an export in MARCXML", marc.ErrTooLarge, maxISO2709, len(data)))
	}
	rec, err := p.Parse(data)
	if err != nil {
		return m.broken(data, place, err)
	}
	if data, err = m.original(rec, data); err != nil {
		return m.broken(data, place, err)
	}
	item := harvest.Item{Key: m.key.of(rec), Format: formatOf(data), Original: bytes.Clone(data)}
	if rec.IsUNIMARC() {
		item.Format.Prefix = "unimarc"
	}
	switch {
	case item.Key == "" && !m.unkeyed:
		return rejected(place, data, reasonNoIdentifier, fmt.Sprintf("the record has no identifier in %s; key: says where the records of a source have it", m.key))
	case strings.ContainsRune(item.Key, utf8.RuneError): // others may be the same without the letters that were lost
		return rejected(place, data, reasonNoIdentifier, fmt.Sprintf("characters of the identifier in %s are lost", m.key))
	case len(rec.Leader) > 5 && rec.Leader[5] == 'd':
		item.Deleted, item.Original = true, nil
	}
	return item
}

// original is what is kept of a record. One in ISO 2709 that was read by the encoding of the configuration is written anew,
// in UTF-8, as a table is: whoever reads the original later knows nothing of the configuration.
func (m *marcForm) original(rec *marc.Record, data []byte) ([]byte, error) {
	if m.otherwise == nil || utf8.Valid(data) || form(data) != "ISO 2709" {
		return data, nil
	}
	out, err := rec.AppendISO2709(nil)
	if errors.Is(err, marc.ErrTooLarge) { // letters have more bytes in UTF-8
		out, err = rec.AppendMARCXML(nil)
	}
	if err != nil {
		return data, err
	}
	return out, nil
}

// broken is a record that can't be read. If its control number can be made out all the same, the record that the log has
// of it is known to be out of date.
func (m *marcForm) broken(data []byte, place string, err error) harvest.Item {
	detail := err.Error()
	if errors.Is(err, marc.ErrEncoding) {
		detail += "; " + m.remedy
	}
	item := rejected(place, data[:min(len(data), keptBytes)], reasonOf(err), detail)
	if key := m.key.salvage(data); key != "" {
		item.Key = key
	}
	return item
}

// filePrefix begins the name of what has no identifier.
const filePrefix = "file:"

// keyOfPlace is the key of what can't be used and is known by its place alone.
func keyOfPlace(place string) string { return filePrefix + strings.ToValidUTF8(place, "\ufffd") }

// rejected is an item that can't be used, under the name of its place.
func rejected(place string, data []byte, reason, detail string) harvest.Item {
	return harvest.Item{
		Key: keyOfPlace(place), Format: formatOf(data), Original: bytes.Clone(data),
		Rejected: &harvest.Rejection{Reason: reason, Detail: detail},
	}
}
