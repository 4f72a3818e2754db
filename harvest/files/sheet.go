package files

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A spreadsheet is a file of Excel (.xlsx) or LibreOffice (.ods): an archive of XML.
type spreadsheet struct {
	parts  map[string]*zip.File
	budget *budget
	ods    bool
}

// spreadsheetOf is the spreadsheet that an archive is; nil if it is something else.
func spreadsheetOf(z *zip.Reader, b budget) *spreadsheet {
	s := &spreadsheet{parts: map[string]*zip.File{}, budget: &b}
	for _, f := range z.File {
		s.parts[f.Name] = f
	}
	s.ods = s.parts["content.xml"] != nil && s.parts["mimetype"] != nil
	if !s.ods && s.parts["xl/workbook.xml"] == nil {
		return nil
	}
	return s
}

// sheet reads a sheet of a spreadsheet as a table.
func (d *Documents) sheet(x *reading, place string, s *spreadsheet) error {
	d.look.form("spreadsheet")
	t := &table{form: d, place: place}
	read := s.xlsx
	if s.ods {
		read = s.openDocument
	}
	err := read(d.Sheet, func(row []string) error { return t.row(x, row) })
	var wrong sheetError
	switch {
	case errors.As(err, &wrong) && t.header != nil: // rows behind it were not read
		m := unfit(csvFormat, place, "", nil, reasonTooLarge, "%v", wrong)
		m.short = true
		return x.tell(m)
	case errors.As(err, &wrong):
		return x.notThis(place, nil, wrong.Error())
	case errors.Is(err, errStop) || errors.Is(err, errBomb):
		return err
	case err != nil:
		m := unfit(csvFormat, place, "", nil, reasonMalformed, "the spreadsheet can't be read to its end: %v", err)
		m.short = true
		return x.tell(m)
	}
	return t.end(x)
}

// A sheetError says that a spreadsheet has not what is looked for.
type sheetError string

func (e sheetError) Error() string { return string(e) }

// open is a part of the archive; nothing if it is not there.
func (s *spreadsheet) open(name string) (*xml.Decoder, io.Closer, error) {
	f := s.parts[name]
	if f == nil {
		return nil, nil, sheetError("the spreadsheet lacks its part " + name)
	}
	in, err := f.Open()
	if err != nil {
		return nil, nil, err
	}
	return xml.NewDecoder(s.budget.bound(in)), in, nil
}

// each calls f with the elements of a part that begin and end, and text between them.
func (s *spreadsheet) each(name string, f func(xml.Token) error) (err error) {
	in, closer, err := s.open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	for {
		t, err := in.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = f(t)
		}
		if err != nil {
			return err
		}
	}
}

func attribute(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// maxCells bounds the texts that cells of a spreadsheet share, in bytes.
const maxShared = 64 << 20

// xlsx reads a sheet of Excel: rows of cells, each with its place, its type and its value. Texts stand apart, and whether
// a number is a date is known from its style.
func (s *spreadsheet) xlsx(sheet string, row func([]string) error) error {
	part, date1904, err := s.sheetPart(sheet)
	if err != nil {
		return err
	}
	texts, err := s.sharedTexts()
	if err != nil {
		return err
	}
	forms, err := s.numberForms()
	if err != nil {
		return err
	}
	var cells []string
	var c cell
	return s.each(part, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "row":
				cells = cells[:0]
			case "c":
				c = cell{column: column(attribute(t, "r"), len(cells)), kind: attribute(t, "t"), form: forms[attribute(t, "s")]}
			case "v", "t":
				c.inValue = true
			}
		case xml.CharData:
			if c.inValue {
				if len(c.text)+len(t) > maxRow {
					return errLongCell
				}
				c.text += string(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "v", "t":
				c.inValue = false
			case "c":
				if c.column >= maxColumns {
					return sheetError(fmt.Sprintf("the sheet has more than %d columns", maxColumns))
				}
				for len(cells) <= c.column {
					cells = append(cells, "")
				}
				cells[c.column] = c.value(texts, date1904)
			case "row":
				return row(cells)
			}
		}
		return nil
	})
}

// errLongCell says that a cell is too long. A part of a text would be another text.
const errLongCell = sheetError("a cell has more than 4 MiB; save the sheet as CSV without it")

// A cell is a cell of a sheet of Excel.
type cell struct {
	column     int
	kind, text string
	form       numberForm
	inValue    bool
}

// value is what people see in a cell, with dates as 2026-05-01 and numbers without an exponent.
func (c *cell) value(texts []string, date1904 bool) string {
	switch c.kind {
	case "s":
		if i, err := strconv.Atoi(strings.TrimSpace(c.text)); err == nil && i >= 0 && i < len(texts) {
			return texts[i]
		}
		return ""
	case "b":
		return map[string]string{"1": "true", "0": "false"}[strings.TrimSpace(c.text)]
	case "e":
		return "" // #N/A and the like say that there is no value
	case "", "n":
		return number(strings.TrimSpace(c.text), c.form, date1904)
	case "inlineStr":
		return unescaped(c.text)
	}
	return c.text
}

// column is the number of a column by the name of a cell, such as AB12; the next one if it has none.
func column(name string, next int) int {
	n := 0
	for _, r := range name {
		if r < 'A' || r > 'Z' {
			break
		}
		if n = n*26 + int(r-'A') + 1; n > maxColumns {
			break
		}
	}
	if n == 0 {
		return next
	}
	return n - 1
}

// sheetPart is the part of the archive in which a sheet is, the first one if none is named; and whether days are counted
// from 1904.
func (s *spreadsheet) sheetPart(sheet string) (part string, date1904 bool, err error) {
	var names []string
	id := ""
	if err := s.each("xl/workbook.xml", func(t xml.Token) error {
		e, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case e.Name.Local == "workbookPr":
			date1904 = attribute(e, "date1904") == "1" || attribute(e, "date1904") == "true"
		case e.Name.Local == "sheet":
			name := attribute(e, "name")
			if names = append(names, name); id == "" && (sheet == "" || strings.EqualFold(sheet, name)) {
				for _, a := range e.Attr { // r:id, and not the sheetId
					if a.Name.Local == "id" && a.Name.Space != "" {
						id = a.Value
					}
				}
			}
		}
		return nil
	}); err != nil {
		return "", false, err
	}
	if id == "" {
		return "", false, noSheet(sheet, names)
	}
	err = s.each("xl/_rels/workbook.xml.rels", func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "Relationship" && attribute(e, "Id") == id {
			if part = attribute(e, "Target"); !strings.HasPrefix(part, "/") {
				part = "/xl/" + part
			}
			part = part[1:]
		}
		return nil
	})
	return part, date1904, err
}

func noSheet(sheet string, names []string) error {
	if sheet == "" {
		return sheetError("the spreadsheet has no sheet")
	}
	return sheetError(fmt.Sprintf("the spreadsheet has no sheet %q; its sheets are %s", sheet, strings.Join(names, ", ")))
}

// sharedTexts are the texts that cells name by their number. What is only read aloud (rPh) is left out.
func (s *spreadsheet) sharedTexts() (texts []string, err error) {
	if s.parts["xl/sharedStrings.xml"] == nil {
		return nil, nil
	}
	var b strings.Builder
	inText, aloud, size := false, 0, 0
	err = s.each("xl/sharedStrings.xml", func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "si":
				b.Reset()
			case "rPh":
				aloud++
			case "t":
				inText = aloud == 0
			}
		case xml.CharData:
			if inText {
				b.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				inText = false
			case "rPh":
				aloud--
			case "si":
				if size += b.Len() + 16; size > maxShared {
					return sheetError(fmt.Sprintf("the texts of the spreadsheet have more than %d MiB; save it as CSV", maxShared>>20))
				}
				texts = append(texts, unescaped(b.String()))
			}
		}
		return nil
	})
	return texts, err
}
