package listing

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// hashBytes is how many bytes of the hash a key has.
const hashBytes = 20

// HashKey returns the key of a record that has no identifier and no link: "h-" and 40 hexadecimal digits, computed from
// the canonical name of the listing, the title, and the date as written. It must never change, because identifiers are
// made of it.
func HashKey(canonical, title, date string) string {
	h := sha256.New()
	for _, part := range []string{canonical, fold(title), fold(date)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return "h-" + hex.EncodeToString(h.Sum(nil)[:hashBytes])
}

// fold makes texts equal that readers take for the same: it ignores case, and folds Unicode forms (NFC) and white space.
func fold(s string) string {
	s = oneLine(strings.ToValidUTF8(s, "\ufffd"))
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(s)))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
