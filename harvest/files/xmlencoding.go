package files

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// declaredEncoding matches an XML declaration up to the name of the encoding.
var declaredEncoding = regexp.MustCompile(`^(\s*<\?xml\s[^>]{0,100}?encoding\s*=\s*)["']([A-Za-z0-9._:-]{1,40})["']`)

// wideXML is the encoding of XML that begins in two bytes a character, with a byte order mark or without; nil if it does not.
func wideXML(start []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(start, []byte("<\x00\x00\x00")):
		return nil // UTF-32, which nobody writes
	case bytes.HasPrefix(start, []byte("\xff\xfe<\x00")), bytes.HasPrefix(start, []byte("<\x00")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(start, []byte("\xfe\xff\x00<")), bytes.HasPrefix(start, []byte("\x00<")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return nil
}

// asUTF8 is a file in XML as UTF-8, which says so itself, because the scanner reads nothing else. changed says that it was in
// another encoding. named is the encoding of the configuration; nil if there is none.
//
// A file that is UTF-8 throughout is taken for UTF-8 whatever it declares: programs that convert files leave the declaration
// as it was, and text in another encoding is hardly ever UTF-8 by chance.
func asUTF8(body []byte, named encoding.Encoding) (out []byte, changed bool, err error) {
	if wide := wideXML(body); wide != nil {
		out, err = wide.NewDecoder().Bytes(body)
		return declareUTF8(out), true, err
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	m := declaredEncoding.FindSubmatch(body[:min(len(body), 1<<10)])
	declared := ""
	if m != nil {
		declared = strings.ToLower(string(m[2]))
	}
	ours := declared == "" || declared == "utf-8" || declared == "utf8" || declared == "us-ascii" || declared == "ascii"
	valid := utf8.Valid(body)
	switch {
	case valid && (ours || !isASCII(body)):
		return declareUTF8(body), false, nil
	case ours && named == nil:
		return body, false, nil // the scanner says where it is no UTF-8
	case ours:
		out, err = named.NewDecoder().Bytes(body)
		return declareUTF8(out), true, err
	}
	e, _ := charset.Lookup(declared)
	if e == nil {
		return nil, false, fmt.Errorf("the file says that it is in the encoding %s, which is not known; save it in UTF-8", declared)
	}
	out, err = e.NewDecoder().Bytes(body)
	return declareUTF8(out), true, err
}

// declareUTF8 makes the XML declaration say UTF-8, if it names an encoding.
func declareUTF8(body []byte) []byte {
	m := declaredEncoding.FindSubmatchIndex(body[:min(len(body), 1<<10)])
	if m == nil || strings.EqualFold(string(body[m[4]:m[5]]), "utf-8") {
		return body
	}
	return append(append(bytes.Clone(body[:m[4]]), "UTF-8"...), body[m[5]:]...)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
