package xmlscan

import "unicode/utf8"

// escapes say what is written for a byte; a byte without an entry stands for itself.
type escapes [256]string

var (
	inText      = escapes{'<': "&lt;", '>': "&gt;", '&': "&amp;", '\r': "&#xD;"}
	inAttribute = escapes{'<': "&lt;", '>': "&gt;", '&': "&amp;", '\r': "&#xD;", '"': "&quot;"}
	// inName is for namespace names, which canonical forms have: they never change, because fingerprints are made of them.
	inName = escapes{'<': "&lt;", '&': "&amp;", '\r': "&#13;", '"': "&quot;", '\t': "&#9;", '\n': "&#10;"}
	exact  = func() (e escapes) {
		for c := range byte(' ') {
			e[c] = replacement
		}
		for c, with := range map[byte]string{'<': "&lt;", '>': "&gt;", '&': "&amp;", '"': "&#34;", '\t': "&#9;", '\n': "&#10;", '\r': "&#13;"} {
			e[c] = with
		}
		return e
	}()
)

// replacement stands for what XML 1.0 forbids.
const replacement = "\uFFFD"

// AppendText appends s as the text of an element. s must be clean, see [Clean]. A carriage return is written as a
// reference, because a parser would make a line feed of it.
func AppendText(dst []byte, s string) []byte { return appendEscaped(dst, s, &inText) }

// AppendAttribute appends s so that it may stand in an element or between double quotes, where a parser makes blanks of
// its tabs and line feeds. s must be clean, see [Clean].
func AppendAttribute(dst []byte, s string) []byte { return appendEscaped(dst, s, &inAttribute) }

// AppendExact appends s, whatever it holds, so that it is read as it is, in an element or between double quotes. Code
// points that XML 1.0 forbids, and bytes that are not UTF-8, become U+FFFD.
func AppendExact[T string | []byte](dst []byte, s T) []byte {
	clean := 0 // what comes before it is written
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		var head [utf8.UTFMax]byte
		r, width := utf8.DecodeRune(head[:copy(head[:], s[i:])])
		if !IsChar(r) || r == utf8.RuneError && width == 1 {
			dst = append(appendEscaped(dst, s[clean:i], &exact), replacement...)
			clean = i + width
		}
		i += width
	}
	return appendEscaped(dst, s[clean:], &exact)
}

func appendEscaped[T string | []byte](dst []byte, s T, e *escapes) []byte {
	start := 0
	for i := range len(s) {
		if with := e[s[i]]; with != "" {
			dst = append(append(dst, s[start:i]...), with...)
			start = i + 1
		}
	}
	return append(dst, s[start:]...)
}
