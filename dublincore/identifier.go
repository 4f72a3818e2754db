package dublincore

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// An IdentifierKind is the system that an identifier belongs to.
type IdentifierKind uint8

const (
	NoIdentifier IdentifierKind = iota
	DOI
	ISBN
	ISSN
	Handle
	ARK
	ORCID
	ISNI
	URN
	URL
)

var identifierNames = [...]string{"", "DOI", "ISBN", "ISSN", "Handle", "ARK", "ORCID", "ISNI", "URN", "URL"}

// String is the kind's usual name: "DOI".
func (k IdentifierKind) String() string {
	if int(k) >= len(identifierNames) {
		return ""
	}
	return identifierNames[k]
}

// A StandardID is a name in a known system.
type StandardID struct {
	Kind IdentifierKind
	// Value is the bare identifier: "10.1000/182", "9783161484100", "0378-5955", "0000-0002-1825-0097".
	Value string
	// URI is the identifier as a URI, of its resolver if there is one; empty for ISBN and ISSN.
	URI string
}

// maxIdentifier bounds the text of an identifier, in bytes.
const maxIdentifier = 2048

// ParseIdentifier recognises DOI, ISBN (10 becomes 13), ISSN, Handle, ARK, ORCID, ISNI, URN and URL, with
// the prefixes, resolvers and qualifiers that sources put around them ("doi:10.1000/182",
// "ISBN 3-16-148410-X (pbk.)"). It is false for anything else, and for a wrong check digit.
func ParseIdentifier(text string) (StandardID, bool) {
	id, note := readIdentifier(text)
	return id, note == NoNote
}

// readIdentifier reads an identifier. The note says why it could not.
func readIdentifier(text string) (StandardID, NoteKind) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxIdentifier {
		return StandardID{}, NotUnderstood
	}
	wrong := NotUnderstood
	for _, read := range []func(string) (StandardID, NoteKind){
		readDOI, readHandle, readARK, readORCID, readISBN, readISSN, readURN, readURL,
	} {
		id, note := read(text)
		if note == NoNote {
			return id, NoNote
		}
		if note == BadCheckDigit {
			wrong = note
		}
	}
	return StandardID{}, wrong
}

// Parse reads text as an identifier of this kind. The text need not name the kind: ISSN.Parse("03785955").
func (k IdentifierKind) Parse(text string) (StandardID, bool) {
	id, ok := ParseIdentifier(text)
	if ok && id.Kind == k {
		return id, true
	}
	text = strings.TrimSpace(text)
	switch k {
	case ISBN:
		id, ok = ParseIdentifier("ISBN " + text)
	case ISSN:
		id, ok = ParseIdentifier("ISSN " + text)
	case ORCID:
		id, ok = ParseIdentifier("orcid:" + text)
	case ISNI:
		id, ok = ParseIdentifier("isni:" + text)
	case Handle:
		id, ok = ParseIdentifier("hdl:" + text)
	case DOI:
		id, ok = ParseIdentifier("doi:" + text)
	}
	if !ok || id.Kind != k {
		return StandardID{}, false
	}
	return id, true
}

// cutAnyPrefix removes each of the prefixes that text begins with, whatever their case, until none is left. Sources
// write "doi:https://doi.org/10.1000/182".
func cutAnyPrefix(text string, prefixes ...string) (rest string, found bool) {
	for again := true; again; {
		again = false
		for _, p := range prefixes {
			if after, ok := cutFold(text, p); ok {
				text = strings.TrimLeft(after, " :")
				found, again = true, true
				break
			}
		}
	}
	return text, found
}

var doiPrefixes = []string{"https://dx.doi.org/", "http://dx.doi.org/", "https://www.doi.org/", "http://www.doi.org/",
	"https://doi.org/", "http://doi.org/", "dx.doi.org/", "doi.org/", "info:doi/", "urn:doi:", "doi"}

func readDOI(text string) (StandardID, NoteKind) {
	name, _ := cutAnyPrefix(text, doiPrefixes...)
	if strings.HasPrefix(text, "http") { // here a question mark is not part of the name, which would escape it
		name, _, _ = strings.Cut(name, "?")
		name, _, _ = strings.Cut(name, "#")
	}
	if strings.Contains(name, "%") {
		if plain, err := url.PathUnescape(name); err == nil {
			name = plain
		}
	}
	name = strings.ToLower(trimSentence(name))
	directory, suffix, ok := strings.Cut(name, "/")
	registrant, ten := strings.CutPrefix(directory, "10.")
	if !ok || !ten || suffix == "" || !isRegistrant(registrant) || !isVisible(suffix) {
		return StandardID{}, NotUnderstood
	}
	return StandardID{DOI, name, "https://doi.org/" + escapeName(name)}, NoNote
}

// trimSentence removes the punctuation of the sentence that a name stood in. A closing bracket is removed only if it
// was not opened within the name.
func trimSentence(name string) string {
	for {
		short := strings.TrimRight(name, ".,;")
		if strings.Count(short, ")") > strings.Count(short, "(") {
			short = strings.TrimSuffix(short, ")")
		}
		if short == name {
			return name
		}
		name = short
	}
}

// isRegistrant reports whether s is the code behind "10.": four to nine digits, and subdivisions.
func isRegistrant(s string) bool {
	first, _, _ := strings.Cut(s, ".")
	if len(first) < 4 || len(first) > 9 {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return false
		}
	}
	return true
}

// isVisible reports whether s is UTF-8 without white space and control characters.
func isVisible(s string) bool {
	for _, r := range s {
		if r <= ' ' || r == 0x7f || r >= 0x80 && r <= 0xa0 || r == '\ufffd' || r == '\u2028' || r == '\u2029' || !xmlscan.IsChar(r) {
			return false
		}
	}
	return s != ""
}

// escapeName escapes the characters that the path of a URI cannot have.
func escapeName(s string) string {
	const upper = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c > ' ' && c < 0x7f && strings.IndexByte("\"<>#%{}|\\^`[]?", c) < 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', upper[c>>4], upper[c&0xf]})
	}
	return b.String()
}

func readHandle(text string) (StandardID, NoteKind) {
	name, found := cutAnyPrefix(text, "https://hdl.handle.net/", "http://hdl.handle.net/", "hdl.handle.net/", "info:hdl/", "urn:hdl:", "hdl:", "handle:")
	if strings.Contains(name, "%") {
		if plain, err := url.PathUnescape(name); err == nil {
			name = plain
		}
	}
	authority, local, ok := strings.Cut(name, "/")
	if !found || !ok || !isVisible(local) || !isVisible(authority) || strings.Trim(authority, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_") != "" {
		return StandardID{}, NotUnderstood
	}
	return StandardID{Handle, name, "https://hdl.handle.net/" + escapeName(name)}, NoNote
}

func readARK(text string) (StandardID, NoteKind) {
	name, _ := cutAnyPrefix(text, "https://n2t.net/", "http://n2t.net/", "https://arks.org/", "http://arks.org/")
	name, ok := strings.CutPrefix(name, "ark:")
	authority, local, cut := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	if !ok || !cut || len(authority) < 5 || strings.Trim(authority, "0123456789bcdfghjkmnpqrstvwxz") != "" || !isVisible(local) ||
		escapeName(local) != local {
		return StandardID{}, NotUnderstood
	}
	name = "ark:/" + authority + "/" + local
	return StandardID{ARK, name, "https://n2t.net/" + name}, NoNote
}

func readURN(text string) (StandardID, NoteKind) {
	if len(text) < 8 || !strings.EqualFold(text[:4], "urn:") {
		return StandardID{}, NotUnderstood
	}
	space, name, ok := strings.Cut(text[4:], ":")
	space = strings.ToLower(space)
	if !ok || len(space) < 2 || len(space) > 32 || space[0] == '-' || name == "" ||
		strings.Trim(space, "0123456789abcdefghijklmnopqrstuvwxyz-") != "" || !isPlainURI("urn:"+space+":"+name) {
		return StandardID{}, NotUnderstood
	}
	urn := "urn:" + space + ":" + name
	return StandardID{URN, urn, urn}, NoNote
}

// asciiHost are the characters of hosts and ports that IDNA does not change.
const asciiHost = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]%"

func readURL(text string) (StandardID, NoteKind) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || !isVisible(text) {
		return StandardID{}, NotUnderstood
	}
	switch u.Scheme {
	case "http", "https", "ftp":
	default:
		return StandardID{}, NotUnderstood
	}
	host := strings.ToLower(u.Host)
	if isASCIIHost := strings.Trim(u.Host, asciiHost) == ""; !isASCIIHost { // IDNA refuses underscores and ports
		if host, err = idna.Lookup.ToASCII(u.Host); err != nil {
			return StandardID{}, NotUnderstood
		}
	}
	switch u.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	if strings.Trim(host, ".:") == "" || strings.Contains(host, "%") {
		return StandardID{}, NotUnderstood
	}
	u.Host = host
	s := u.String()
	return StandardID{URL, s, s}, NoNote
}
