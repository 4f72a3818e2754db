package files

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// csvFormat is the format of a row: an original is the header line and the row, with commas between the columns.
var csvFormat = harvest.Format{Prefix: "csv"}

// Bounds of a table.
const (
	maxColumns = 2000
	maxRow     = 4 << 20 // bytes
)

// Warnings of tables.
const warnColumns = "Columns of a table have the same name; the first of them counts."

// isBinary tells what is no text, or text in UTF-16 that does not say so, by its bytes of zero. One that strayed into a row, as
// some databases export it, makes no file unreadable: a mapping takes it out like other control characters.
func isBinary(head []byte) bool {
	zeros := bytes.Count(head, []byte{0})
	if zeros == 0 {
		return false
	}
	line := bytes.IndexByte(head, '\n')
	if line < 0 || zeros > len(head)/10 {
		return true
	}
	return bytes.IndexByte(head[max(line-1, 0):min(line+2, len(head))], 0) >= 0 // in UTF-16 every line ends beside one
}

// table reads a table of text: a header line, then a row for each record.
func (d *Documents) table(x *reading, place string, start []byte, in *bufio.Reader) error {
	name := strings.ToLower(d.Encoding)
	text := bufio.NewReaderSize(decoded(encodings[name], name != "", start, in), peeked)
	head, err := peek(text)
	if err != nil {
		return err
	}
	if isBinary(head) {
		return x.notThis(place, start, "the file is no text; if it is a table in UTF-16, encoding: utf-16 says so")
	}
	bounded := &rowBound{in: text, left: maxRow}
	rows := csv.NewReader(bounded)
	rows.Comma, rows.FieldsPerRecord, rows.ReuseRecord = d.comma(head), -1, true
	t := &table{form: d, place: place, exact: true}
	for {
		bounded.begin(rows.InputOffset())
		row, err := rows.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return t.end(x)
		case errors.As(err, &broken):
			if err := x.tell(t.broken(broken, bounded.until(rows.InputOffset()))); err != nil || t.header == nil {
				return err
			}
		case errors.Is(err, errLongRow):
			m := unfit(csvFormat, fmt.Sprintf("%s#%d", place, t.line+1), "", bounded.kept, reasonTooLarge, "%v", err)
			m.short = true
			return x.tell(m)
		case err != nil:
			return err
		default:
			if err := t.row(x, row); err != nil {
				return err
			}
		}
	}
}

// errLongRow says that a row does not end.
var errLongRow = fmt.Errorf("a row has more than %d MiB, so that a quotation mark is likely to be open; what follows was not read", maxRow>>20)

// A rowBound gives no more than a bounded row, and keeps its bytes, because a row that can't be read goes into quarantine
// as it was written.
type rowBound struct {
	in   io.Reader
	left int
	at   int64 // where kept begins
	kept []byte
}

// begin lets go of what is before a place, at which a row begins.
func (b *rowBound) begin(at int64) {
	b.kept = append(b.kept[:0], b.kept[at-b.at:]...)
	b.at, b.left = at, maxRow
}

// until is the row, which ends at a place.
func (b *rowBound) until(end int64) []byte { return b.kept[:end-b.at] }

func (b *rowBound) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongRow
	}
	n, err := b.in.Read(p)
	b.left -= n
	b.kept = append(b.kept, p[:n]...)
	return n, err
}

// A table is read row by row.
type table struct {
	form   *Documents
	place  string
	exact  bool // each row has as many columns as the header; a spreadsheet leaves out the empty ones at the end
	header []string
	line   int // rows that were read
	key    int // the column of the identifier; -1 if none is needed, and there is none
	buf    bytes.Buffer
}

// row reads a row, the first of which has the names of the columns.
func (t *table) row(x *reading, row []string) error {
	if empty(row) {
		return nil
	}
	t.line++
	if t.header == nil {
		return t.begin(x, row)
	}
	return x.tell(t.item(row))
}

// broken is a row that can't be read. A header that can't be read leaves no columns, so that nothing of the table is used;
// a quotation mark that is open over several lines has taken the rows on them along.
func (t *table) broken(err *csv.ParseError, data []byte) met {
	t.line++
	m := unfit(csvFormat, fmt.Sprintf("%s#%d", t.place, t.line), "", data, reasonMalformed, "the row at line %d can't be read: %v", err.StartLine, err.Err)
	m.short = t.header == nil || bytes.ContainsAny(bytes.TrimRight(data, "\r\n"), "\r\n")
	return m
}

// begin takes the header line.
func (t *table) begin(x *reading, row []string) error {
	if len(row) > maxColumns {
		m := unfit(csvFormat, t.place, "", nil, reasonTooLarge, "the table has %d columns, more than %d", len(row), maxColumns)
		m.short = true
		return errors.Join(x.tell(m), errStop)
	}
	t.header = trimmed(row)
	if look := t.form.look; look != nil {
		look.columns(t.header)
		return nil
	}
	t.key = slices.IndexFunc(t.header, func(name string) bool { return t.form.Key != "" && strings.EqualFold(name, t.form.Key) })
	switch {
	case t.key >= 0 || t.form.unkeyed:
	case t.form.Key == "":
		return errors.Join(x.notThis(t.place, []byte(strings.Join(t.header, ",")), errNoKey.Error()+"; the columns are "+strings.Join(t.header, ", ")), errStop)
	default:
		return errors.Join(x.notThis(t.place, []byte(strings.Join(t.header, ",")),
			fmt.Sprintf("the table has no column %q, which key: names; its columns are %s", t.form.Key, strings.Join(t.header, ", "))), errStop)
	}
	folded := map[string]bool{}
	for _, name := range t.header {
		if name = strings.ToLower(name); folded[name] && name != "" {
			return x.tell(met{warn: warnColumns})
		}
		folded[name] = true
	}
	return nil
}

// item makes an item of a row.
func (t *table) item(row []string) met {
	at := fmt.Sprintf("%s#%d", t.place, t.line)
	for len(row) > len(t.header) && strings.TrimSpace(row[len(row)-1]) == "" {
		row = row[:len(row)-1]
	}
	data := t.write(row)
	key := ""
	if look := t.form.look; look != nil {
		key = at
	} else if t.key >= 0 && t.key < len(row) {
		key = strings.TrimSpace(row[t.key])
	}
	switch err := t.form.checkKey(key); {
	case len(row) > len(t.header) || t.exact && len(row) < len(t.header):
		// A line break without quotes parts a row in two that are short, the second with a piece of a text as its key.
		return unfit(csvFormat, at, "", data, reasonMalformed, "the row has %d columns, and the first line names %d: a delimiter, a quotation mark or a line break is likely to be wrong", len(row), len(t.header))
	case err != nil:
		return unfit(csvFormat, at, "", data, reasonNoIdentifier, "%v", err)
	case len(data) > maxRecord:
		return unfit(csvFormat, at, key, data, reasonTooLarge, "the row has %d bytes, more than %d", len(data), maxRecord)
	case bytes.ContainsRune(data, utf8.RuneError):
		return unfit(csvFormat, at, key, data, reasonMalformed, "characters of the row are lost; encoding: says in which letters the table is written")
	}
	return met{item: harvest.Item{Key: key, Format: csvFormat, Original: data}}
}

// write is the header line and a row, as a table of their own.
func (t *table) write(row []string) []byte {
	t.buf.Reset()
	w := csv.NewWriter(&t.buf)
	_ = w.Write(t.header) // memory takes all
	if len(row) == 1 && row[0] == "" {
		t.buf.WriteString(`""`)
	}
	_ = w.Write(row)
	w.Flush()
	return bytes.Clone(t.buf.Bytes())
}

func (t *table) end(x *reading) error {
	if t.line <= 1 {
		return x.tell(met{warn: warnEmpty})
	}
	return nil
}

func trimmed(row []string) []string {
	out := make([]string, len(row))
	for i, s := range row {
		out[i] = strings.Join(strings.Fields(s), " ")
	}
	for len(out) > 1 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

func empty(row []string) bool {
	for _, s := range row {
		if strings.TrimSpace(s) != "" {
			return false
		}
	}
	return true
}

// delimiters are those that are looked for, the usual ones first.
var delimiters = []rune{',', ';', '\t', '|'}

// comma is what stands between the columns: what is configured, or what gives the most rows as many columns as the first.
func (d *Documents) comma(head []byte) rune {
	switch {
	case d.Delimiter == "tab":
		return '\t'
	case d.Delimiter != "":
		r, _ := utf8.DecodeRuneInString(d.Delimiter)
		return r
	}
	best, most := ',', 0
	for _, r := range delimiters {
		if n := fits(head, r); n > most {
			best, most = r, n
		}
	}
	return best
}

// fits says how well a delimiter fits the beginning of a table.
func fits(head []byte, comma rune) (score int) {
	const rows = 50
	if i := bytes.LastIndexByte(head, '\n'); i > 0 && len(head) >= peeked {
		head = head[:i+1]
	}
	in := csv.NewReader(bytes.NewReader(head))
	in.Comma, in.FieldsPerRecord, in.LazyQuotes = comma, -1, true
	columns := 0
	for range rows {
		row, err := in.Read()
		if err != nil {
			break
		}
		if columns == 0 {
			columns = len(row)
		}
		if len(row) == columns && columns > 1 {
			score += 10
		}
	}
	if score > 0 {
		score += min(columns, 9)
	}
	return score
}
