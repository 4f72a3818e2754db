package site

import (
	"bytes"
	"encoding/csv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// byteOrderMark tells Excel that a file is UTF-8.
const byteOrderMark = "\ufeff"

// csvColumns are the columns of a list as CSV (RFC 4180): several values of one stand behind each other with "; " between.
var csvColumns = []struct {
	name  string
	terms []dublincore.Term // the first of them that the record has
}{
	{"title", []dublincore.Term{dublincore.Title}},
	{"creator", []dublincore.Term{dublincore.Creator}},
	{"contributor", []dublincore.Term{dublincore.Contributor}},
	{"date", dates},
	{"type", []dublincore.Term{dublincore.Type}},
	{"language", []dublincore.Term{dublincore.Language}},
	{"subject", []dublincore.Term{dublincore.Subject}},
	{"place", []dublincore.Term{dublincore.Spatial, dublincore.Coverage}},
	{"abstract", summaries},
	{"publisher", []dublincore.Term{dublincore.Publisher}},
	{"rights", []dublincore.Term{dublincore.License, dublincore.Rights}},
	{"local_identifier", []dublincore.Term{dublincore.Identifier}},
	{"page_at_source", []dublincore.Term{dublincore.Landing}},
}

var csvHead = func() string {
	names := []string{"identifier", "source"}
	for _, c := range csvColumns {
		names = append(names, c.name)
	}
	return strings.Join(append(names, "page", "datestamp", "cursor"), ",") + "\r\n"
}()

// appendCSV writes a record as a row. Its cursor is where a list that was cut is gone on with.
func (s *site) appendCSV(b []byte, r *listed) []byte {
	row := []string{r.Identifier, r.Source}
	for _, c := range csvColumns {
		row = append(row, joined(r.dc, c.terms))
	}
	row = append(row, s.Frame.URL+recordPath(s.Library.Namespace(), r.Identifier), r.Datestamp.UTC().Format("2006-01-02T15:04:05Z"),
		pipeline.Cursor{Epoch: r.epoch, Seq: r.Seq}.String())
	for i, cell := range row {
		row[i] = plainCell(cell)
	}
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	w.UseCRLF = true
	_ = w.Write(row) // a buffer takes everything
	w.Flush()
	return append(b, buf.Bytes()...)
}

func joined(dc *dublincore.Record, terms []dublincore.Term) string {
	for _, t := range terms {
		var texts []string
		for _, v := range dc.All(t) {
			texts = append(texts, v.Text)
		}
		if len(texts) > 0 {
			return strings.Join(texts, "; ")
		}
	}
	return ""
}

// plainCell is the text of a cell that no spreadsheet takes for a formula: one that looks so begins with an apostrophe, which
// spreadsheets read as "this is text". Excel also looks behind blanks and line breaks.
func plainCell(cell string) string {
	begin, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(cell, unicode.IsSpace))
	if strings.ContainsRune("=+-@＝＋－＠", begin) || strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") {
		return "'" + cell
	}
	return cell
}
