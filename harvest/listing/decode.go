package listing

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
)

// decode returns a page as UTF-8. A page that is UTF-8 throughout is taken for UTF-8 whatever it says of itself, because
// browsers save pages as UTF-8 and leave the old declaration in. A text page that says nothing is left as it is, so that
// only the rows with bad bytes suffer.
func decode(body []byte, contentType string) string {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return string(body[3:])
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		if s, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(body); err == nil {
			return string(s)
		}
		return string(body)
	case utf8.Valid(body):
		return string(body)
	case !declaresCharset(contentType) && !isHTML(string(body[:min(len(body), sniffLength)]), contentType):
		return string(body)
	}
	e, _, _ := charset.DetermineEncoding(body, contentType)
	s, err := e.NewDecoder().Bytes(body)
	if err != nil {
		return string(body)
	}
	return string(s)
}

func declaresCharset(contentType string) bool {
	_, params, err := mime.ParseMediaType(contentType)
	return err == nil && params["charset"] != ""
}

// sniffLength is how many bytes of a page are looked at to tell whether it is HTML.
const sniffLength = 1024

// isHTML reports whether a page is HTML, by its content type or by how it begins.
func isHTML(page, contentType string) bool {
	media, _, _ := mime.ParseMediaType(contentType)
	switch media {
	case "text/html", "application/xhtml+xml":
		return true
	case "text/plain":
		return false
	}
	head := strings.TrimLeftFunc(page[:min(len(page), sniffLength)], isBlank)
	if len(head) < 2 || head[0] != '<' {
		return false
	}
	return isASCIILetter(head[1]) || head[1] == '!' || head[1] == '?'
}
