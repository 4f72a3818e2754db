package dublincore

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Namespace and schema of oai_qdc: the qualified Dublin Core container that OCLC registered, over the
// DCMI schemas.
const (
	NamespaceOAIQDC = "http://worldcat.org/xmlschemas/qdc-1.0/"
	SchemaOAIQDC    = "http://worldcat.org/xmlschemas/qdc/1.0/qdc-1.0.xsd"
)

const (
	qdcOpen = `<qdc:qualifieddc xmlns:qdc="` + NamespaceOAIQDC + `" xmlns:dc="` + namespaceDC + `" xmlns:dcterms="` +
		namespaceTerms + `" xmlns:xsi="` + namespaceXSI + `" xsi:schemaLocation="` + NamespaceOAIQDC + ` ` +
		SchemaOAIQDC + `">`
	qdcClose = `</qdc:qualifieddc>`
)

// AppendOAIQDC appends the record as one self-contained element of qualified Dublin Core: every DCMI
// term under its own name, the landing page as an identifier, encoding schemes as xsi:type. Only the schemes of the
// DCMI schemas of 2006 are named, which those of 2008 accept too, and only for texts that follow the scheme. A value
// with a scheme has no xml:lang, because the schemas forbid it.
func (r *Record) AppendOAIQDC(dst []byte) []byte {
	w := xmlWriter{dst: append(dst, qdcOpen...)}
	r.eachForXML(func(t Term, v *Value) {
		prefix, text, lang := "dcterms:", simpleText(v), v.Lang
		if t.Element() == t {
			prefix = "dc:"
		}
		scheme := qualifiedScheme(v.Scheme, xmlscan.Clean(text))
		if scheme != "" {
			lang = ""
		}
		w.write(prefix, t, text, lang, scheme)
	})
	return append(w.dst, qdcClose...)
}

// qualifiedScheme is the scheme of the schemas of 2006 that can be named for text; empty if there is none.
func qualifiedScheme(scheme, text string) string {
	switch scheme {
	case "W3CDTF", "EDTF":
		if isSchemaDate(text) {
			return "W3CDTF"
		}
	case "URI":
		if isPlainURI(text) {
			return "URI"
		}
	case "DCMIType":
		if IsDCMIType(text) {
			return "DCMIType"
		}
	case "ISO639-2", "ISO639-3":
		if isISO6392(text) {
			return "ISO639-2"
		}
	case "RFC1766", "RFC3066":
		if xmlscan.IsLanguage(text) {
			return scheme
		}
	case "LCSH", "MESH", "DDC", "LCC", "UDC", "Period", "IMT", "Point", "ISO3166", "Box", "TGN":
		return scheme
	}
	return ""
}

// schemes are the encoding schemes that reading recognises, by their lower-case names: those of the
// DCMI schemas of 2006 and 2008, and EDTF.
var schemes = map[string]string{
	"lcsh": "LCSH", "mesh": "MESH", "ddc": "DDC", "lcc": "LCC", "udc": "UDC", "nlm": "NLM",
	"period": "Period", "w3cdtf": "W3CDTF", "edtf": "EDTF", "dcmitype": "DCMIType", "imt": "IMT",
	"uri": "URI", "iso639-2": "ISO639-2", "iso639-3": "ISO639-3", "rfc1766": "RFC1766",
	"rfc3066": "RFC3066", "rfc4646": "RFC4646", "rfc5646": "RFC5646", "point": "Point",
	"iso3166": "ISO3166", "box": "Box", "tgn": "TGN",
}

// isPlainURI reports whether s is an absolute URI of RFC 3986, in ASCII, with at most one fragment and with a port
// that is a number: every validator accepts that as xs:anyURI.
func isPlainURI(s string) bool {
	if strings.Count(s, "#") > 1 || !hasPlainPort(s) {
		return false
	}
	colon := -1
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		case c == ':':
			if colon < 0 {
				colon = i
			}
		case c == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
		case colon < 0 && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')):
			return false
		case c <= ' ' || c >= 0x7f:
			return false
		case c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' || c == '{' || c == '|' || c == '}' ||
			c == '[' || c == ']':
			return false
		}
	}
	return colon > 0 && colon < len(s)-1
}

// hasPlainPort reports whether the URI has no port, or one of up to five digits.
func hasPlainPort(uri string) bool {
	_, authority, ok := strings.Cut(uri, "://")
	if !ok {
		return true
	}
	if i := strings.IndexAny(authority, "/?#"); i >= 0 {
		authority = authority[:i]
	}
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	_, port, hasPort := strings.Cut(authority, ":")
	return !hasPort || port != "" && len(port) <= 5 && strings.Trim(port, "0123456789") == ""
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// isSchemaDate reports whether text is W3CDTF that the schemas of DCMI accept too: they define a time as
// xs:dateTime, which has seconds.
func isSchemaDate(text string) bool {
	d, err := date.ParseW3CDTF(text)
	return err == nil && d.Precision() != date.Minute
}
