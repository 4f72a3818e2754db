package harvest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// whatIsBytes is how much of a thing is looked at to say what it is.
const whatIsBytes = 64 << 10

// WhatIs says what bytes are, with the article, for a person who expected something else: "a web page", "a table (CSV)". It
// looks at the beginning only, and is empty if that tells nothing.
func WhatIs(body []byte) string {
	start := body[:min(len(body), whatIsBytes)]
	for _, m := range magic {
		if len(start) > m.at && bytes.HasPrefix(start[m.at:], []byte(m.mark)) {
			return m.what
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n\x00\x1a")
	switch {
	case len(text) == 0:
		return "empty"
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return whatIsZip(start)
	case LooksLikeHTML(start):
		return "a web page"
	case text[0] == '<':
		return whatIsXML(text)
	case isISO2709(text):
		return "a file of MARC records (ISO 2709)"
	case bytes.HasPrefix(text, []byte("=LDR")), bytes.HasPrefix(text, []byte("=000")):
		return "a file of MARC records (lines of MarcEdit)"
	case text[0] == '{', text[0] == '[':
		return whatIsJSON(text)
	case !isText(text):
		return ""
	}
	return whatIsText(text, len(body) > len(start))
}

// Opaque names a file that can't hold records, such as a document or an image; it is empty for all others.
func Opaque(start []byte) string {
	what := WhatIs(start)
	for _, m := range magic {
		if m.what == what && !strings.HasSuffix(what, "archive") {
			return what
		}
	}
	return ""
}

// magic has the marks of files that are no text.
var magic = []struct {
	at   int
	mark string
	what string
}{
	{0, "\x1f\x8b", "a gzip archive"}, {0, "BZh", "a bzip2 archive"}, {0, "\xfd7zXZ\x00", "an xz archive"}, {0, "\x28\xb5\x2f\xfd", "a zstd archive"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive"}, {257, "ustar", "a tar archive"}, {0, "%PDF-", "a PDF document"}, {0, "\x89PNG\r\n", "an image (PNG)"},
	{0, "\xff\xd8\xff", "an image (JPEG)"}, {0, "GIF8", "an image (GIF)"}, {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an old Office program"},
	{0, "SQLite format 3\x00", "a SQLite database"}, {0, "{\\rtf", "a document (RTF)"},
}

func whatIsZip(start []byte) string {
	for _, m := range []struct{ mark, what string }{
		{"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "a spreadsheet (.ods)"}, {"mimetypeapplication/epub", "an e-book (EPUB)"},
		{"xl/", "a spreadsheet (.xlsx)"}, {"word/", "a document (.docx)"},
	} {
		if bytes.Contains(start, []byte(m.mark)) {
			return m.what
		}
	}
	return "a zip archive"
}

// roots are elements that documents begin with, by their local names. A mark is a text that stands further on, if the name
// alone does not tell.
var roots = []struct{ root, mark, what string }{
	{"OAI-PMH", "", "an OAI-PMH response"}, {"Repository", "static-repository", "a static repository of OAI-PMH, which is a file"},
	{"rss", "", "an RSS feed"}, {"feed", "http://www.w3.org/2005/Atom", "an Atom feed"}, {"RDF", "http://purl.org/rss/1.0/", "an RSS feed"}, {"RDF", "", "RDF/XML"},
	{"urlset", "http://www.openarchives.org/rs/terms/", "a document of ResourceSync"}, {"sitemapindex", "http://www.openarchives.org/rs/terms/", "a document of ResourceSync"},
	{"urlset", "", "a sitemap"}, {"sitemapindex", "", "an index of sitemaps"}, {"collection", "http://www.loc.gov/MARC21/slim", "a file of MARC records (MARCXML)"},
	{"record", "http://www.loc.gov/MARC21/slim", "a MARC record (MARCXML)"}, {"modsCollection", "", "a collection of MODS records"}, {"mods", "", "a MODS record"},
	{"ead", "", "a finding aid (EAD)"}, {"lidoWrap", "", "a collection of LIDO records"}, {"lido", "", "a LIDO record"}, {"TEI", "", "a text (TEI)"},
	{"searchRetrieveResponse", "", "an SRU response"}, {"explain", "", "an SRU response"}, {"explainResponse", "", "an SRU response"}, {"Envelope", "", "a SOAP message"},
	{"html", "", "a web page"}, {"schema", "http://www.w3.org/2001/XMLSchema", "an XML schema"}, {"Error", "", "an error of a service, in XML"},
}

var errorElement = regexp.MustCompile(`<(?:[\w.-]+:)?error\s[^>]*code\s*=\s*["']([A-Za-z]{1,40})["']`)

func whatIsXML(text []byte) string {
	root := rootOf(text)
	if root == "" {
		return "broken XML"
	}
	for _, r := range roots {
		if r.root != root || !bytes.Contains(text, []byte(r.mark)) {
			continue
		}
		if m := errorElement.FindSubmatch(text); r.root == "OAI-PMH" && m != nil {
			return fmt.Sprintf("an OAI-PMH response that reports an error (%s)", m[1])
		}
		return r.what
	}
	return fmt.Sprintf("XML with the root %s", root[:min(len(root), 60)])
}

// rootOf gives the local name of the first element; empty if there is none.
func rootOf(text []byte) string {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	d.CharsetReader = asTheyAre
	for {
		token, err := d.RawToken()
		if err != nil {
			return ""
		}
		if e, ok := token.(xml.StartElement); ok {
			return e.Name.Local
		}
	}
}

func isISO2709(text []byte) bool {
	const leader = 24
	if len(text) < leader+2 || bytes.IndexByte(text, 0x1e) < 0 {
		return false
	}
	return !slices.ContainsFunc(text[:5], func(c byte) bool { return c < '0' || c > '9' })
}

func whatIsJSON(text []byte) string {
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && d.InputOffset() < 16 {
				return "text"
			}
			break
		}
		if d.InputOffset() > 1<<10 {
			break
		}
	}
	if line, rest, ok := bytes.Cut(text, []byte("\n")); ok && text[0] == '{' && json.Valid(line) && bytes.HasPrefix(bytes.TrimSpace(rest), []byte("{")) {
		return "JSON, a value a line"
	}
	return "JSON"
}

// isText reports whether there are no bytes that text doesn't have.
func isText(text []byte) bool {
	return !slices.ContainsFunc(text, func(c byte) bool { return c < ' ' && !strings.ContainsRune("\t\r\n\f\x1b", rune(c)) })
}

// whatIsText tells a table, whose lines are parted into columns by the same sign, from other text. The last line of a
// beginning may be cut.
func whatIsText(text []byte, more bool) string {
	lines := rowsOf(strings.TrimRight(string(text), "\r\n"))
	if more {
		lines = lines[:len(lines)-1]
	}
	lines = lines[:min(len(lines), 20)]
	for _, sign := range []struct{ sign, name string }{{"\t", "TSV"}, {";", "CSV"}, {",", "CSV"}, {"|", "CSV"}} {
		if len(lines) > 1 && columns(lines, sign.sign) {
			return "a table (" + sign.name + ")"
		}
	}
	if !utf8.Valid(text) {
		return "text in an old encoding"
	}
	return "text"
}

// rowsOf splits a text into lines, but not within quotation marks: there a table has a cell of several lines. A text with a mark
// that is never closed has its lines as they stand.
func rowsOf(text string) []string {
	lines := strings.Split(text, "\n")
	if strings.Count(text, `"`)%2 != 0 {
		return lines
	}
	var rows []string
	open := ""
	for _, l := range lines {
		if open += l; strings.Count(open, `"`)%2 == 0 {
			rows, open = append(rows, open), ""
		}
	}
	return rows
}

// columns reports whether most lines have as many columns as the first, and more than one.
func columns(lines []string, sign string) bool {
	want := unquoted(lines[0], sign)
	same := 0
	for _, l := range lines {
		if unquoted(l, sign) == want {
			same++
		}
	}
	return want > 0 && same*4 >= len(lines)*3
}

// unquoted counts a sign outside of quotation marks.
func unquoted(line, sign string) (n int) {
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 0 {
			n += strings.Count(part, sign)
		}
	}
	return n
}

// asTheyAre reads every encoding as if it were UTF-8: the names of elements are the same in most.
func asTheyAre(_ string, r io.Reader) (io.Reader, error) { return r, nil }
