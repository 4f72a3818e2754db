package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Finder finds records, as [search.Index] does.
type Finder interface {
	Find(ctx context.Context, q *search.Query) (*search.Found, error)
	Walk(ctx context.Context, q *search.Query, after int64, limit int) (*search.Walked, error)
	Around(ctx context.Context, q *search.Query, identifier string) (*search.Around, error)
	Alike(ctx context.Context, identifier string, limit int) (*search.Alike, error)
}

type foundData struct {
	Text, FromDay, ToDay string
	Sort                 search.Sort
	Sorts                []choice
	Size                 int
	Kept                 []choice // what is chosen, for the form: facet and value
	Chips                []chip
	From, To             int
	Total                int
	More                 bool // there are others, which are not counted
	Stretches            bool // there are more than are sorted at once
	Ordered              bool // they are in order all the same
	AtOnce               int  // how many that are
	Results              []found
	Groups               []foundGroup // the same results under their kinds; empty if they stand in one list
	View                 view
	OtherView            string // the path of the same page in the other view
	Facets               []facet
	First, Prev, Next    string
	AsWords, Partial     bool
	Behind               int64
	Meant, MeantPath     string
	AllPath, Clear       string // without anything; without filters
	Lists                []citedForm
	Feed                 string
}

// A foundGroup is the results of one kind on a page.
type foundGroup struct {
	ID, Kind string
	Start    int // the number of its first result
	Results  []found
}

// A view is how the results of a page stand.
type view string

const (
	flat    view = ""      // in their order
	grouped view = "kinds" // under headings of their kinds, in the order in which the kinds come
)

// A choice is one of several, with its words.
type choice struct{ Value, Text string }

// A chip is something that is chosen, and can be taken away.
type chip struct{ Facet, Text, Path string }

// A facet is what the results have of one kind of value.
type facet struct {
	Name, Title string
	Open        bool
	Bars        bool // the values have an order of their own, in which bars show how they are spread
	Values      []facetValue
	Others      int    // those that are not shown
	All         string // the path of the page of all of them; empty if all are shown
}

type facetValue struct {
	Value, Text string
	Path        string // of the search with it, or without it if it is chosen
	Count       int
	Share       int // of the most frequent value, in percent
	Chosen      bool
}

// A found is a result of a search, with the words that were found.
type found struct {
	result
	Kind, Identifier string
	Marked, Abstract []piece
}

// facetTitles are the headings of the facets, in English.
var facetTitles = map[string]string{
	search.Kind: "Kind", search.Source: "Source", search.Decade: "Decade", search.Language: "Language", search.Place: "Place",
	search.Person: "Person", search.Subject: "Subject", search.Provider: "Held by", search.Rights: "Rights", search.Set: "Set",
}

// sortTitles are what the orders are called, in English.
var sortTitles = map[search.Sort]string{
	search.Best: "Best first", search.Newest: "Newest in the gateway", search.Early: "Earliest date", search.Late: "Latest date", search.Title: "Title",
}

// shownValues is how many values of a facet are seen at once.
const shownValues = 10

// errNoSearch says that the index can't be asked just now.
var errNoSearch = &web.Problem{Status: http.StatusServiceUnavailable, Title: "The search is not available at the moment",
	Text: "Its index can't be read just now. The list of all records is there, and the search can be tried again in a moment."}

// find makes the page of what a search finds.
func (s *site) find(r *http.Request, w wanted) (*web.Answer, error) {
	w.chosen = s.renamed(w.chosen)
	if w.start > 1 && (w.start-1)%w.size != 0 { // one address for a page
		w = w.at(w.start - (w.start-1)%w.size)
	}
	got, err := s.page(r.Context(), w)
	if err != nil {
		return nil, err
	}
	d := &foundData{
		Text: w.text, FromDay: w.from, ToDay: w.to, Sort: w.sort, Size: w.size, Total: w.total(got), More: got.More && got.All == 0, Stretches: got.More, Ordered: got.Ordered, AtOnce: search.MaxHits,
		AsWords: got.AsWords, Partial: got.Partial, Behind: got.Behind, AllPath: s.Root + query{}.path(),
		Clear: s.Root + wanted{text: w.text, size: w.size}.path(),
	}
	d.Lists, d.Feed = s.listForms(w), s.Root+part{wanted: w}.path(searchFeed)
	for _, o := range sorts {
		d.Sorts = append(d.Sorts, choice{string(o), sortTitles[o]})
	}
	l := words.Of(r.Context())
	d.Chips = s.chips(l, w)
	for _, name := range search.Facets {
		for _, value := range w.chosen[name] {
			d.Kept = append(d.Kept, choice{name, value})
		}
	}
	for _, f := range got.Facets {
		d.Facets = append(d.Facets, s.facet(l, w, &f))
		if f.Name == search.Decade && len(got.Years) > 0 {
			d.Facets = append(d.Facets, s.years(l, w, got.Years))
		}
	}
	sought := soughtIn(w.text)
	records, err := s.live(r.Context(), got.Hits)
	if err != nil {
		return nil, err
	}
	for i := range records {
		rec := &records[i]
		var dc dublincore.Record
		if err := dc.UnmarshalJSON(rec.DC); err != nil {
			return nil, fmt.Errorf("show %s: %w", rec.Identifier, err)
		}
		f := found{result: s.result(rec, &dc), Kind: Kind(&dc), Identifier: rec.Identifier}
		f.Path = w.trail(f.Path)
		spoken, _ := dc.First(dublincore.Language)
		f.Marked = sought.marked(f.Title.Text, cmp.Or(f.Title.Lang, spoken.Text))
		f.Abstract = sought.marked(f.Summary.Text, cmp.Or(f.Summary.Lang, spoken.Text))
		d.Results = append(d.Results, f)
	}
	other := w
	if d.View, other.view = w.view, grouped; w.view == grouped {
		d.group(w.start)
		other.view = flat
	}
	d.OtherView = s.Root + other.path()
	if len(got.Hits) > 0 {
		d.From, d.To = w.start, w.start+len(got.Hits)-1
	}
	if w.start > 1 {
		d.First, d.Prev = s.Root+w.at(1).path(), s.Root+w.at(max(1, w.start-w.size)).path()
	}
	if above := w.start - w.size; w.start > 1 && w.start == w.stretch() { // the page before is of another stretch
		d.Prev = s.Root + w.behind(above, pipeline.Cursor{Epoch: got.Place.Epoch, Seq: got.Prev}).path()
	}
	if next, more := w.next(got); more {
		d.Next = s.Root + next.path()
	}
	if got.Meant != "" {
		meant := w.at(1)
		meant.text = got.Meant
		d.Meant, d.MeantPath = got.Meant, s.Root+meant.path()
	}
	title := l.T("Search")
	if d.From > 0 {
		title += ": " + l.T("results %d – %d of %d", d.From, d.To, d.Total)
	}
	return &web.Answer{Template: "found", Title: title, Path: w.path(), Feed: part{wanted: w}.path(searchFeed), Data: d}, nil
}

// page finds the results of a page.
func (s *site) page(ctx context.Context, w wanted) (*search.Found, error) {
	got, err := s.Finder.Find(ctx, &search.Query{
		Text: w.text, Chosen: s.minted(w.chosen), From: w.from, To: w.to, Sort: w.sort, Language: words.Of(ctx).Code, Before: w.before.Seq, Offset: w.start - w.stretch(), Limit: w.size,
	})
	switch {
	case err != nil:
		return nil, s.found(err)
	case w.before.Epoch != 0 && w.before.Epoch != got.Place.Epoch:
		return nil, errOldPlace
	}
	return got, nil
}

// total is how many results there are, as far as they are counted.
func (w wanted) total(got *search.Found) int {
	return max(got.All, w.stretch()-1+got.Total)
}

// next is the page behind the one that was found.
func (w wanted) next(got *search.Found) (next wanted, more bool) {
	switch start := w.start + w.size; {
	case start-w.stretch() < got.Total:
		return w.at(start), true
	case got.Next > 0:
		return w.behind(w.stretch()+search.MaxHits, pipeline.Cursor{Epoch: got.Place.Epoch, Seq: got.Next}), true
	}
	return w, false
}

// group puts the results under the headings of their kinds. The first of them has the number start.
func (d *foundData) group(start int) {
	at := map[string]int{}
	for _, f := range d.Results {
		g, known := at[f.Kind]
		if !known {
			g = len(d.Groups)
			at[f.Kind], d.Groups = g, append(d.Groups, foundGroup{ID: fmt.Sprintf("kind-%d", g+1), Kind: f.Kind})
		}
		d.Groups[g].Results = append(d.Groups[g].Results, f)
	}
	for i := range d.Groups {
		d.Groups[i].Start = start
		start += len(d.Groups[i].Results)
	}
}

// live are the records of hits, without those that are gone since the index was made.
func (s *site) live(ctx context.Context, hits []string) (out []pipeline.Record, err error) {
	for _, id := range hits {
		rec, err := s.Library.Record(ctx, id)
		switch {
		case errors.Is(err, pipeline.ErrNotFound) || err == nil && rec.Deleted != pipeline.Live:
		case err != nil:
			return nil, err
		default:
			rec.Original = nil // a page of large ones would be large
			out = append(out, *rec)
		}
	}
	return out, nil
}

// renamed gives sources their present names.
func (s *site) renamed(chosen map[string][]string) map[string][]string {
	for i, name := range chosen[search.Source] {
		if now := s.Renamed[name]; now != "" {
			chosen[search.Source][i] = now
		}
	}
	return chosen
}

// minted gives sources the names by which the index knows them: those in identifiers.
func (s *site) minted(chosen map[string][]string) map[string][]string {
	out := map[string][]string{}
	for facet, values := range chosen {
		for _, value := range values {
			if facet == search.Source {
				if m := s.Minted[value]; m != "" {
					value = m
				}
			}
			out[facet] = append(out[facet], value)
		}
	}
	return out
}

// present gives a source, of which the index knows the name in identifiers, its present name.
func (s *site) present(facet, value string) string {
	if facet == search.Source {
		for now, minted := range s.Minted {
			if minted == value {
				return now
			}
		}
	}
	return value
}

// chips are what is chosen, each with the search without it.
func (s *site) chips(l *words.Language, w wanted) (out []chip) {
	for _, name := range search.Facets {
		for _, value := range w.chosen[name] {
			out = append(out, chip{facetTitles[name], s.label(l, name, value), s.Root + w.with(name, value).path()})
		}
	}
	if w.from != "" || w.to != "" {
		without := w.at(1)
		without.from, without.to = "", ""
		out = append(out, chip{"Dates", strings.TrimSpace(w.from + " – " + w.to), s.Root + without.path()})
	}
	return out
}

// label is how a value of a facet is shown in a language.
func (s *site) label(l *words.Language, facet, value string) string {
	switch facet {
	case search.Source:
		return s.title(value)
	case search.Kind:
		return l.T(value)
	case search.Language:
		return cmp.Or(l.Tongue(value), web.Clipped(value, listDate))
	case search.Rights:
		return cmp.Or(reuse(l, value), web.Clipped(value, listDate))
	case search.Decade:
		switch n, err := strconv.Atoi(value); {
		case value == search.Undated:
			return l.T("Undated")
		case err == nil && n < 0:
			return strconv.Itoa(1-n) + "–" + yearLabel(l, strconv.Itoa(n+9))
		case err == nil && n == 0:
			return yearLabel(l, "0") + " – 9"
		}
		return l.T("%ss", value)
	}
	return web.Clipped(value, listDate)
}

func (s *site) facet(l *words.Language, w wanted, f *search.Facet) facet {
	out := facet{Name: f.Name, Title: facetTitles[f.Name], Open: f.Name == search.Kind || f.Name == search.Source || f.Name == search.Decade || len(w.chosen[f.Name]) > 0, Bars: f.Name == search.Decade}
	most := 1
	for _, c := range f.Values {
		most = max(most, c.Count)
	}
	for i, c := range f.Values {
		if i >= shownValues && !c.Chosen && !out.Bars {
			out.Others = len(f.Values) - i + f.Others
			out.All = s.Root + valuesWanted{wanted: w, facet: f.Name}.path()
			break
		}
		v := s.facetValue(l, w, f.Name, c)
		v.Share = max(1, 100*c.Count/most)
		out.Values = append(out.Values, v)
	}
	return out
}

// years are the counts by year: a choice of one is a choice of dates.
func (s *site) years(l *words.Language, w wanted, counts []search.Count) facet {
	out := facet{Name: "year", Title: "Year", Open: true, Bars: true}
	most := 1
	for _, c := range counts {
		most = max(most, c.Count)
	}
	for _, c := range counts {
		to := w.at(1)
		if to.from, to.to = c.Value, c.Value; w.from == c.Value && w.to == c.Value {
			to.from, to.to = "", ""
		}
		out.Values = append(out.Values, facetValue{c.Value, yearLabel(l, c.Value), s.Root + to.path(), c.Count, max(1, 100*c.Count/most), c.Chosen})
	}
	return out
}

// yearLabel is a year as people write it: there is none between 1 BCE and 1.
func yearLabel(l *words.Language, year string) string {
	n, err := strconv.Atoi(year)
	switch {
	case err != nil:
		return year
	case n <= 0:
		return l.T("%s BCE", strconv.Itoa(1-n))
	}
	return strconv.Itoa(n)
}

func (s *site) facetValue(l *words.Language, w wanted, facet string, c search.Count) facetValue {
	value := s.present(facet, c.Value)
	return facetValue{Value: value, Text: s.label(l, facet, value), Path: s.Root + w.with(facet, value).path(), Count: c.Count, Chosen: c.Chosen}
}
