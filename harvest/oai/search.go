package oai

import (
	"context"
	"net/url"
	"slices"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A search looks for what a list lacks. A list that ends before the size that it announced either lacks records or
// announces too many. So its headers are listed too, and the records that the pass has not met are asked for by
// GetRecord. If the list announced no size, the headers are the only second opinion about it: nothing else tells a list
// that is whole from one that was cut. The search keeps what is known of the list meanwhile.
type search struct {
	Announced int `json:"announced"` // how many records the list announced; 0 if it did not say
	Came      int `json:"came"`      // how many came
	// Around says that the list breaks off again and again at a page that the repository can't make.
	Around bool `json:"around,omitempty"`
	// Counts says that the headers are only counted, and the records that lack are looked for in windows of time: they
	// are too many to ask for each, or the headers call records otherwise than the list does.
	Counts bool `json:"counts,omitempty"`
	// Headers is how many headers were listed.
	Headers int `json:"headers,omitempty"`
	// Ends are hashes of the first and the last identifier of the list.
	Ends [2]string `json:"ends,omitzero"`
	// Doubted says that before the search the pass could not prove that records are gone.
	Doubted bool `json:"doubted,omitempty"`
}

// mostAsked bounds the records of one list that are asked for one by one. If more lack, windows of time take less.
const mostAsked = 10_000

// ended decides what follows a list: a search for what it lacks, or the next list.
func (w *walk) ended(page *harvest.Page) *harvest.Page {
	if w.p.Windows != nil {
		return w.endedWindow(page)
	}
	if w.p.Stage == allHeaders {
		return w.endedHeaders(page)
	}
	if w.p.Search != nil {
		if w.searched(); w.p.Windows == nil {
			return w.end(page)
		}
		page.Warnings, page.Unproven = w.warnings, w.p.Doubted
		w.p.newList()
		page.Next = w.p.cursor()
		return page
	}
	announced := max(w.p.Total, w.p.Seen+w.p.Lost)
	doubted := w.p.Doubted
	w.p.Doubted = doubted || w.p.Seen < announced // until it is explained, it proves no absence
	unsized := w.p.Total == 0 && w.p.Lost == 0 && w.p.Seen > 0 && w.p.Since == "" && !w.p.Vouched
	if w.p.Counted || w.p.Seen >= announced-w.p.Surplus && !unsized {
		return w.end(page)
	}
	if w.p.Search = (&search{Came: w.p.Seen, Doubted: doubted, Ends: w.p.Ends}); !unsized {
		w.p.Search.Announced, w.p.Search.Counts = announced, announced-w.p.Seen > mostAsked
		w.warn("A list ended before the size that it announced; its headers are listed, and records that lack are asked for one by one.")
	}
	page.Total, page.Warnings, page.Unproven = w.p.Total, w.warnings, w.p.Doubted
	w.p.newList()
	page.Next = w.p.cursor()
	return page
}

// searched judges a list by the headers that were listed after it. If they don't explain what it lacks, the list is
// listed again in windows of time.
func (w *walk) searched() {
	s, headers := w.p.Search, w.p.Seen
	w.p.Search, s.Headers = nil, headers
	if s.opinion() {
		w.agree(s, headers)
	}
	w.p.Breaks = w.p.Breaks || s.Around && headers > s.Came
	switch lacks := s.Announced - max(headers, s.Came); {
	case s.Around && headers < max(s.Came, 1):
		if !w.beginWindows(*s) {
			w.p.Short = s.short(0)
		}
	case s.Counts && headers > s.Came:
		s.Announced = max(s.Announced, headers)
		if !w.beginWindows(*s) {
			w.p.Short = s.short(0)
		}
	case lacks <= 0:
		w.p.Doubted = s.Doubted
	case lacks <= w.p.Surplus:
	case lacks <= w.p.Unfound, !w.beginWindows(*s):
		w.p.Short = s.short(0)
	}
}

// opinion reports whether the search is about a list that announced no size.
func (s *search) opinion() bool { return s.Announced == 0 && !s.Around }

// agree compares a list that announced no size with its headers, which may announce one.
func (w *walk) agree(s *search, headers int) {
	if headers > s.Came {
		w.warn("A list lacked records that its headers have; they are asked for one by one.")
	}
	s.Announced = max(w.p.Total, headers+w.p.Lost)
	w.p.Doubted = s.Doubted || s.Announced > headers
}

// headers returns those items of a page of headers that are asked for: none, if they are too many.
func (w *walk) headers(items []harvest.Item) []harvest.Item {
	s := w.p.Search
	if s.Counts = s.Counts || s.opinion() && (w.p.Seen > s.Came+mostAsked || w.p.Pages == 0 && !s.begins(items)); s.Counts {
		return nil
	}
	return items
}

// begins reports whether the first headers call the records as the list did. If none is called as the first or the last
// record of the list, asking for what they call otherwise might bring every record a second time.
func (s *search) begins(items []harvest.Item) bool {
	return slices.ContainsFunc(items, func(i harvest.Item) bool { return slices.Contains(s.Ends[:], hash(i.Identifier)) })
}

// unheard ends a list for which there is no second opinion. The list itself ended well, so the pass goes on.
func (w *walk) unheard() *harvest.Page {
	w.warn("Nothing but the list itself says that it is whole: it announces no size, and the repository can't list its headers.")
	w.p.Doubted, w.p.Unheard, w.p.Search = w.p.Search.Doubted, true, nil
	return w.end(w.newPage())
}

// failed reports whether an error may be the fault of the list of headers alone.
func failed(k harvest.Kind) bool {
	switch k {
	case harvest.ExpiredToken, harvest.RepeatedToken, harvest.EmptyPage:
		return true
	}
	return itsOwn(k)
}

// Ask implements [harvest.Asker] by GetRecord.
func (s *Source) Ask(ctx context.Context, at harvest.Cursor, listed harvest.Item) (harvest.Item, error) {
	p, err := parsePlace(at)
	if err != nil || p.Format == nil {
		return listed, s.problem(harvest.Config, "the cursor can't be read; begin again with a full harvest", err)
	}
	r, err := s.ask(ctx, url.Values{"verb": {"GetRecord"}, "identifier": {listed.Identifier}, "metadataPrefix": {p.Format.Prefix}})
	if err != nil {
		return listed, err
	}
	if len(r.Errors) > 0 || len(r.Records) == 0 {
		return listed, s.reported(r)
	}
	p.Search, p.Stage = nil, ""
	w := &walk{s: s, p: p}
	item := w.item(&r.Records[0])
	if item.Identifier != listed.Identifier {
		return listed, s.problem(harvest.Protocol, "GetRecord gives another record than was asked for", nil)
	}
	return item, nil
}

// Accept implements [harvest.Accepter]. From then on neither the repository's counts nor the domain of its identifiers
// stop a pass.
func (s *Source) Accept(at harvest.Cursor) harvest.Cursor {
	p, err := parsePlace(at)
	if err != nil {
		return at
	}
	p.Counted, p.Domains = true, nil
	return p.cursor()
}
