package oaipmh

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// unwrap returns the root element's bytes in UTF-8, without the declaration, and without what some servers print
// before and after it.
func (r *Response) unwrap(data []byte) ([]byte, error) {
	data, err := r.utf16(data)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrTruncated)
	}
	head := data[:min(len(data), 64<<10)]
	at := readRoot.FindIndex(head)
	if at == nil {
		return nil, noRoot(data)
	}
	before := data[:at[0]]
	if readStatic.Match(before) { // a file that has the verbs as parts
		return nil, fmt.Errorf("%w: it is a static repository", ErrNotOAI)
	}
	declaration := readDeclaration.Find(before)
	if i := bytes.Index(before, declaration); declaration != nil && i >= 0 {
		r.strayBefore(before[:i])
		r.strayBefore(before[i+len(declaration):])
	} else {
		r.strayBefore(before)
	}
	root := r.strayAfter(data[at[0]:])
	return r.toUTF8(root, declaration)
}

var (
	readRoot        = regexp.MustCompile(`<(?:[A-Za-z_][\w.-]*:)?(?:OAI-PMH|Identify|ListMetadataFormats|ListSets|GetRecord|ListIdentifiers|ListRecords)[\s>/]`)
	readStatic      = regexp.MustCompile(`<(?:[A-Za-z_][\w.-]*:)?Repository\s[^>]*static-repository`)
	readDeclaration = regexp.MustCompile(`<\?xml\s[^>]*\?>`)
	readEncoding    = regexp.MustCompile(`encoding\s*=\s*["']\s*([^"'\s]+)`)
	readHTML        = regexp.MustCompile(`(?i)<(?:!doctype\s+html|html|head|body)[\s>]`)
	readStart       = regexp.MustCompile(`^\s*<[?!A-Za-z_]`)
)

func noRoot(data []byte) error {
	head := data[:min(len(data), 4096)]
	switch {
	case readHTML.Match(head):
		return ErrHTML
	case len(data) < 512 && readStart.Match(data) && bytes.IndexByte(bytes.TrimLeft(data, " \r\n\t"), '>') < 0,
		len(readDeclaration.ReplaceAll(bytes.TrimSpace(data), nil)) == 0:
		return fmt.Errorf("%w: it ends in the prolog", ErrTruncated)
	}
	return fmt.Errorf("%w: it begins with %q", ErrNotOAI, bytes.TrimSpace(head)[:min(40, len(bytes.TrimSpace(head)))])
}

// strayBefore warns of anything before the root that is not white space, a comment or an instruction.
func (r *Response) strayBefore(b []byte) {
	b = bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
	if len(b) == 0 || bytes.HasPrefix(b, []byte("<?")) || bytes.HasPrefix(b, []byte("<!")) {
		return
	}
	r.warn("The server says something else before the response.")
}

// strayAfter removes what stands after the root's end, which is debug output of the server. It leaves what could be
// a second document, so that the response is refused as malformed.
func (r *Response) strayAfter(b []byte) []byte {
	end := bytes.LastIndex(b, []byte("OAI-PMH>"))
	if end < 0 {
		return b
	}
	end += len("OAI-PMH>")
	after := bytes.TrimSpace(b[end:])
	if len(after) == 0 || bytes.Contains(after, []byte("<?xml")) || readRoot.Match(after[:min(len(after), 64<<10)]) {
		return b
	}
	r.warn("The server says something else after the response.")
	return b[:end]
}

// utf16 makes UTF-8 of UTF-16, which is recognised by its byte order mark or by the zeros in its first characters.
func (r *Response) utf16(data []byte) ([]byte, error) {
	if len(data) < 4 {
		return data, nil
	}
	order := unicode.LittleEndian
	switch {
	case data[0] == 0xFE && data[1] == 0xFF, data[0] == 0 && data[1] == '<':
		order = unicode.BigEndian
	case data[0] == 0xFF && data[1] == 0xFE, data[0] == '<' && data[1] == 0:
	default:
		return data, nil
	}
	return convert(data, unicode.UTF16(order, unicode.UseBOM))
}

// toUTF8 makes UTF-8 of another declared encoding.
func (r *Response) toUTF8(root, declaration []byte) ([]byte, error) {
	m := readEncoding.FindSubmatch(declaration)
	if m == nil {
		return root, nil
	}
	label := strings.ToLower(string(m[1]))
	if label == "utf-8" || label == "utf8" || strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf16") {
		return root, nil
	}
	if utf8.Valid(root) {
		if hasHighByte(root) {
			r.warn("The response declares another encoding than its own, which is UTF-8.")
		}
		return root, nil
	}
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil, fmt.Errorf("%w: the encoding %q is not known", ErrMalformed, label)
	}
	return convert(root, enc)
}

func hasHighByte(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

func convert(data []byte, enc encoding.Encoding) ([]byte, error) {
	out, _, err := transform.Bytes(enc.NewDecoder(), data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return out, nil
}
