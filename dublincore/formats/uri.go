package formats

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// isWebURL reports whether s, trimmed, is an http or https URL with a host, of which uri makes a URI of RFC 3986. A text
// with white space or bytes that are not text within it is not a URL: without them it would lead elsewhere.
func isWebURL(s string) bool {
	if !xmlscan.IsClean(s) {
		return false
	}
	s = xmlscan.Clean(s)
	rest, ok := cutFold(s, "https://")
	if !ok {
		if rest, ok = cutFold(s, "http://"); !ok {
			return false
		}
	}
	for i := 0; i < len(rest); i++ {
		if rest[i] <= ' ' || rest[i] == 0x7f {
			return false
		}
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	host, port, hasPort := strings.Cut(rest, ":")
	if hasPort && (port == "" || len(port) > 5 || strings.Trim(port, "0123456789") != "") {
		return false
	}
	for i := 0; i < len(host); i++ {
		if c := host[i]; !isLetter(c) && !isDigit(c) && c != '.' && c != '-' && c != '_' && c < 0x80 {
			return false
		}
	}
	return host != ""
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// uri appends s as a URI: an IRI is mapped to a URI (RFC 3987, section 3.1), and what RFC 3986 does not allow at its
// place is percent-encoded, so that every validator accepts it as xs:anyURI.
func (w *writer) uri(s string) {
	s = xmlscan.Clean(s)
	fragment := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '&':
			w.dst = append(w.dst, "&amp;"...)
		case c == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])), c == '#' && fragment, !isURIByte(c):
			w.dst = append(w.dst, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		default:
			fragment = fragment || c == '#'
			w.dst = append(w.dst, c)
		}
	}
}

// isURIByte reports whether c may stand in a URI. Brackets may stand only in a host, and no host here has them.
func isURIByte(c byte) bool {
	return isLetter(c) || isDigit(c) || strings.IndexByte("-._~:/?#@!$&'()*+,;=%", c) >= 0
}

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
