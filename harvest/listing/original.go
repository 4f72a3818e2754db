package listing

import (
	"bytes"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// Format prefixes of items.
const (
	rowFormat  = "listing"      // a row: the JSON object that the package describes
	pageFormat = "listing-page" // a page that was rejected as a whole: its bytes
)

// appendOriginal writes a row as JSON, its members in the order that the package describes.
func appendOriginal(dst []byte, r *row, raw string) []byte {
	dst = append(dst, '{')
	for _, m := range [...]struct {
		name, value string
		always      bool
	}{
		{"date", r.date, false}, {"title", r.title, true}, {"summary", r.summary, false}, {"link", r.link, false},
		{"id", r.id, false}, {"kind", r.kind, false}, {"row", raw, false},
	} {
		if m.value == "" && !m.always {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = append(dst, m.name...)
		dst = append(dst, '"', ':')
		dst = wording.AppendJSON(dst, m.value)
	}
	return append(dst, '}')
}

// Canonical returns the part of an original that counts when versions of an item are compared. That is everything except
// the row, which is the last member.
func Canonical(original []byte) []byte {
	// A quotation mark inside a value is escaped, so these bytes begin the member and stand nowhere else.
	i := bytes.LastIndex(original, []byte(`,"row":"`))
	if i < 0 {
		return original
	}
	return append(original[:i:i], '}')
}
