package files

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// encodings are those that a configuration can name; nil is UTF-8, or what the beginning of the file says.
var encodings = map[string]encoding.Encoding{
	"": nil, "utf-8": nil, "utf8": nil,
	"utf-16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"windows-1252": charmap.Windows1252, "cp1252": charmap.Windows1252, "latin1": charmap.ISO8859_1, "iso-8859-1": charmap.ISO8859_1,
	"iso-8859-2": charmap.ISO8859_2, "iso-8859-15": charmap.ISO8859_15, "windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251, "iso-8859-5": charmap.ISO8859_5, "koi8-r": charmap.KOI8R,
	"windows-1253": charmap.Windows1253, "iso-8859-7": charmap.ISO8859_7, "macintosh": charmap.Macintosh,
}

// decoded is a stream in UTF-8. What is not valid in its encoding becomes U+FFFD. start is its beginning.
func decoded(named encoding.Encoding, isNamed bool, start []byte, in *bufio.Reader) io.Reader {
	switch {
	case named != nil:
		return transform.NewReader(in, named.NewDecoder())
	case bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")):
		return transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case !isNamed && !utf8Beginning(start):
		return transform.NewReader(in, charmap.Windows1252.NewDecoder()) // Excel's, and what other programs write is nearly the same
	}
	return transform.NewReader(in, unicode.UTF8BOM.NewDecoder())
}

// utf8Beginning says whether bytes are UTF-8, except that the last character may be cut.
func utf8Beginning(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			return len(b) < utf8.UTFMax && !utf8.FullRune(b)
		}
		b = b[n:]
	}
	return true
}
