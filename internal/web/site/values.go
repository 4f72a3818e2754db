package site

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/collation"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
)

// listedValues is how many values of a facet stand on a page of them.
const listedValues = 100

// A valuesWanted is what a URL of the page of all values of a facet asks for: /search/<facet>, with the parameters of the
// search. They say what is counted, and where the way back leads.
//
//	has     words or parts of words that a value or its name must have
//	by      "name": the values in the order of their names; without it the most frequent first
//	first   the number of the page's first value, counted from 1
type valuesWanted struct {
	wanted
	facet, has string
	byName     bool
	first      int
}

// parseValues reads the parameters; known says whether there is such a facet.
func parseValues(facet string, v url.Values) (q valuesWanted, known bool) {
	q.wanted, _ = parseWanted(v)
	q.facet, q.has, q.byName = facet, clipped(v.Get("has"), maxChosenValue), v.Get("by") == "name"
	q.first, _ = strconv.Atoi(v.Get("first"))
	q.first = min(max(q.first, 1), search.MaxValues)
	q.first -= (q.first - 1) % listedValues // one address for a page
	return q, facetTitles[facet] != ""
}

// path is the path and query of the page.
func (q valuesWanted) path() string { return address("/search/"+q.facet, q.state()+q.own()) }

// own are the parameters that the search does not have.
func (q valuesWanted) own() (out string) {
	if q.has != "" {
		out += "&has=" + url.QueryEscape(q.has)
	}
	if q.byName {
		out += "&by=name"
	}
	if q.first > 1 {
		out += "&first=" + strconv.Itoa(q.first)
	}
	return out
}

// at is the page that begins with another value.
func (q valuesWanted) at(first int) valuesWanted {
	q.first = first
	return q
}

// allValues are the values of the facet that are wanted, in their order.
func (s *site) allValues(ctx context.Context, q *valuesWanted) (*search.Found, []facetValue, error) {
	q.chosen = s.renamed(q.chosen)
	got, err := s.Finder.Find(ctx, &search.Query{Text: q.text, Chosen: s.minted(q.chosen), From: q.from, To: q.to, Whole: q.facet})
	if err != nil {
		return nil, nil, s.found(err)
	}
	var values []facetValue
	must := strings.Fields(date.Fold(q.has))
	for _, f := range got.Facets {
		for _, c := range f.Values {
			v := s.facetValue(words.Of(ctx), q.wanted, q.facet, c)
			if name := date.Fold(v.Text + " " + v.Value); !slices.ContainsFunc(must, func(word string) bool { return !strings.Contains(name, word) }) {
				values = append(values, v)
			}
		}
	}
	switch {
	case !q.byName:
		slices.SortStableFunc(values, func(a, b facetValue) int { return cmp.Compare(b.Count, a.Count) })
	case q.facet != search.Decade: // they come in their order
		l, keys := words.Of(ctx), map[string]collation.Key{}
		for _, v := range values {
			keys[v.Text] = collation.Of(v.Text).In(l.Code)
		}
		slices.SortStableFunc(values, func(a, b facetValue) int {
			return cmp.Or(collation.Compare(keys[a.Text], keys[b.Text]), cmp.Compare(a.Text, b.Text))
		})
	}
	return got, values, nil
}

// cut gives the values of the page, and the number of the first one of the next page; 0 if this is the last.
func (q valuesWanted) cut(values []facetValue) (page []facetValue, next int) {
	from := min(q.first-1, len(values))
	if page = values[from:]; len(page) > listedValues {
		return page[:listedValues], q.first + listedValues
	}
	return page, 0
}

type valuesData struct {
	Facet, Title string
	Has          string
	ByName       bool
	Kept         []choice // the search, for the form: parameters and their values
	Chips        []chip
	Back         string // the path of the results
	Other        string // the path of the same values in the other order
	All          string // the path without a word that values must have
	Values       []facetValue
	From, To     int
	Total        int
	Prev, Next   string
	More         bool // not all results are counted
	Cut          bool // not all values are given
	Behind       int64
}

// values makes the page of all values of a facet.
func (s *site) values(r *http.Request) (*web.Answer, error) {
	q, known := parseValues(r.PathValue("facet"), r.URL.Query())
	if !known {
		return nil, web.ErrNoPage
	}
	got, values, err := s.allValues(r.Context(), &q)
	if err != nil {
		return nil, err
	}
	l := words.Of(r.Context())
	d := &valuesData{
		Facet: q.facet, Title: facetTitles[q.facet], Has: q.has, ByName: q.byName, Chips: s.chips(l, q.wanted), Back: s.Root + q.wanted.path(),
		Total: len(values), More: got.More || got.Partial, Behind: got.Behind,
	}
	if q.text != "" {
		without := q.wanted.at(1)
		without.text = ""
		d.Chips = slices.Insert(d.Chips, 0, chip{"Words", q.text, s.Root + without.path()})
	}
	for _, f := range got.Facets {
		d.Cut = f.Others > 0
	}
	state, err := url.ParseQuery(q.state())
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(state)) {
		for _, value := range state[name] {
			d.Kept = append(d.Kept, choice{name, value})
		}
	}
	other, all := q.at(1), q.at(1)
	other.byName, all.has = !q.byName, ""
	d.Other, d.All = s.Root+other.path(), s.Root+all.path()
	next := 0
	if d.Values, next = q.cut(values); len(d.Values) > 0 {
		d.From, d.To = q.first, q.first+len(d.Values)-1
	}
	if next > 0 {
		d.Next = s.Root + q.at(next).path()
	}
	if q.first > 1 {
		d.Prev = s.Root + q.at(max(1, q.first-listedValues)).path()
	}
	title := l.T("Search") + ": " + l.T(d.Title)
	if d.From > 0 {
		title += ", " + l.T("%d – %d of %d", d.From, d.To, d.Total)
	}
	return &web.Answer{Template: "values", Title: title, Path: q.path(), Data: d}, nil
}
