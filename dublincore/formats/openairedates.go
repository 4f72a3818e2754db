package formats

import (
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// publicationTerms are the terms of which one gives the date of publication, the best first. The guidelines prefer
// another date to none.
var publicationTerms = []dublincore.Term{dublincore.Issued, dublincore.Date, dublincore.DateCopyrighted, dublincore.Available,
	dublincore.DateAccepted, dublincore.DateSubmitted, dublincore.Created}

// publicationDate is the date of publication as year, year and month, or day; empty if there is none. A date without
// a time comes before one with a time, which tells when something was done in the repository. A date that is less
// exact than a year becomes the year in its middle, because the guidelines give 1650 for the 17th century.
func publicationDate(rec *dublincore.Record) string {
	for _, term := range publicationTerms {
		withTime := ""
		for v := range values(rec, term) {
			d, err := readDate(v)
			if err != nil {
				continue
			}
			day, timed := plainDate(d)
			if day != "" && !timed {
				return day
			}
			if withTime == "" {
				withTime = day
			}
		}
		if withTime != "" {
			return withTime
		}
	}
	return ""
}

func readDate(v *dublincore.Value) (date.Date, error) {
	switch v.Scheme {
	case "W3CDTF":
		return date.ParseW3CDTF(xmlscan.Clean(v.Text))
	case "EDTF":
		return date.ParseEDTF(xmlscan.Clean(v.Text))
	}
	return date.Parse(xmlscan.Clean(v.Text), date.AnyOrder)
}

// plainDate is d without its time, and reports whether it had one.
func plainDate(d date.Date) (day string, timed bool) {
	if text, ok := d.W3CDTF(); ok {
		day, _, timed = strings.Cut(text, "T")
		return day, timed
	}
	from, to := d.Start().Year(), d.End().Year()
	switch {
	case d.OpenStart() && d.OpenEnd():
		return "", false
	case d.OpenStart():
		from = to
	case d.OpenEnd():
		to = from
	}
	year := from + (to-from+1)/2
	if year < 1 || year > 9999 {
		return "", false
	}
	text := strconv.Itoa(year)
	return "0000"[len(text):] + text, false
}

// openaireOtherDates are the dates beside the one of publication, as DataCite names them.
var openaireOtherDates = [...]struct {
	term dublincore.Term
	attr string
}{
	{dublincore.DateAccepted, ` dateType="Accepted"`},
	{dublincore.Available, ` dateType="Available"`},
	{dublincore.DateCopyrighted, ` dateType="Copyrighted"`},
	{dublincore.Created, ` dateType="Created"`},
	{dublincore.DateSubmitted, ` dateType="Submitted"`},
	{dublincore.Modified, ` dateType="Updated"`},
	{dublincore.Valid, ` dateType="Valid"`},
}

// openaireDates writes the date of publication, which every record here has, and the other dates, as far as one or two
// dates of W3CDTF can say them. The guidelines want them without times. Accepted and Available are the beginning and
// the end of an embargo.
func (w *writer) openaireDates(rec *dublincore.Record) {
	issued := publicationDate(rec)
	if issued == "" {
		return
	}
	w.open("datacite:dates", "")
	w.element("datacite:date", ` dateType="Issued"`, issued)
	for _, other := range openaireOtherDates {
		for v := range values(rec, other.term) {
			d, err := readDate(v)
			if err != nil {
				continue
			}
			if text, ok := d.W3CDTF(); ok {
				day, _, _ := strings.Cut(text, "T")
				w.element("datacite:date", other.attr, day)
			} else if text, ok := d.ISO8601(); ok && !strings.Contains(text, "T") {
				w.element("datacite:date", other.attr, text)
			}
		}
	}
	w.close("datacite:dates")
}
