package oaipmh

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A View is what a page for people shows: the answer to a request, in a form that a template can use. All strings
// are as the repository or the client sent them, so they must be escaped.
type View struct {
	Name, BaseURL string
	Home          string // URL of a page about the repository; empty if there is none
	Head          time.Time

	// The request. Verb is empty on the start page.
	Verb, Identifier, Prefix, Set, From, Until, Token string

	Errors   []ViewError
	Identity *Identity // with Identify and on the start page
	Formats  []Format  // the repository's, on every page
	Offered  []Format  // the answer to ListMetadataFormats
	Sets     []ViewSet
	Records  []ViewRecord

	// In a list: how many elements the pages before had, the size of the whole list (zero or less if it is not
	// known), and a relative URL of the next page, if there is one.
	Before, Size int64
	Next         string
}

// A ViewError is an error of the protocol.
type ViewError struct{ Code, Message string }

// A ViewSet is a set with its descriptions made readable.
type ViewSet struct {
	Spec, Name string
	Page       string // URL of a page about it; empty if there is none
	Fields     []Field
}

// A ViewRecord is a record, or a header, made readable.
type ViewRecord struct {
	Identifier string
	Datestamp  time.Time
	Sets       []string
	Deleted    bool
	Fields     []Field
	More       bool   // not all of the metadata is in Fields
	XML        string // the metadata, if it is not large
}

const (
	// peoplePage is the number of elements on a page for people.
	peoplePage = 20
	// maxShownXML bounds the metadata that is shown as XML, in bytes.
	maxShownXML = 64 << 10
)

func (h *Handler) servePeople(w http.ResponseWriter, r *http.Request, raw string, o *Observation) {
	o.People = true
	q := h.keys.parseRequest(raw, true)
	if raw == "" {
		q.verb, q.errs = verbIdentify, nil
	}
	v := &View{BaseURL: h.baseURL, Home: h.home}
	people := *h
	people.pageSize = min(h.pageSize, peoplePage)
	a, err := people.admitted(r, q, v)
	if err == nil {
		err = h.complete(r.Context(), v, q, a)
	}
	var page bytes.Buffer
	if err == nil {
		if raw == "" {
			v.Verb = ""
		}
		err = h.page(&page, v)
	}
	if err != nil {
		h.refuse(w, o, asHTTP(r.Context(), err))
		return
	}
	o.note(q, a)
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Security-Policy", pagePolicy)
	head.Set("Referrer-Policy", "no-referrer")
	o.Bytes = send(w, r, &document{buf: page.Bytes(), end: page.Len()}, acceptedEncodings(r.Header), nil)
}

// complete adds what the page needs beside the records and sets.
func (h *Handler) complete(ctx context.Context, v *View, q *request, a *answer) error {
	v.Head, v.Verb, v.Token = a.head, q.verb, q.token
	v.Identifier, v.Prefix, v.Set, v.From, v.Until = q.identifier, q.prefix, q.set, q.from, q.until
	for _, e := range a.errs {
		v.Errors = append(v.Errors, ViewError{e.code, e.message})
	}
	if len(a.errs) > 0 {
		v.Records, v.Sets = nil, nil
	} else if q.continued() {
		v.Prefix, v.Set = q.place.prefix, q.place.set
		v.From, v.Until = dateOrNothing(q.place.from), dateOrNothing(q.place.until)
	}
	if h.setPage != nil {
		for i := range v.Sets {
			v.Sets[i].Page = h.setPage(v.Sets[i].Spec)
		}
	}
	v.Offered, v.Before, v.Size = a.formats, a.resumption.cursor, a.resumption.size
	if a.resumption.token != "" {
		v.Next = "?" + url.Values{"verb": {q.verb}, "resumptionToken": {a.resumption.token}}.Encode()
	}
	identity := a.identity
	if v.Identity = identity; identity == nil {
		var err error
		if identity, err = h.repo.Identify(ctx); err != nil {
			return err
		}
	}
	v.Name = identity.Name
	f, err := h.repo.Formats(ctx, "")
	if err != nil {
		return err
	}
	v.Formats = f.Formats
	return nil
}

func dateOrNothing(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Second.Format(t)
}

func (v *View) record(r *Record, headerOnly bool) {
	shown := ViewRecord{
		Identifier: r.Identifier, Datestamp: r.Datestamp, Sets: slices.Clone(r.Sets), Deleted: r.Deleted,
	}
	if !r.Deleted && !headerOnly {
		shown.Fields, shown.More = readableFields(r.Metadata)
		if len(r.Metadata) <= maxShownXML {
			shown.XML = strings.ToValidUTF8(string(r.Metadata), "\uFFFD")
		}
	}
	v.Records = append(v.Records, shown)
}

func (v *View) set(s *Set) {
	shown := ViewSet{Spec: s.Spec, Name: s.Name}
	for _, d := range s.Descriptions {
		fields, _ := readableFields(d)
		shown.Fields = append(shown.Fields, fields...)
	}
	v.Sets = append(v.Sets, shown)
}

// size is 0, because a page for people is bounded by its number of elements alone, and each element bounds itself.
func (v *View) size() int { return 0 }
func (v *View) cut(int)   {}

func writePage(w io.Writer, v *View) error { return pageTemplate.Execute(w, v) }
