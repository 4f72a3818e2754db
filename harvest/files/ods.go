package files

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// openDocument reads a sheet of LibreOffice. Cells and rows that are the same stand once, with how often they are repeated;
// the empty ones at the end of a sheet a million times.
func (s *spreadsheet) openDocument(sheet string, row func([]string) error) error {
	o := odsReader{sheet: sheet, row: row}
	if err := s.each("content.xml", o.token); err != nil {
		return err
	}
	if !o.found {
		return noSheet(sheet, o.names)
	}
	return nil
}

type odsReader struct {
	sheet string
	row   func([]string) error

	names         []string
	found, in     bool // the sheet was found; it is being read
	cells         []string
	blank         int // empty cells behind those
	repeat        int // of the row
	cell          odsCell
	inText, aside int // elements that are open: paragraphs, and what is not part of the text
}

type odsCell struct {
	open   bool
	repeat int
	value  string // of a date or a number
	text   strings.Builder
	lines  int
}

func (o *odsReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return o.start(t)
	case xml.CharData:
		if o.inText > 0 && o.aside == 0 {
			if o.cell.text.Len()+len(t) > maxRow {
				return errLongCell
			}
			o.cell.text.Write(t)
		}
	case xml.EndElement:
		return o.end(t.Name.Local)
	}
	return nil
}

func (o *odsReader) start(e xml.StartElement) error {
	switch name := e.Name.Local; {
	case name == "table" && e.Name.Space == "table":
		o.names = append(o.names, attribute(e, "name"))
		o.in = !o.found && (o.sheet == "" || strings.EqualFold(o.sheet, o.names[len(o.names)-1]))
		o.found = o.found || o.in
	case !o.in:
	case name == "table-row":
		o.cells, o.blank, o.repeat = o.cells[:0], 0, repeated(e, "number-rows-repeated")
	case name == "table-cell" || name == "covered-table-cell":
		o.cell = odsCell{open: true, repeat: repeated(e, "number-columns-repeated")}
		switch attribute(e, "value-type") {
		case "date":
			o.cell.value = attribute(e, "date-value")
		case "float":
			o.cell.value = number(attribute(e, "value"), plainNumber, false)
		case "boolean":
			o.cell.value = attribute(e, "boolean-value")
		case "time":
			o.cell.value = timeOf(attribute(e, "time-value"))
		}
	case name == "annotation" || name == "ruby-text":
		o.aside++
	case name == "p" && o.aside == 0 && o.cell.open:
		if o.cell.lines++; o.cell.lines > 1 {
			o.cell.text.WriteByte('\n')
		}
		o.inText++
	case name == "s" && o.inText > 0:
		o.cell.text.WriteString(strings.Repeat(" ", min(repeated(e, "c"), 1000)))
	case name == "tab" && o.inText > 0:
		o.cell.text.WriteByte('\t')
	case name == "line-break" && o.inText > 0:
		o.cell.text.WriteByte('\n')
	}
	return nil
}

func (o *odsReader) end(name string) error {
	switch {
	case !o.in:
	case name == "annotation" || name == "ruby-text":
		o.aside--
	case name == "p" && o.aside == 0 && o.inText > 0:
		o.inText--
	case name == "table-cell" || name == "covered-table-cell":
		return o.endCell()
	case name == "table-row":
		return o.endRow()
	case name == "table":
		o.in = false
	}
	return nil
}

func (o *odsReader) endCell() error {
	text := o.cell.value
	if text == "" {
		text = o.cell.text.String()
	}
	o.cell.open = false
	if text == "" { // likely the rest of the row; if not, what follows must stay in its column
		o.blank = min(o.blank+min(o.cell.repeat, maxColumns+1), maxColumns+1)
		return nil
	}
	if len(o.cells)+o.blank+min(o.cell.repeat, maxColumns+1) > maxColumns {
		return sheetError(fmt.Sprintf("the sheet has more than %d columns", maxColumns))
	}
	o.cells = append(o.cells, make([]string, o.blank)...)
	for range o.cell.repeat {
		o.cells = append(o.cells, text)
	}
	o.blank = 0
	return nil
}

// endRow gives the row as often as it stands there. Rows that are empty are no records.
func (o *odsReader) endRow() error {
	if empty(o.cells) {
		return nil
	}
	for range min(o.repeat, maxRepeated) {
		if err := o.row(o.cells); err != nil {
			return err
		}
	}
	return nil
}

var odsTime = regexp.MustCompile(`^PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S$`)

// timeOf is a time as people write it, such as 12:30:00 for PT12H30M00S; empty if it is written in another way.
func timeOf(text string) string {
	m := odsTime.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	var n [3]int64
	for i := range n {
		n[i], _ = strconv.ParseInt(m[i+1], 10, 64)
	}
	return clock(n[0]*3600 + n[1]*60 + n[2])
}

// maxRepeated bounds how often one row is given: rows with one identifier are one record.
const maxRepeated = 2

func repeated(e xml.StartElement, name string) int {
	n, err := strconv.Atoi(attribute(e, name))
	if err != nil || n < 1 {
		return 1
	}
	return n
}
