package cite

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A Form is a way in which reference managers read works.
type Form struct {
	Name  string // in addresses
	Title string
	Type  string // media type
	End   string // of the name of a file
	// Item writes one work. A list of works is Open, the items with Between between them, and Close.
	Item                 func(*Work) []byte
	Open, Between, Close string
}

// Write is a list of one work.
func (f *Form) Write(w *Work) []byte {
	return append(append([]byte(f.Open), f.Item(w)...), f.Close...)
}

// Forms are all of them.
var Forms = []Form{
	{Name: "ris", Title: "RIS", Type: "application/x-research-info-systems", End: ".ris", Item: (*Work).RIS},
	{Name: "bibtex", Title: "BibTeX", Type: "application/x-bibtex", End: ".bib", Item: (*Work).BibTeX},
	{Name: "csl", Title: "CSL-JSON", Type: "application/vnd.citationstyles.csl+json", End: ".json", Item: (*Work).CSL, Open: "[\n  ", Between: ",\n  ", Close: "\n]\n"},
}

// FormNamed is the form with a name.
func FormNamed(name string) (Form, bool) {
	for _, f := range Forms {
		if f.Name == name {
			return f, true
		}
	}
	return Form{}, false
}

var risKinds = map[Kind]string{
	Document: "GEN", Book: "BOOK", Graphic: "ART", Film: "VIDEO", Sound: "SOUND", Dataset: "DATA", Software: "COMP", Archive: "GEN",
}

// RIS is the work in the form of Research Information Systems, with CR and LF behind each line.
func (w *Work) RIS() []byte {
	var b []byte
	add := func(tag string, texts ...string) {
		for _, text := range texts {
			if text != "" {
				b = fmt.Appendf(b, "%s  - %s\r\n", tag, text)
			}
		}
	}
	add("TY", risKinds[w.Kind])
	add("TI", w.Title)
	for _, n := range w.Creators {
		add("AU", n.Inverted())
	}
	if p := w.parts(); p != nil {
		add("PY", fmt.Sprintf("%04d", p[0][0]))
		add("DA", w.Slashed()+strings.Repeat("/", 4-len(p[0]))) // year/month/day/other
	} else if w.Written != "" {
		add("DA", w.Written)
	}
	add("AB", w.Abstract)
	add("KW", w.Subjects...)
	add("LA", w.Lang)
	add("PB", w.Publisher)
	add("T2", w.Collection)
	add("AV", w.Holder)
	add("CN", w.CallNumber)
	add("DO", w.DOI)
	add("SN", w.ISBN)
	add("C1", w.Rights)
	add("UR", w.URL)
	add("Y2", w.Accessed.Format("2006/01/02/"))
	return append(b, "ER  - \r\n"...)
}

var bibKinds = map[Kind]string{Book: "book"}

// bibEscape writes no braces that are not in pairs: BibTeX counts those behind a backslash too.
var bibEscape = strings.NewReplacer(`\`, `\textbackslash{}`, `{`, `\textbraceleft{}`, `}`, `\textbraceright{}`, `&`, `\&`, `%`, `\%`, `$`, `\$`, `#`, `\#`, `_`, `\_`, `~`, `\textasciitilde{}`, `^`, `\textasciicircum{}`)

// BibTeX is the work as an entry of BibTeX, in UTF-8.
func (w *Work) BibTeX() []byte {
	kind := bibKinds[w.Kind]
	if kind == "" {
		kind = "misc"
	}
	b := fmt.Appendf(nil, "@%s{%s,\n", kind, w.Key)
	raw := func(field, text string) {
		if text != "" {
			b = fmt.Appendf(b, "  %s = {%s},\n", field, text)
		}
	}
	add := func(field, text string) { raw(field, bibEscape.Replace(text)) }
	raw("title", "{"+bibEscape.Replace(w.Title)+"}") // its capitals are its own
	var authors []string
	for _, n := range w.Creators {
		if a := bibEscape.Replace(n.Inverted()); n.Whole != "" {
			authors = append(authors, "{"+a+"}")
		} else {
			authors = append(authors, a)
		}
	}
	raw("author", strings.Join(authors, " and "))
	if p := w.parts(); p != nil {
		raw("year", fmt.Sprint(p[0][0]))
		raw("date", w.Date.EDTF())
	} else {
		add("date", w.Written)
	}
	add("publisher", w.Publisher)
	add("series", w.Collection)
	add("library", w.Holder)
	add("number", w.CallNumber)
	raw("doi", w.DOI)
	raw("isbn", w.ISBN)
	add("language", w.Lang)
	add("abstract", w.Abstract)
	add("keywords", strings.Join(w.Subjects, ", "))
	raw("url", w.URL)
	raw("urldate", w.Accessed.Format("2006-01-02"))
	return append(b, "}\n"...)
}

// CSL is the work as an item of CSL-JSON, of which a list is made.
func (w *Work) CSL() []byte {
	type name struct {
		Family  string `json:"family,omitempty"`
		Given   string `json:"given,omitempty"`
		Literal string `json:"literal,omitempty"`
	}
	type when struct {
		Parts   [][]int `json:"date-parts,omitempty"`
		Literal string  `json:"literal,omitempty"`
	}
	item := struct {
		ID         string `json:"id"`
		Type       Kind   `json:"type"`
		Title      string `json:"title"`
		Author     []name `json:"author,omitempty"`
		Issued     *when  `json:"issued,omitempty"`
		Abstract   string `json:"abstract,omitempty"`
		Keyword    string `json:"keyword,omitempty"`
		Language   string `json:"language,omitempty"`
		Publisher  string `json:"publisher,omitempty"`
		Collection string `json:"collection-title,omitempty"`
		Archive    string `json:"archive,omitempty"`
		CallNumber string `json:"call-number,omitempty"`
		DOI        string `json:"DOI,omitempty"`
		ISBN       string `json:"ISBN,omitempty"`
		URL        string `json:"URL"`
		Accessed   when   `json:"accessed"`
	}{
		ID: w.Key, Type: w.Kind, Title: w.Title, Abstract: w.Abstract, Keyword: strings.Join(w.Subjects, ", "), Language: w.Lang, Publisher: w.Publisher,
		Collection: w.Collection, Archive: w.Holder, CallNumber: w.CallNumber, DOI: w.DOI, ISBN: w.ISBN, URL: w.URL,
		Accessed: when{Parts: [][]int{{w.Accessed.Year(), int(w.Accessed.Month()), w.Accessed.Day()}}},
	}
	for _, n := range w.Creators {
		item.Author = append(item.Author, name{n.Family, n.Given, n.Whole})
	}
	if p := w.parts(); p != nil {
		item.Issued = &when{Parts: p}
	} else if w.Written != "" {
		item.Issued = &when{Literal: w.Written}
	}
	b, _ := json.MarshalIndent(item, "  ", "  ") // texts and numbers have no errors
	return b
}
