package changejson

import (
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// EscapeFrom escapes what stands in dst from mark on for a JSON string. Nearly always nothing has to be escaped, because ids
// and URLs are printable ASCII.
func EscapeFrom(dst []byte, mark int) []byte {
	for _, b := range dst[mark:] {
		if b < ' ' || b == '"' || b == '\\' || b >= utf8.RuneSelf {
			quoted := wording.AppendJSON(nil, string(dst[mark:]))
			return append(dst[:mark], quoted[1:len(quoted)-1]...)
		}
	}
	return dst
}

// AppendEscaped appends s with everything percent-encoded that is not an unreserved character of
// RFC 3986, or, in a path, a slash or one of ":@!$&'()*+,;=".
func AppendEscaped(dst []byte, s string, path bool) []byte {
	const upper = "0123456789ABCDEF"
	for i := range len(s) {
		b := s[i]
		if class := urlClass[b]; class == unreserved || path && class == pathOnly {
			dst = append(dst, b)
		} else {
			dst = append(dst, '%', upper[b>>4], upper[b&15])
		}
	}
	return dst
}

const (
	unreserved = 1
	pathOnly   = 2
)

var urlClass = func() (c [256]byte) {
	for b := range c {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
			c[b] = unreserved
		}
	}
	for _, b := range []byte("-._~") {
		c[b] = unreserved
	}
	for _, b := range []byte("/:@!$&'()*+,;=") {
		c[b] = pathOnly
	}
	return c
}()
