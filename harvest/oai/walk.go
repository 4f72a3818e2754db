package oai

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// restartMemory is how long a restart of a list counts against the Restarts of the [Config].
const restartMemory = 6 * time.Hour

// page asks for the page at the place. If the repository has lost the place, or its list has a fault that asking again
// may cure, it returns the first page of the list again.
func (w *walk) page(ctx context.Context) (*harvest.Page, error) {
	page, err := w.fetch(ctx)
	if err != nil && w.p.Search != nil && w.p.Search.opinion() && failed(harvest.KindOf(err)) {
		return w.unheard(), nil
	}
	if err != nil && w.refusesHeaders(nil, err) {
		return w.noHeaders(), nil
	}
	if err != nil && w.p.Breaks && w.p.canGoAround() && itsOwn(harvest.KindOf(err)) {
		w.p.goAround()
		page = w.newPage()
		page.Next, page.Warnings, page.Unproven = w.p.cursor(), w.warnings, true
		return page, nil
	}
	return page, err
}

func (w *walk) fetch(ctx context.Context) (*harvest.Page, error) {
	if err := w.tryFrom(ctx); err != nil {
		return nil, err
	}
	asked := w.s.cfg.Now()
	r, err := w.list(ctx)
	fault := w.refused(err)
	if err != nil && fault == nil {
		return nil, err
	}
	if fault == nil {
		fault = w.fault(r)
	}
	if fault != nil {
		if err := w.restart(fault); err != nil {
			return nil, err
		}
		asked = w.s.cfg.Now()
		if r, err = w.list(ctx); err != nil {
			return nil, err
		}
		if fault := w.fault(r); fault != nil {
			return nil, fault
		}
	}
	if err := w.judgeSet(ctx, r); err != nil {
		return nil, err
	}
	return w.take(r, asked)
}

// list makes the request, in as many ways as the repository needs.
func (w *walk) list(ctx context.Context) (*oaipmh.Response, error) {
	r, err := w.s.ask(ctx, w.arguments())
	if err != nil {
		return nil, err
	}
	if w.p.Token != "" {
		if r.Error("badArgument") != nil && !w.p.PrefixToo {
			// Some repositories demand the prefix beside the token, though the protocol forbids it.
			w.p.PrefixToo = true
			if again, err := w.s.ask(ctx, w.arguments()); err == nil && len(again.Errors) == 0 {
				return again, nil
			}
			w.p.PrefixToo = false
		}
		return r, nil
	}
	if w.p.Windows != nil {
		return r, nil
	}
	// A repository that refuses the datestamp is asked in days, and if it refuses those too, without a date.
	if r.Error("badArgument") != nil && !w.p.full() && w.p.Granularity == second {
		w.p.Granularity = day
		w.warn("The repository refuses datestamps in seconds; days are asked instead.")
		if r, err = w.s.ask(ctx, w.arguments()); err != nil {
			return nil, err
		}
	}
	if r.Error("badArgument") != nil && !w.p.full() {
		w.p.NoFrom, w.p.Set = true, 0 // sets that were listed by date are listed again, in full
		w.warn("The repository refuses to list by date; everything is listed instead.")
		if r, err = w.s.ask(ctx, w.arguments()); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (w *walk) arguments() url.Values {
	args := url.Values{"verb": {"ListRecords"}}
	if w.p.headersOnly() {
		args.Set("verb", "ListIdentifiers")
	}
	if w.p.Token != "" {
		args.Set("resumptionToken", w.p.Token)
		if w.p.PrefixToo {
			args.Set("metadataPrefix", w.p.Format.Prefix)
		}
		return args
	}
	args.Set("metadataPrefix", w.p.Format.Prefix)
	if len(w.s.cfg.Sets) > 0 {
		args.Set("set", w.s.cfg.Sets[w.p.Set])
	}
	switch {
	case w.p.Windows != nil:
		from, until := w.span()
		args.Set("from", from)
		args.Set("until", until)
	case !w.p.full():
		args.Set("from", w.from())
	}
	return args
}

// from returns the moment from which an incremental pass asks.
func (w *walk) from() string {
	since, _, _ := oaipmh.ParseDatestamp(w.p.Since)
	overlap := w.s.cfg.Overlap
	if w.p.Late {
		since = since.Add(-lateBy)
	}
	if w.p.Granularity == day {
		if overlap == 0 {
			overlap = 24 * time.Hour
		}
		return since.Add(-overlap).UTC().Format(time.DateOnly)
	}
	if overlap == 0 {
		overlap = 5 * time.Minute
	}
	return stamp(since.Add(-overlap))
}

// refused returns an error if the repository refuses a token by its HTTP status, as some do after the token has
// expired; nil if err is something else.
func (w *walk) refused(err error) *harvest.Error {
	if w.p.Token == "" || harvest.KindOf(err) != harvest.HTTP4xx {
		return nil
	}
	return w.s.problem(harvest.ExpiredToken, fmt.Sprintf("after %d records of the list", w.p.Seen), err)
}

// fault returns what is wrong with an answer and may be cured by asking for the list again; nil if nothing is.
func (w *walk) fault(r *oaipmh.Response) *harvest.Error {
	continued := w.p.Token != ""
	lost := r.Error("badResumptionToken") != nil || r.Error("noRecordsMatch") != nil && !w.countedOut()
	if continued && lost {
		return w.s.problem(harvest.ExpiredToken, fmt.Sprintf("after %d records of the list: %s", w.p.Seen, oneLine(r.Errors[0].Error())), nil)
	}
	if len(r.Errors) > 0 || r.Token == nil || r.Token.Value == "" {
		return nil
	}
	if continued && len(r.Records) > 0 && pageHash(r.Records) == w.p.Page {
		return w.sameAgain(r)
	}
	switch token := r.Token.Value; {
	case len(r.Records) == 0:
		return w.s.problem(harvest.EmptyPage, fmt.Sprintf("after %d records of the list: a page without records, but with a token", w.p.Seen), nil)
	case token == w.p.Token || w.repeats(token):
		return w.s.problem(harvest.RepeatedToken, fmt.Sprintf("after %d records of the list: the token was there before", w.p.Seen), nil)
	case w.p.Pages >= w.s.cfg.MaxPages:
		return w.s.problem(harvest.RepeatedToken, fmt.Sprintf("the list has more than %d pages", w.s.cfg.MaxPages), nil)
	case w.p.Total > 0 && w.p.Seen > 2*w.p.Total+10000:
		return w.s.problem(harvest.RepeatedToken, fmt.Sprintf("the list goes on after %d records, though it was to have %d", w.p.Seen, w.p.Total), nil)
	}
	return nil
}

// sameAgain judges a page that gives the records of the page before it again. Some repositories repeat their last page past the
// end of a list, and go on with tokens. That is the end if all that was announced had come.
func (w *walk) sameAgain(r *oaipmh.Response) *harvest.Error {
	switch {
	case w.countedOut():
		w.warn("The repository repeats the last page of its list past its end.")
		r.Token.Value = ""
	case w.p.Repeats >= mostRepeats:
		return w.s.problem(harvest.RepeatedToken, fmt.Sprintf("after %d records of the list: the page came %d times", w.p.Seen, w.p.Repeats+1), nil)
	default:
		w.warn("A page of the list came again.")
	}
	return nil
}

// mostRepeats is how often a page may come again before the list is taken for one that does not end.
const mostRepeats = 3

// pageHash tells pages apart by the identifiers on them.
func pageHash(records []oaipmh.Record) string {
	var all strings.Builder
	for i := range records {
		all.WriteString(records[i].Identifier)
		all.WriteByte('\n')
	}
	return hash(all.String())
}

func (w *walk) repeats(token string) bool {
	p := w.p // a copy: the token is remembered when its page is taken
	return p.remember(token)
}

// countedOut reports whether the list has given all that it announced. Some repositories say noRecordsMatch then instead
// of ending the list. Only both signs together are taken for the end.
func (w *walk) countedOut() bool { return w.p.Total > 0 && w.p.Seen >= w.p.Total }

// restart begins the list again, or returns the fault if that was done often enough.
func (w *walk) restart(fault *harvest.Error) error {
	now := w.s.cfg.Now()
	if last, _, _ := oaipmh.ParseDatestamp(w.p.Restart); !last.IsZero() && now.Sub(last) > restartMemory {
		w.p.Restarts = 0
	}
	most := w.s.cfg.Restarts
	if fault.Kind != harvest.ExpiredToken {
		most = min(most, 1) // a fault of this kind is likely to stay
	}
	if w.p.Restarts >= most {
		return fault
	}
	w.p.Restarts++
	w.p.Restart = stamp(now)
	w.p.newList()
	w.warn("The repository lost our place in its list, or broke it off; the list is asked for again from its beginning.")
	return nil
}

// take makes a page of a good answer.
func (w *walk) take(r *oaipmh.Response, asked time.Time) (*harvest.Page, error) {
	for _, warning := range r.Warnings {
		w.warn(warning)
	}
	if w.p.Begun == "" {
		begun := r.Date
		if begun.IsZero() {
			w.warn("The repository sends no responseDate that can be read; our own clock is taken.")
		}
		// A responseDate ahead of our clock may be local time with a Z behind it. Taking the earlier of the two only
		// makes the overlap longer.
		if begun.IsZero() || asked.Before(begun) {
			begun = asked
		}
		w.p.Begun = stamp(begun)
	}
	w.p.Failures = 0
	if w.p.NoDates {
		w.warn("The repository fails when it is asked for changes since a date, so it can't be harvested incrementally; everything is listed instead.")
	}
	if w.p.Search != nil && w.p.Search.Around {
		w.warn("The repository can't make a page of its list; its headers are listed, and records that lack are asked for one by one.")
	}
	page := w.newPage()
	if len(r.Errors) > 0 && w.p.Search != nil && w.p.Search.opinion() {
		return w.unheard(), nil
	}
	if w.refusesHeaders(r, nil) {
		return w.noHeaders(), nil
	}
	if len(r.Errors) > 0 && (w.p.Search != nil || w.p.Windows != nil) { // that the extra list fails says nothing about the first one
		return w.ended(page), nil
	}
	if len(r.Errors) > 0 {
		if err := w.nothing(r); err != nil {
			return nil, err
		}
		return w.end(page), nil
	}
	if err := w.renamed(r.Records); err != nil {
		return nil, err
	}
	if w.p.Windows != nil {
		w.ignoresDates(r.Records)
	}
	w.noteNewest(r.Records)
	page.Items = w.items(r.Records)
	w.count(r.Token)
	w.countRecords(r.Records)
	if w.p.Search != nil {
		page.Items = w.headers(page.Items)
	} else {
		w.p.noteEnds(page.Items)
	}
	w.p.Some = w.p.Some || len(r.Records) > 0
	w.p.Pages++
	if t := r.Token; t != nil {
		if t.CompleteListSize > 0 {
			w.p.Total = t.CompleteListSize
		}
		if len(t.Value) > maxToken {
			return nil, w.s.problem(harvest.Protocol, fmt.Sprintf("the resumptionToken is %d bytes long, more than %d", len(t.Value), maxToken), nil)
		}
		if t.Value != "" {
			w.p.remember(t.Value)
			w.p.Token = t.Value
			page.Total = w.p.Total
			page.Next, page.Warnings, page.Unproven = w.p.cursor(), w.warnings, w.p.Doubted
			return page, nil
		}
	}
	if w.p.Seen == 0 && w.p.Windows == nil {
		w.emptyList()
	}
	return w.ended(page), nil
}

// countRecords counts the records of the list. A page that comes again counts once, because else the list would seem to be
// longer than it is.
func (w *walk) countRecords(records []oaipmh.Record) {
	page := pageHash(records)
	if page == w.p.Page && len(records) > 0 {
		w.p.Repeats++
		return
	}
	w.p.Page, w.p.Repeats = page, 0
	w.p.Seen += len(records)
}

// count compares the repository's count of what came before a page with ours. Many repositories count in ways of their
// own, so a count is believed only if it began at 0.
func (w *walk) count(t *oaipmh.ResumptionToken) {
	switch {
	case t == nil || t.Cursor < 0:
	case w.p.Pages == 0:
		w.p.Counts = t.Cursor == 0
	case w.p.Counts && t.Cursor > w.p.Seen:
		w.p.Lost = max(w.p.Lost, t.Cursor-w.p.Seen)
	}
}

// nothing judges an answer that has only errors. noRecordsMatch means an empty list; everything else is an error.
func (w *walk) nothing(r *oaipmh.Response) error {
	if r.Error("noRecordsMatch") == nil {
		return w.s.reported(r)
	}
	if w.p.Token != "" {
		w.warn("The repository ends its list with noRecordsMatch.")
		return nil
	}
	w.emptyList()
	return nil
}

// emptyList notes that a list is empty. If everything was asked for that is suspicious, because a repository whose index
// is being rebuilt says so too, and so does one that does not know the set.
func (w *walk) emptyList() {
	if w.p.full() {
		w.warn("The repository has no records at all, or none in the set; that proves nothing about what it had.")
		w.p.Doubted = true
	}
}

// end goes on to the next set, or ends the pass.
func (w *walk) end(page *harvest.Page) *harvest.Page {
	page.Total = w.p.Total
	page.Unproven = w.p.Doubted
	page.Short = w.p.Short
	page.Warnings = w.warnings
	w.p.newList()
	w.p.Restarts, w.p.Restart = 0, ""
	if w.p.Set+1 < len(w.s.cfg.Sets) {
		w.p.Set++
		page.Next = w.p.cursor()
		return page
	}
	if w.p.nextStage() {
		page.Next = w.p.cursor()
		return page
	}
	page.Done = true
	page.Next = w.p.after().cursor()
	return page
}
