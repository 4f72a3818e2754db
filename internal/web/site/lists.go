package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/cite"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A list is everything that a search finds, as a file. It is written while it is read, in the order of the log, so that it
// takes the same memory however long it is, and can be gone on with behind any of its lines.
//
// Its address is that of the search with another ending (/search.csv?q=hoxha), and two parameters of its own:
//
//	after   the place in the log behind which the list begins (a cursor)
//	limit   how many records are wanted; the Link header of the answer leads to the next ones
type list struct {
	Path, Title, Type string
	// open writes what stands before the records, and between and closing what stands between and behind them.
	open, between, closing string
	record                 func(*site, []byte, *listed) []byte
}

// A listed is a record of a list.
type listed struct {
	*pipeline.Record
	dc          *dublincore.Record
	epoch, prev int64
	number      int // in the list, from 0
}

// lists are the forms of a list.
var lists = makeLists()

func makeLists() []list {
	all := []list{
		{Path: "/search.csv", Title: "CSV", Type: "text/csv; charset=utf-8; header=present", open: byteOrderMark + csvHead, record: (*site).appendCSV},
		{Path: "/search.ndjson", Title: "NDJSON", Type: "application/x-ndjson", record: (*site).appendLine},
	}
	for _, f := range cite.Forms {
		end := map[string]string{"csl": ".csl.json"}[f.Name]
		if end == "" {
			end = f.End
		}
		all = append(all, list{
			Path: "/search" + end, Title: f.Title, Type: f.Type + "; charset=utf-8", open: f.Open, between: f.Between, closing: f.Close,
			record: func(s *site, b []byte, r *listed) []byte {
				return append(b, f.Item(s.work(r.Record, r.dc, recordPath(s.Library.Namespace(), r.Identifier)))...)
			},
		})
	}
	return all
}

const (
	pieceRecords = 200   // are read from the index at once
	maxLimit     = 1_000 // of a list that is asked for in pieces
	catchUp      = 10 * time.Second
	maxBehind    = 10_000 // changes that the index may have yet to read when a list begins: it reads so many meanwhile
)

// A part is what of the whole list is asked for.
type part struct {
	wanted
	after pipeline.Cursor
	limit int // 0 for everything
}

func parsePart(v url.Values) (p part, err error) {
	p.wanted, _ = parseWanted(v)
	p.wanted = p.at(1)
	p.size, p.sort = sizes[0], search.Best // the list has one order
	if s := v.Get("limit"); s != "" {
		if p.limit, _ = strconv.Atoi(s); p.limit < 1 || p.limit > maxLimit {
			return p, impossible("limit", "“%s” must be a number from 1 to %d.", maxLimit)
		}
	}
	if s := v.Get("after"); s != "" {
		if p.after, err = pipeline.ParseCursor(s); err != nil {
			return p, impossible("after", "“%s” must be a place in the log.")
		}
	}
	return p, nil
}

// path is the address of the part at a path.
func (p part) path(at string) string {
	v := p.parameters()
	if p.limit > 0 {
		v += "&limit=" + strconv.Itoa(p.limit)
	}
	if p.after != (pipeline.Cursor{}) {
		v += "&after=" + url.QueryEscape(p.after.String())
	}
	if v == "" {
		return at
	}
	return at + "?" + v[1:]
}

// errCut says that a list ends short. It must not look like a whole one.
var errCut = errors.New("the list could not be read to its end")

// errBehind says that a list would lack what the index has not read yet.
var errBehind = &web.Problem{
	Status: http.StatusServiceUnavailable, Title: "The index is being made",
	Text: "Much has changed that the search has yet to read, and the list would lack it. Try again in some minutes; /changes has everything now.",
}

// walk calls give for each record that a part has, and returns the place behind the last one. more says that there are
// others. An error of give ends it.
func (s *site) walk(ctx context.Context, p *part, begin func(pipeline.Cursor) error, give func(*listed) error) (upto pipeline.Cursor, more bool, err error) {
	q := &search.Query{Text: p.text, Chosen: s.minted(s.renamed(p.chosen)), From: p.from, To: p.to}
	at, moved, given, prev := p.after.Seq, int64(0), 0, p.after.Seq
	deadline := time.Time{}
	for first := true; ; first = false {
		limit := pieceRecords
		if p.limit > 0 {
			limit = min(limit, p.limit-given)
		}
		piece, err := s.Finder.Walk(ctx, q, at, limit)
		switch {
		case err != nil:
			return upto, false, err
		case p.after.Epoch != 0 && piece.Upto.Epoch != p.after.Epoch:
			return upto, false, errOldPlace
		case first && p.limit == 0 && !piece.More && piece.Head-piece.Upto.Seq > maxBehind:
			return upto, false, errBehind
		case first:
			if p.limit == 0 {
				moved = piece.Head // what the index has yet to read belongs to the whole list too
			}
			p.after.Epoch = piece.Upto.Epoch // whatever follows is of the same history
			if err := begin(piece.Upto); err != nil {
				return upto, false, err
			}
		}
		for _, hit := range piece.Hits {
			rec, err := s.Library.Record(ctx, hit.Identifier)
			switch {
			case errors.Is(err, pipeline.ErrNotFound) || err == nil && rec.Deleted != pipeline.Live: // gone since the index was made
				continue
			case err != nil:
				return upto, false, err
			case rec.Seq != hit.Seq: // it has changed, and is met again where it stands now, if it is still one of the hits
				moved = max(moved, rec.Seq)
				continue
			}
			r := &listed{Record: rec, dc: new(dublincore.Record), epoch: piece.Upto.Epoch, prev: prev, number: given}
			if err := r.dc.UnmarshalJSON(rec.DC); err != nil {
				return upto, false, fmt.Errorf("list %s: %w", hit.Identifier, err)
			}
			if err := give(r); err != nil {
				return upto, false, err
			}
			given, prev = given+1, rec.Seq
		}
		upto, at = piece.Upto, piece.Upto.Seq
		switch {
		case p.limit > 0 && given >= p.limit:
			return upto, piece.More || moved > at, nil
		case piece.More:
		case moved <= at:
			return upto, false, nil
		default: // the index has yet to read where they stand now
			if deadline.IsZero() {
				deadline = time.Now().Add(catchUp)
			}
			if time.Now().After(deadline) {
				return upto, false, errCut
			}
			wait := time.NewTimer(50 * time.Millisecond)
			select {
			case <-ctx.Done():
				wait.Stop()
				return upto, false, ctx.Err()
			case <-wait.C:
			}
		}
	}
}

// listing answers with a list. What goes wrong before its first byte is a page that says so; later the connection is cut,
// so that nobody takes the list for whole.
func (s *site) listing(pages web.Pages, l *list) http.HandlerFunc {
	fail := func(w http.ResponseWriter, r *http.Request, err error) {
		s.Page(pages, func(*http.Request) (*web.Answer, error) { return nil, err })(w, r)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := parsePart(r.URL.Query())
		if err != nil {
			fail(w, r, err)
			return
		}
		h := w.Header()
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cache-Control", "no-cache")
		if p.limit > 0 {
			s.listPart(w, r, l, p, fail)
			return
		}
		b, begun, records := []byte(nil), false, 0
		_, _, err = s.walk(r.Context(), &p, func(pipeline.Cursor) error {
			begun, b = true, append(b, l.open...)
			l.head(h)
			if r.Method == http.MethodHead {
				return errHead
			}
			return nil
		}, func(rec *listed) error {
			b = l.append(s, b, rec)
			if records++; len(b) < 32<<10 {
				return nil
			}
			_, err := w.Write(b)
			b = b[:0]
			return err
		})
		s.charge(r, records)
		switch {
		case errors.Is(err, errHead):
		case err != nil && !begun:
			fail(w, r, s.found(err))
		case err != nil:
			if r.Context().Err() == nil {
				s.Logger.Warn("a list was cut", "err", err)
			}
			panic(http.ErrAbortHandler)
		default:
			_, _ = w.Write(append(b, l.closing...)) // the client may have gone
		}
	}
}

// errHead ends a walk of which only the header is wanted.
var errHead = errors.New("only the header is wanted")

// listPart answers with a part of a list, and says where the next one is.
func (s *site) listPart(w http.ResponseWriter, r *http.Request, l *list, p part, fail func(http.ResponseWriter, *http.Request, error)) {
	b, records := []byte(l.open), 0
	next := p
	upto, more, err := s.walk(r.Context(), &p, func(pipeline.Cursor) error { return nil }, func(rec *listed) error {
		b = l.append(s, b, rec)
		records++
		return nil
	})
	s.charge(r, records)
	if err != nil {
		fail(w, r, s.found(err))
		return
	}
	l.head(w.Header())
	if next.after = upto; more {
		w.Header().Set("Link", "<"+s.Frame.URL+next.path(l.Path)+`>; rel="next"`)
	}
	_, _ = w.Write(append(b, l.closing...)) // the client may have gone
}

func (s *site) charge(r *http.Request, records int) {
	if s.Served != nil {
		s.Served(r, records)
	}
}

// append appends a record; the bytes between records stand before each but the first.
func (l *list) append(s *site, b []byte, r *listed) []byte {
	if r.number > 0 {
		b = append(b, l.between...)
	}
	return l.record(s, b, r)
}

func (l *list) head(h http.Header) {
	h.Set("Content-Type", l.Type)
	h.Set("Content-Disposition", `attachment; filename="`+l.Path[1:]+`"`)
}

// found is the error of a search as a page tells it.
func (s *site) found(err error) error {
	var known *web.Problem
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	s.Logger.Warn("a search was not answered", "err", err)
	return errNoSearch
}

// listForms are the links to the whole of what a search finds.
func (s *site) listForms(w wanted) (out []citedForm) {
	for _, l := range lists {
		out = append(out, citedForm{l.Title, l.Type, s.Root + part{wanted: w}.path(l.Path)})
	}
	return out
}

// appendLine writes a record as the line of /changes has it.
func (s *site) appendLine(b []byte, r *listed) []byte {
	enc := changejson.NewEncoder(s.Frame.URL)
	return enc.AppendLine(b, &pipeline.Event{Record: *r.Record, Epoch: r.epoch, Prev: r.prev}, changejson.Extras{})
}
