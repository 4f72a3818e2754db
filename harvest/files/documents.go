package files

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Documents are files of records in CSV, JSON or XML, or spreadsheets. Which of them a file is, its bytes say.
type Documents struct {
	// Key says where a record has its identifier: the name of a column, a path in JSON ("id", "meta.id"), or a path in XML
	// ("recordInfo/recordIdentifier", "@id"). Records of OAI-PMH have it in their headers.
	Key string
	// Records says where the records are: a path in JSON to a list, or the name of an element in XML. By default JSON is a
	// list, or an object a line, and XML is a collection that is known, or one record.
	Records string
	// Delimiter stands between the columns of a table: one character, or "tab". By default it is found out.
	Delimiter string
	// Encoding is that of tables: "utf-8", "utf-16", "windows-1252", "iso-8859-1"; and that of XML which declares none and is no
	// UTF-8. By default it is found out.
	Encoding string
	// Components chooses what of a finding aid in EAD becomes a record of its own beside the collection: "all" components,
	// the "lowest" (those without components in them), or those of the levels that are named, such as "file". Without it a
	// finding aid is one record.
	Components []string
	// Sheet is the name of the sheet of a spreadsheet; by default the first.
	Sheet string

	// unkeyed says that whoever reads the records knows what they are called: one without an identifier has an empty key.
	unkeyed bool

	// look, if not nil, takes down what is there: then a record needs no key.
	look *DocumentsLook
}

// Check says what can't work.
func (d *Documents) Check() error {
	if d.Delimiter != "" && d.Delimiter != "tab" && (utf8.RuneCountInString(d.Delimiter) != 1 || strings.ContainsAny(d.Delimiter, "\"\r\n\ufeff")) {
		return fmt.Errorf("delimiter: %q is not one character, or tab", d.Delimiter)
	}
	if _, ok := encodings[strings.ToLower(d.Encoding)]; !ok {
		return fmt.Errorf("encoding: %q is not known; known are utf-8, utf-16, windows-1252 and iso-8859-1", d.Encoding)
	}
	return d.checkComponents()
}

var _ Form = (*Documents)(nil)

func (d *Documents) id() string {
	parts := append([]string{d.Key, d.Records, d.Delimiter, d.Encoding, d.Sheet}, d.Components...)
	return "documents " + digest(parts...).text()
}

func (d *Documents) what() string { return "a file of records" }

func (d *Documents) accepts() string {
	return "text/csv, application/json, application/x-ndjson, application/xml;q=0.9, */*;q=0.5"
}

// unpack is that of all forms, except that a spreadsheet is an archive to read and not to unpack.
func (d *Documents) unpack(r io.ReaderAt, size int64, b budget, use func(entry) error) error {
	if z, err := zip.NewReader(r, size); err == nil && len(z.File) <= maxEntries {
		if sheets := spreadsheetOf(z, b); sheets != nil {
			return use(entry{sheets: sheets})
		}
	}
	return unpack(r, size, b, use)
}

func (d *Documents) records(x *reading, place string, start []byte, e entry) error {
	if e.sheets != nil {
		return d.sheet(x, place, e.sheets)
	}
	text := bytes.TrimLeft(start, "\ufeff \t\r\n")
	switch {
	case len(text) == 0:
		return x.tell(met{warn: warnEmpty})
	case text[0] == '<' || wideXML(start) != nil:
		return d.xml(x, place, e)
	case text[0] == '{' || text[0] == '[':
		return d.json(x, place, text, e)
	case bytes.IndexByte(start, 0x1d) > 0 || bytes.HasPrefix(text, []byte("=LDR")) || bytes.HasPrefix(text, []byte("=000")):
		return x.notThis(place, start, "the file holds MARC records; use kind: marc")
	case bytes.HasPrefix(start, []byte(oleStart)):
		what, err := whatOLE(e.in)
		return errors.Join(x.notThis(place, start, what), err)
	}
	if what := harvest.Opaque(start); what != "" {
		return x.notThis(place, start, "the file is "+what+", which holds no records")
	}
	return d.table(x, place, start, e.in)
}

// unfit is an item of the given format that can't be used, under the name of its place unless its key is known.
func unfit(f harvest.Format, place, key string, data []byte, reason, format string, args ...any) met {
	item := rejected(place, data[:min(len(data), keptBytes)], reason, fmt.Sprintf(format, args...))
	item.Format = f
	if key != "" {
		item.Key = key
	}
	return met{item: item, unproven: key == ""}
}

// maxRecord bounds one record, in bytes.
const maxRecord = 8 << 20

// checkKey says what is wrong with an identifier; nil if nothing is.
func (d *Documents) checkKey(key string) error {
	switch {
	case d.look != nil || d.unkeyed && key == "":
		return nil
	case d.Key == "" && key == "": // a record of OAI-PMH has one
		return errNoKey
	case key == "":
		return fmt.Errorf("the record has no identifier in %s; key: says where the records of a source have it", d.Key)
	case strings.ContainsRune(key, utf8.RuneError): // others may be the same without the letters that were lost
		return fmt.Errorf("characters of the identifier in %s are lost; encoding: says in which letters a table is written", d.Key)
	}
	return nil
}

// errNoKey says that a file needs a key.
var errNoKey = errors.New("key: is needed: it says where a record has its identifier, which is part of ours for ever")
