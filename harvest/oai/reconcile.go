package oai

import (
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A reconciliation lists the headers of everything, so that what the repository has can be held against the log: records
// that were added under an old date are found, and those that are gone without a trace. It begins with what has
// changed since the last pass, so that new records are not taken for ones that were missed, and ends with what has changed
// since, so that a record that moved while the headers were listed is not taken for gone.

// The stages of a reconciliation, in order. Each goes through all sets.
const (
	changesBefore = "changes"
	allHeaders    = "headers"
	changesAfter  = "since"
	// changesAlone takes the place of the last one if the headers can't be had. What is left is no full pass.
	changesAlone = "alone"
)

// Reconcile implements [harvest.Reconciler]. A repository that can't list what has changed lists everything anyway.
func (s *Source) Reconcile(at harvest.Cursor) (harvest.Cursor, bool) {
	p, err := parsePlace(at)
	if err != nil || p.Format == nil || p.full() && p.Stage != allHeaders {
		return at, false
	}
	p.Short = ""
	next := p.after()
	next.Since, next.Stage = p.Since, changesBefore
	return next.cursor(), true
}

// headersOnly reports whether the list is one of headers.
func (p *place) headersOnly() bool { return p.Search != nil || p.Stage == allHeaders }

// newPage begins a page of the pass.
func (w *walk) newPage() *harvest.Page {
	page := &harvest.Page{Full: w.p.full() || w.p.Stage != "" && w.p.Stage != changesAlone, Reconciles: w.p.Stage != ""}
	if len(w.s.cfg.Sets) > 1 {
		page.Lists, page.List = w.s.cfg.Sets, w.p.Set
	}
	return page
}

// nextStage goes on to the next stage of a reconciliation; false if there is none.
func (p *place) nextStage() bool {
	switch {
	case p.NoFrom: // so the changes were everything
		p.Stage = ""
		return false
	case p.Stage == changesBefore:
		p.Stage, p.Since = allHeaders, p.Begun
	case p.Stage == allHeaders:
		p.Stage = changesAfter
	default:
		p.Stage = ""
		return false
	}
	p.Set, p.Begun = 0, ""
	return true
}

// endedHeaders ends a list of all headers. One that was cut short proves nothing.
func (w *walk) endedHeaders(page *harvest.Page) *harvest.Page {
	if announced := max(w.p.Total, w.p.Seen+w.p.Lost) - w.p.Surplus; w.p.Seen < announced && !w.p.Counted {
		w.p.Doubted = true
		w.warn("The list of headers ended before the size that it announced, so it does not show which records are gone.")
	}
	return w.end(page)
}

// noHeaders goes on with what has changed, because the repository does not list its headers.
func (w *walk) noHeaders() *harvest.Page {
	w.warn("The repository can't list its headers, so that only a full harvest shows what it has.")
	w.p.skipHeaders()
	page := w.newPage()
	page.Next, page.Warnings, page.Unproven = w.p.cursor(), w.warnings, true
	return page
}

// skipHeaders goes on to what has changed since the reconciliation began, without the headers.
func (p *place) skipHeaders() {
	p.newList()
	p.Stage, p.Doubted, p.Set, p.Begun = changesAlone, true, 0, ""
}

// refusesHeaders reports whether the repository does not list its headers: it says so, or answers nonsense.
func (w *walk) refusesHeaders(r *oaipmh.Response, err error) bool {
	if w.p.Stage != allHeaders {
		return false
	}
	if err == nil {
		return len(r.Errors) > 0 && r.Error("noRecordsMatch") == nil
	}
	switch k := harvest.KindOf(err); k {
	case harvest.HTTP5xx, harvest.Timeout, harvest.Truncated: // which may pass
		return false
	default:
		return failed(k)
	}
}
