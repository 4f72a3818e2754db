package site

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The pages as JSON, for programs: the same searches, with the same parameters. openapi.json describes all of it, and a test
// holds the answers to that. A record is the object that events and /changes have; one that stands by itself has no line
// before it, so its prev is 0.
const apiPath = "/api/v1"

//go:embed openapi.json
var openAPI []byte

// exampleRoot is where openapi.json says that the API is.
const exampleRoot = `"https://gateway.example.org/api/v1"`

// defaultPart is how many records /records gives unless it is asked for another number.
const defaultPart = 100

type apiSearch struct {
	Total   int         `json:"total"`
	More    bool        `json:"more"`
	Partial bool        `json:"partial"`
	AsWords bool        `json:"asWords"`
	Behind  int64       `json:"behind"`
	Meant   string      `json:"meant,omitempty"`
	Results []apiResult `json:"results"`
	Next    string      `json:"next,omitempty"`
}

type apiResult struct {
	Kind   string          `json:"kind"`
	Title  string          `json:"title"`
	Lang   string          `json:"lang,omitempty"`
	Date   string          `json:"date,omitempty"`
	Change json.RawMessage `json:"change"`
}

type apiRecords struct {
	Records []json.RawMessage `json:"records"`
	Cursor  string            `json:"cursor"`
	Next    string            `json:"next,omitempty"`
}

type apiFacets struct {
	Total  int        `json:"total"`
	Exact  bool       `json:"exact"`
	Facets []apiFacet `json:"facets"`
	Years  []apiValue `json:"years,omitempty"`
}

type apiFacet struct {
	Name   string     `json:"name"`
	Title  string     `json:"title"`
	Values []apiValue `json:"values"`
	Others int        `json:"others"`
}

type apiValue struct {
	Value  string `json:"value"`
	Label  string `json:"label"`
	Count  int    `json:"count"`
	Chosen bool   `json:"chosen"`
}

type apiValues struct {
	Name   string     `json:"name"`
	Title  string     `json:"title"`
	Total  int        `json:"total"`
	Exact  bool       `json:"exact"`
	Values []apiValue `json:"values"`
	Next   string     `json:"next,omitempty"`
}

type apiSources struct {
	Sources []apiSource `json:"sources"`
}

type apiSource struct {
	Name     string     `json:"name"`
	Title    string     `json:"title"`
	Records  int64      `json:"records"`
	Complete *time.Time `json:"complete,omitempty"`
	Page     string     `json:"page"`
	Feed     string     `json:"feed"`
	OAI      string     `json:"oai"`
}

// handleAPI adds the API to a mux.
func (s *site) handleAPI(mux *http.ServeMux) {
	at := func(path string, answer func(*http.Request) (any, error)) {
		mux.HandleFunc("GET "+apiPath+path, s.Page(nil, func(r *http.Request) (*web.Answer, error) { return s.asJSON(r, answer) }))
	}
	at("/openapi.json", func(*http.Request) (any, error) {
		root, err := json.Marshal(s.Frame.URL + apiPath)
		return json.RawMessage(bytes.Replace(openAPI, []byte(exampleRoot), root, 1)), err
	})
	at("/sources", s.apiSources)
	at("/records/{source}/{local...}", s.apiRecord)
	if s.Finder != nil {
		at("/search", s.apiSearch)
		at("/facets", s.apiFacets)
		at("/facets/{facet}", s.apiValues)
		at("/records", s.apiRecords)
	}
	at("/", func(*http.Request) (any, error) { return nil, web.ErrNoPage })
}

// asJSON makes an answer of a value or, as problem details (RFC 9457), of an error.
func (s *site) asJSON(r *http.Request, answer func(*http.Request) (any, error)) (*web.Answer, error) {
	h := http.Header{"Content-Type": {"application/json"}, "Access-Control-Allow-Origin": {"*"}, "X-Robots-Tag": {"noindex"}}
	v, err := answer(r)
	var body []byte
	if err == nil {
		if a, ok := v.(*web.Answer); ok { // a redirection
			return a, nil
		}
		body, err = json.Marshal(v)
	}
	if err == nil {
		return &web.Answer{Header: h, Body: append(body, '\n')}, nil
	}
	var p *web.Problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, pipeline.ErrNotFound):
		p = errNoRecord
	case errors.Is(err, context.DeadlineExceeded) || r.Context().Err() != nil:
		p = &web.Problem{Status: http.StatusServiceUnavailable, Title: "The gateway is busy", Text: "The answer took too long to make. Try again in a moment."}
	default:
		s.Logger.Error("an answer was not made", "path", r.URL.Path, "err", err)
		p = &web.Problem{Status: http.StatusInternalServerError, Title: "The gateway could not make this answer", Text: "The fault is on this side, and it was written down. Try again later."}
	}
	body, err = json.Marshal(map[string]any{"type": "about:blank", "title": p.Title, "status": p.Status, "detail": words.English().T(p.Text, p.Parts...)})
	h.Set("Content-Type", "application/problem+json")
	return &web.Answer{Status: p.Status, Header: h, Body: append(body, '\n')}, err
}

// change is a record as events have it.
func (s *site) change(rec *pipeline.Record, epoch, prev int64) json.RawMessage {
	enc := changejson.NewEncoder(s.Frame.URL)
	return enc.Append(nil, &pipeline.Event{Record: *rec, Epoch: epoch, Prev: prev}, changejson.Whole)
}

func (s *site) apiSearch(r *http.Request) (any, error) {
	w, _ := parseWanted(r.URL.Query())
	w.chosen = s.renamed(w.chosen)
	got, err := s.page(r.Context(), w)
	if err != nil {
		return nil, err
	}
	records, err := s.live(r.Context(), got.Hits)
	if err != nil {
		return nil, err
	}
	s.charge(r, len(records))
	out := &apiSearch{Total: w.total(got), More: got.More && got.All == 0, Partial: got.Partial, AsWords: got.AsWords, Behind: got.Behind, Meant: got.Meant, Results: []apiResult{}}
	for i := range records {
		var dc dublincore.Record
		if err := dc.UnmarshalJSON(records[i].DC); err != nil {
			return nil, err
		}
		res := s.result(&records[i], &dc)
		out.Results = append(out.Results, apiResult{Kind(&dc), res.Title.Text, res.Title.Lang, res.Date, s.change(&records[i], got.Place.Epoch, 0)})
	}
	if next, more := w.next(got); more {
		out.Next = s.Frame.URL + apiPath + next.path()
	}
	return out, nil
}

func (s *site) apiFacets(r *http.Request) (any, error) {
	w, _ := parseWanted(r.URL.Query())
	w.chosen = s.renamed(w.chosen)
	got, err := s.Finder.Find(r.Context(), &search.Query{Text: w.text, Chosen: s.minted(w.chosen), From: w.from, To: w.to, Limit: 1})
	if err != nil {
		return nil, s.found(err)
	}
	out := &apiFacets{Total: got.Total, Exact: !got.More && !got.Partial, Facets: []apiFacet{}}
	for _, f := range got.Facets {
		one := apiFacet{Name: f.Name, Title: facetTitles[f.Name], Others: f.Others, Values: []apiValue{}}
		for _, c := range f.Values {
			v := s.facetValue(words.English(), w, f.Name, c)
			one.Values = append(one.Values, apiValue{v.Value, v.Text, v.Count, v.Chosen})
		}
		out.Facets = append(out.Facets, one)
	}
	for _, c := range got.Years {
		out.Years = append(out.Years, apiValue{c.Value, yearLabel(words.English(), c.Value), c.Count, c.Chosen})
	}
	return out, nil
}

func (s *site) apiValues(r *http.Request) (any, error) {
	q, known := parseValues(r.PathValue("facet"), r.URL.Query())
	if !known {
		return nil, web.ErrNoPage
	}
	got, values, err := s.allValues(r.Context(), &q)
	if err != nil {
		return nil, err
	}
	out := &apiValues{Name: q.facet, Title: facetTitles[q.facet], Total: len(values), Exact: !got.More && !got.Partial, Values: []apiValue{}}
	page, next := q.cut(values)
	for _, v := range page {
		out.Values = append(out.Values, apiValue{v.Value, v.Text, v.Count, v.Chosen})
	}
	if next > 0 {
		q.first = next
		out.Next = s.Frame.URL + address(apiPath+"/facets/"+q.facet, q.parameters()+q.own())
	}
	return out, nil
}

func (s *site) apiRecords(r *http.Request) (any, error) {
	p, err := parsePart(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if p.limit == 0 {
		p.limit = defaultPart
	}
	next, out := p, &apiRecords{Records: []json.RawMessage{}}
	upto, more, err := s.walk(r.Context(), &p, func(pipeline.Cursor) error { return nil }, func(rec *listed) error {
		out.Records = append(out.Records, s.change(rec.Record, rec.epoch, rec.prev))
		return nil
	})
	s.charge(r, len(out.Records))
	if err != nil {
		return nil, s.found(err)
	}
	next.after, out.Cursor = upto, upto.String()
	if more {
		out.Next = s.Frame.URL + next.path(apiPath+"/records")
	}
	return out, nil
}

func (s *site) apiRecord(r *http.Request) (any, error) {
	id := identifier(s.Library.Namespace(), r.PathValue("source"), r.PathValue("local"))
	if len(id) > maxIdentifier {
		return nil, errNoRecord
	}
	rec, err := s.Library.Record(r.Context(), id)
	switch {
	case err != nil:
		return nil, err
	case rec.Deleted != pipeline.Live:
		return nil, &web.Problem{Status: http.StatusGone, Title: "The record is deleted", Text: reason(rec.Deleted)}
	}
	if path := recordPath(s.Library.Namespace(), rec.Identifier); path != "" && rec.Identifier != id { // id is an alias
		return &web.Answer{Redirect: s.Root + apiPath + path, Status: http.StatusMovedPermanently}, nil
	}
	head, err := s.Library.Browse(r.Context(), rec.Source, 0, false, 1) // the epoch is the head's
	if err != nil {
		return nil, err
	}
	s.charge(r, 1)
	return s.change(rec, head.Head.Epoch, 0), nil
}

func (s *site) apiSources(r *http.Request) (any, error) {
	holdings, err := s.Library.Holdings(r.Context())
	if err != nil {
		return nil, err
	}
	shelves, _ := s.shelves(holdings)
	out := &apiSources{Sources: []apiSource{}}
	for _, sh := range shelves {
		one := apiSource{
			Name: sh.Name, Title: sh.Title, Records: sh.Live, Page: s.Frame.URL + sourcePath(sh.Name), Feed: s.Frame.URL + feedPath(sh.Name),
			OAI: s.setOf(s.ownSet(sh.Name)),
		}
		if !sh.Complete.IsZero() {
			at := sh.Complete.UTC().Truncate(time.Second)
			one.Complete = &at
		}
		out.Sources = append(out.Sources, one)
	}
	return out, nil
}
