package oaipmh

import (
	"context"
	"errors"
	"strings"
	"time"
)

// An answer is the outcome of a request. Records and sets are not in it: they go to a [sink] one by one, so that
// a page is never in memory twice.
type answer struct {
	head       time.Time
	errs       []protocolError
	identity   *Identity
	formats    []Format
	resumption resumption
	elements   int      // records, headers or sets in this answer
	listing    *Listing // of a list of records
	cached     bool     // the elements were kept from an earlier answer
	empty      bool     // noRecordsMatch is the only error: the format and the set exist, and the list has no records
}

// A resumption is what a list says of its continuation.
type resumption struct {
	token  string // empty: the list ends here
	cursor int64
	size   int64 // of the whole list; zero or less if it is not known
}

// A sink takes the elements of a list as the repository offers them: a [document], or the [View] of a page for people.
type sink interface {
	record(r *Record, headerOnly bool)
	set(*Set)
	size() int    // bytes taken so far
	cut(size int) // forgets what was taken since there were so many bytes
}

var (
	errNoHead     = errors.New("the repository answered without Head")
	errNoAnswer   = errors.New("the repository answered with neither an answer nor an error")
	errNext       = errors.New("the repository must give Next if, and only if, a record was refused")
	errEmptyFirst = errors.New("the repository has no formats at all")
)

// answer asks the repository. It returns only those errors that the protocol has no code for.
func (h *Handler) answer(ctx context.Context, q *request, out sink) (*answer, error) {
	a := &answer{errs: q.errs}
	if len(q.errs) == 0 {
		if err := h.ask(ctx, q, out, a); err != nil {
			if a.errs = protocolErrors(q, err); len(a.errs) == 0 {
				return nil, err
			}
		}
	}
	if a.head.IsZero() {
		if len(a.errs) == 0 {
			return nil, errNoHead
		}
		var err error
		if a.head, err = h.repo.Clock(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (h *Handler) ask(ctx context.Context, q *request, out sink, a *answer) error {
	switch q.verb {
	case verbIdentify:
		i, err := h.repo.Identify(ctx)
		if i != nil {
			a.identity, a.head = i, i.Head
		}
		return found(i != nil, err)
	case verbFormats:
		return h.askFormats(ctx, q, a)
	case verbGet:
		r, head, err := h.repo.Get(ctx, q.identifier, q.prefix)
		a.head = head
		if err := found(r != nil, err); err != nil {
			return err
		}
		a.elements = 1
		out.record(r, false)
		return nil
	case verbSets:
		return h.askSets(ctx, q, out, a)
	default:
		return h.askList(ctx, q, out, a)
	}
}

// found returns an error also if the repository gave neither an answer nor an error.
func found(answered bool, err error) error {
	if err == nil && !answered {
		return errNoAnswer
	}
	return err
}

func (h *Handler) askFormats(ctx context.Context, q *request, a *answer) error {
	f, err := h.repo.Formats(ctx, q.identifier)
	if f != nil {
		a.formats, a.head = f.Formats, f.Head
	}
	switch err := found(f != nil, err); {
	case err != nil:
		return err
	case len(f.Formats) > 0:
		return nil
	case q.identifier == "":
		return errEmptyFirst
	}
	a.errs = []protocolError{{codeNoFormats, "The item has no metadata formats."}}
	return nil
}

func (h *Handler) askSets(ctx context.Context, q *request, out sink, a *answer) error {
	page := h.newPage(out)
	var last string
	head, err := h.repo.Sets(ctx, q.place.after, func(s *Set) bool {
		return page.take(func() { out.set(s); last = s.Spec })
	})
	a.head, a.elements = head, page.taken
	switch {
	case err != nil:
		return err
	case head.Before(q.place.seen):
		return ErrBehind
	case page.taken == 0 && q.continued():
		// The sets that were left when the token was given are gone.
		a.errs = []protocolError{{codeBadToken, "There are no more sets: start the list again."}}
		return nil
	case page.taken == 0:
		a.errs = []protocolError{{codeNoSets, "The repository has no sets."}}
		return nil
	}
	a.resumption = resumption{cursor: q.place.cursor, size: -1}
	if page.refused {
		next := token{verb: q.verb, after: last, cursor: q.place.cursor + int64(page.taken), size: -1, seen: later(q.place.seen, head)}
		a.resumption.token = h.keys.seal(next)
	}
	return nil
}

func (h *Handler) askList(ctx context.Context, q *request, out sink, a *answer) error {
	query := q.query()
	page := h.newPage(out)
	l, err := h.repo.List(ctx, query, func(r *Record) bool {
		return page.take(func() { out.record(r, query.HeadersOnly) })
	})
	if l != nil {
		a.head = l.Head
	}
	a.elements = page.taken
	switch err := found(l != nil, err); {
	case err != nil:
		return err
	case l.Head.Before(query.Seen):
		return ErrBehind
	case page.refused != (l.Next != ""):
		return errNext
	case page.taken == 0:
		a.errs, a.empty = []protocolError{{codeNoRecords, "No records match."}}, true
		a.resumption.cursor = q.list().cursor
		return nil
	}
	a.listing = l
	a.resumption = h.goesOn(q, page.taken, l.Next, l.Size, l.Head)
	return nil
}

// list says which list a request asks for, and at which place. A token holds both; without one the list begins.
func (q *request) list() token {
	if q.continued() {
		return q.place
	}
	return token{verb: q.verb, prefix: q.prefix, set: q.set, from: q.fromTime, until: q.untilTime}
}

func (q *request) query() *Query {
	place := q.list()
	return &Query{
		Prefix: place.prefix, Set: place.set, From: place.from, Until: place.until,
		After: place.after, Seen: place.seen, HeadersOnly: q.verb == verbListIdentifiers,
	}
}

// goesOn says how the list continues after a page with so many elements, in an answer with this head.
func (h *Handler) goesOn(q *request, elements int, next string, size int64, head time.Time) resumption {
	place := q.list()
	if !q.continued() { // later pages repeat the size, because the repository is asked for it only once
		place.size = size
	}
	r := resumption{cursor: place.cursor, size: place.size}
	if next != "" {
		place.after = next
		place.cursor += int64(elements)
		place.seen = later(place.seen, head)
		r.token = h.keys.seal(place)
	}
	return r
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// continued reports whether the request goes on with a list.
func (q *request) continued() bool { return q.token != "" }

// A page takes elements until it is full.
type page struct {
	out             sink
	limit, maxBytes int
	taken           int
	refused         bool
}

func (h *Handler) newPage(out sink) *page {
	return &page{out: out, limit: h.pageSize, maxBytes: h.maxPageBytes}
}

// take calls write to add an element, unless the page is full or becomes too long. The first element is always
// taken, because otherwise a list could never get past a very large record.
func (p *page) take(write func()) bool {
	if p.refused || p.taken == p.limit {
		p.refused = true
		return false
	}
	before := p.out.size()
	write()
	if p.taken > 0 && p.out.size() > p.maxBytes {
		p.out.cut(before)
		p.refused = true
		return false
	}
	p.taken++
	return true
}

// protocolErrors translates an error of the repository into errors of the protocol (section 3.6). It returns none
// for an error that the protocol has no code for.
func protocolErrors(q *request, err error) (errs []protocolError) {
	add := func(code, message string) { errs = append(errs, protocolError{code, message}) }
	if q.continued() {
		// The arguments were right when the token was given, so a format or a set that is gone makes the token bad:
		// any other code would tell harvesters that the list has ended.
		for _, gone := range []error{ErrBadPosition, ErrNoSuchFormat, ErrNoSuchSet} {
			if errors.Is(err, gone) {
				add(codeBadToken, "The list of this resumptionToken can't be continued: start it again.")
				break
			}
		}
		return errs
	}
	if errors.Is(err, ErrNoItem) {
		add(codeNoIdentifier, "There is no item with this identifier.")
	}
	if errors.Is(err, ErrNoFormat) {
		message := "The item is not available in this format."
		if lacks, ok := errors.AsType[*LacksError](err); ok {
			message = "The item is not available in this format: it lacks " + strings.Join(lacks.What, ", ") + "."
		}
		add(codeNoFormat, message)
	}
	if errors.Is(err, ErrNoSuchFormat) {
		add(codeNoFormat, "The repository does not have this format.")
	}
	if errors.Is(err, ErrNoSuchSet) {
		add(codeNoRecords, "The repository does not have this set.")
	}
	return errs
}
