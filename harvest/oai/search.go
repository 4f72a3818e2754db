package oai

import (
	"context"
	"net/url"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A search looks for what a list lacks. A list that ends before the size that it announced either lacks records or
// announces too many. So its headers are listed too, and the records that the pass has not met are asked for by
// GetRecord. The search keeps what is known of the list meanwhile.
type search struct {
	Announced int `json:"announced"` // how many records the list announced
	Came      int `json:"came"`      // how many came
	// Around says that the list breaks off again and again at a page that the repository can't make.
	Around bool `json:"around,omitempty"`
	// Doubted says that before the search the pass could not prove that records are gone.
	Doubted bool `json:"doubted,omitempty"`
}

// wrongBy is a share of the announced size, in percent. If two lists agree, and lack no more than that, the repository
// is taken to be wrong about the size. A list that lacks more is not explained by that.
const wrongBy = 10

// ended decides what follows a list: a search for what it lacks, or the next list.
func (w *walk) ended(page *harvest.Page) *harvest.Page {
	if w.p.Windows != nil {
		return w.endedWindow(page)
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
	if w.p.Counted || w.p.Seen >= announced-w.p.Surplus {
		return w.end(page)
	}
	w.p.Search = &search{Announced: announced, Came: w.p.Seen, Doubted: doubted}
	w.warn("A list ended before the size that it announced; its headers are listed, and records that lack are asked for one by one.")
	page.Total, page.Warnings, page.Unproven = w.p.Total, w.warnings, w.p.Doubted
	w.p.newList()
	page.Next = w.p.cursor()
	return page
}

// searched judges a list by the headers that were listed after it. If they don't explain what it lacks, the list is
// listed again in windows of time.
func (w *walk) searched() {
	s, headers := w.p.Search, w.p.Seen
	w.p.Search = nil
	switch lacks := s.Announced - max(headers, s.Came); {
	case s.Around && headers < max(s.Came, 1):
		if !w.beginWindows(*s) {
			w.p.Short = s.short(headers)
		}
	case lacks <= 0:
		w.p.Doubted = s.Doubted
	case lacks <= w.p.Surplus:
	case headers > 0 && lacks <= s.Announced*wrongBy/100:
		w.p.Surplus = lacks
		w.warn("The repository announces more records than it has, by all its lists; its count is wrong.")
	case !w.beginWindows(*s):
		w.p.Short = s.short(headers)
	}
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
	p.Search = nil
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
