// Package cite says how a record is cited: in words, and in the forms that reference managers read.
package cite

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A Work is what is cited of a record. Every text is one line.
type Work struct {
	Key        string // for BibTeX: letters, digits, "-" and ":"
	Kind       Kind
	Title      string
	Lang       string // of the work: the first language that the record names
	Creators   []Name
	Written    string // the date as its source wrote it; empty if there is none
	Date       date.Date
	Publisher  string
	Collection string // of which it is a part
	CallNumber string // an identifier that is no address
	Holder     string // who has it
	DOI, ISBN  string
	URL        string // where the record stays
	Abstract   string
	Subjects   []string
	Rights     string
	Accessed   time.Time
}

// A Kind is what is cited, in the words of CSL.
type Kind string

// The kinds.
const (
	Document Kind = "document"
	Book     Kind = "book"
	Graphic  Kind = "graphic"
	Film     Kind = "motion_picture"
	Sound    Kind = "song"
	Dataset  Kind = "dataset"
	Software Kind = "software"
	Archive  Kind = "collection"
)

var kindOf = map[string]Kind{
	"Image": Graphic, "StillImage": Graphic, "MovingImage": Film, "Sound": Sound, "Dataset": Dataset, "Software": Software, "Collection": Archive,
}

// A Name is one of a creator. What has no comma is not taken apart: it may be an institution, or a name of another order.
type Name struct {
	Family, Given string
	Whole         string // if it is not taken apart
}

// Bounds of what is cited.
const (
	maxText     = 2000 // bytes of a text
	maxAbstract = 8000
	maxNames    = 50
	maxSubjects = 100
)

// Of is what is cited of a record. holder is who has it, unless the record says so.
func Of(dc *dublincore.Record, key, holder, url string, accessed time.Time) *Work {
	w := &Work{Key: keyOf(key), Kind: Document, Holder: line(holder, maxText), URL: url, Accessed: accessed.UTC()}
	one := func(to *string, text string) {
		if *to == "" {
			*to = line(text, maxText)
		}
	}
	for i := range dc.Values {
		v := &dc.Values[i]
		switch v.Term {
		case dublincore.Title:
			one(&w.Title, v.Text)
		case dublincore.Creator:
			if len(w.Creators) < maxNames {
				w.Creators = append(w.Creators, nameOf(line(v.Text, maxText)))
			}
		case dublincore.Type:
			if k, known := kindOf[v.Text]; known && w.Kind == Document {
				w.Kind = k
			}
		case dublincore.Language:
			one(&w.Lang, v.Text)
		case dublincore.Publisher:
			one(&w.Publisher, v.Text)
		case dublincore.IsPartOf:
			if !strings.Contains(v.Text, "://") {
				one(&w.Collection, v.Text)
			}
		case dublincore.Abstract, dublincore.Description:
			if w.Abstract == "" {
				w.Abstract = line(v.Text, maxAbstract)
			}
		case dublincore.Subject:
			if len(w.Subjects) < maxSubjects {
				w.Subjects = append(w.Subjects, line(v.Text, maxText))
			}
		case dublincore.License, dublincore.Rights:
			one(&w.Rights, v.Text)
		case dublincore.DataProvider:
			w.Holder = line(v.Text, maxText)
		case dublincore.Identifier:
			w.identifier(v.Text)
		}
	}
	if w.Kind == Document && w.ISBN != "" {
		w.Kind = Book
	}
	w.dated(dc)
	if w.Title == "" {
		w.Title = "Untitled"
	}
	return w
}

func (w *Work) identifier(text string) {
	id, ok := dublincore.ParseIdentifier(text)
	switch {
	case ok && id.Kind == dublincore.DOI && w.DOI == "":
		w.DOI = id.Value
	case ok && id.Kind == dublincore.ISBN && w.ISBN == "":
		w.ISBN = id.Value
	case !ok && w.CallNumber == "" && !strings.Contains(text, ":"):
		w.CallNumber = line(text, maxText)
	}
}

var dateTerms = []dublincore.Term{dublincore.Created, dublincore.Date, dublincore.Issued, dublincore.DateCopyrighted}

func (w *Work) dated(dc *dublincore.Record) {
	for _, t := range dateTerms {
		v, ok := dc.First(t)
		if !ok {
			continue
		}
		w.Written = line(v.Text, maxText)
		if v.Original != "" {
			w.Written = line(v.Original, maxText)
		}
		w.Date, _ = date.ParseEDTF(v.Text) // what is not understood is cited as it is written
		return
	}
}

// parts are the year, month and day of the date, or of its two ends, as far as they are known; nil if they can't be said so.
func (w *Work) parts() (out [][]int) {
	if w.Date.IsZero() || w.Date.OpenStart() || w.Date.OpenEnd() {
		return nil
	}
	ends := strings.Split(w.Date.EDTF(), "/")
	for _, end := range ends {
		var one []int
		for _, n := range strings.Split(strings.TrimRight(end, "~?%"), "-") {
			number, err := strconv.Atoi(n)
			if err != nil {
				return nil
			}
			one = append(one, number)
		}
		out = append(out, one)
	}
	return out
}

// Slashed is the date, or its beginning, as 1957/04/10, as far as it is known; empty if it can't be said so.
func (w *Work) Slashed() string {
	p := w.parts()
	if p == nil {
		return ""
	}
	out := fmt.Sprintf("%04d", p[0][0])
	for _, n := range p[0][1:] {
		out += fmt.Sprintf("/%02d", n)
	}
	return out
}

// FileName is a name for a file with the work, without its end.
func (w *Work) FileName() string {
	return strings.ReplaceAll(wording.Shorten(w.Key, 80), ":", "-")
}

var lifeDates = regexp.MustCompile(`,?\s*\(?\d{3,4}\??\s*[-–]\s*(\d{3,4}\??)?\)?\.?$`)

func nameOf(text string) Name {
	text = strings.TrimSpace(lifeDates.ReplaceAllString(text, ""))
	family, given, inverted := strings.Cut(text, ",")
	if family, given = strings.TrimSpace(family), strings.TrimSpace(given); !inverted || family == "" || given == "" || strings.Contains(given, ",") {
		return Name{Whole: text}
	}
	return Name{Family: family, Given: given}
}

// Inverted is the name as lists of works have it.
func (n Name) Inverted() string {
	if n.Whole != "" {
		return n.Whole
	}
	return n.Family + ", " + n.Given
}

// Straight is the name as it is said.
func (n Name) Straight() string {
	if n.Whole != "" {
		return n.Whole
	}
	return n.Given + " " + n.Family
}

// initials is the name with the first letters of the given names.
func (n Name) initials() string {
	if n.Whole != "" {
		return n.Whole
	}
	out := n.Family + ","
	for _, given := range strings.Fields(n.Given) {
		out += " " + string([]rune(given)[:1]) + "."
	}
	return out
}

func line(text string, n int) string { return wording.ClipLine(wording.Line(text), n) }

var notInKeys = regexp.MustCompile(`[^A-Za-z0-9:]+`)

func keyOf(text string) string { return strings.Trim(notInKeys.ReplaceAllString(text, "-"), "-") }
