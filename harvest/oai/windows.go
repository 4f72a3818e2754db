package oai

import (
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A repository that cuts every list at the same length cuts the list of headers too: many search engines give no more
// than 10,000 hits. So the list is divided into windows of time. A window that ends before the size that it announces
// is halved, until every window is whole or can't be halved any more.

const (
	// mostWindows bounds the windows of one list.
	mostWindows = 2000
	// fewWindows bounds those of a list that agrees with its headers and lacks no more than a few in a hundred (fewLack): a
	// count that is too large everywhere would have every window halved to its end.
	fewWindows = 100
	fewLack    = 10
)

// earliest stands for the earliestDatestamp of a repository that does not say it: no datestamp is before it.
var earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// windows has the windows of a list that are still to be listed, the last one first, and what those before gave.
type windows struct {
	Todo    []window `json:"todo"`
	Done    int      `json:"done"`    // how many were listed
	Found   int      `json:"found"`   // records, in those that were not halved
	Sized   bool     `json:"sized"`   // one of these announced its size
	Cut     bool     `json:"cut"`     // one of them ended short, and could not be halved
	Ignored bool     `json:"ignored"` // the repository does not list by date
	search
}

// A window is a stretch of time, both ends included, in seconds since 1970.
type window struct {
	From  int64 `json:"from"`
	Until int64 `json:"until"`
}

// halves returns the two halves of a window; false if it is of one day or one second, which is the shortest time that the
// repository can be asked for. Many records may have one datestamp or nearly so, because they were loaded together.
func (v window) halves(granularity string) (earlier, later window, ok bool) {
	unit := int64(1)
	if granularity == day {
		unit = 24 * 3600
	}
	length := v.Until - v.From + 1
	if length < 2*unit {
		return window{}, window{}, false
	}
	middle := v.From + length/2
	middle -= middle % unit
	return window{v.From, middle - 1}, window{middle, v.Until}, true
}

// beginWindows begins to list a list in windows of time. It returns false if the repository can't list by date.
func (w *walk) beginWindows(s search) bool {
	if w.p.NoFrom || w.p.NoDates {
		return false
	}
	from := earliest
	if first, _, _ := oaipmh.ParseDatestamp(w.p.Earliest); !first.IsZero() {
		from = first
	}
	if !w.p.full() {
		from, _, _ = oaipmh.ParseDatestamp(w.from())
	}
	until, _, _ := oaipmh.ParseDatestamp(w.p.Begun)
	if !until.After(from) {
		return false
	}
	// The repository's clock may be ahead of what it said first, so the last window reaches a day beyond.
	w.p.Windows = &windows{search: s, Todo: []window{{from.Unix() - from.Unix()%(24*3600), until.Unix() + 24*3600}}}
	w.warn("A list and its headers ended before the size that it announced; its time is listed in windows.")
	return true
}

// windowed judges the window that was just listed, and reports whether there is another one.
func (w *walk) windowed() bool {
	v := w.p.Windows
	this := v.Todo[len(v.Todo)-1]
	v.Todo, v.Done = v.Todo[:len(v.Todo)-1], v.Done+1
	if v.Ignored {
		v.Todo, v.Cut = nil, true
		return false
	}
	cut := max(w.p.Total, w.p.Seen+w.p.Lost) > w.p.Seen
	earlier, later, can := this.halves(w.p.Granularity)
	switch {
	case cut && w.p.Seen > 0 && can && v.Done < v.most():
		v.Todo = append(v.Todo, later, earlier)
	default:
		v.Found += w.p.Seen
		v.Sized = v.Sized || w.p.Total > 0
		v.Cut = v.Cut || cut
	}
	return len(v.Todo) > 0
}

// most is how many windows the list is divided into.
func (v *windows) most() int {
	if lacks := v.Announced - v.Came; !v.Around && !v.Counts && lacks <= v.Announced*fewLack/100 {
		return fewWindows
	}
	return mostWindows
}

// ignoresDates notes that records lie outside the window that was asked for. Some repositories ignore dates and always
// list everything; then windows say nothing. Clocks and time zones may be a day off.
func (w *walk) ignoresDates(records []oaipmh.Record) {
	v := w.p.Windows
	this := v.Todo[len(v.Todo)-1]
	for i := range records {
		if at := records[i].Datestamp; !at.IsZero() && (at.Unix() < this.From-48*3600 || at.Unix() > this.Until+48*3600) {
			v.Ignored = true
		}
	}
}

// judgeWindows decides what the windows together prove about the list. Only windows that each hold what they announce, as
// together they do not, show that the count of the whole is wrong: a list and its headers may both be cut at the same place.
func (w *walk) judgeWindows() {
	v := w.p.Windows
	w.p.Windows = nil
	switch lacks := v.Announced - max(v.Came, v.Found); {
	case lacks <= 0:
		w.p.Doubted = v.Doubted
	case !v.Cut && v.Found > 0 && !v.Around && v.Sized:
		w.p.Surplus = lacks
		w.warn("The repository announces more records than it has, by all its windows of time; its count is wrong.")
	default:
		w.p.Short = v.short(v.Found)
		if !v.Around && v.Found <= v.Came {
			w.p.Unfound = lacks
		}
	}
}

// short says in a sentence what a list lacks, when windows have found so many records.
func (s *search) short(found int) string {
	found = max(found, s.Headers)
	if s.Around {
		return fmt.Sprintf("the repository can't make a page of its list; before it came %d records, and by its headers and by windows of time there are %d", s.Came, found)
	}
	return fmt.Sprintf("a list announced %d records; %d came, and by its headers and windows of time there are %d, so that %d are missing. If the count is wrong, harvest with --accept", s.Announced, s.Came, found, s.Announced-max(s.Came, found))
}

// dropWindow gives up a window that can't be listed. It is halved, or left out if it is too short.
func (p *place) dropWindow() {
	v := p.Windows
	this := v.Todo[len(v.Todo)-1]
	v.Todo, v.Done = v.Todo[:len(v.Todo)-1], v.Done+1
	if earlier, later, can := this.halves(p.Granularity); can && v.Done < v.most() {
		v.Todo = append(v.Todo, later, earlier)
		return
	}
	v.Cut = true
}

// endedWindow goes on to the next window, or ends the list.
func (w *walk) endedWindow(page *harvest.Page) *harvest.Page {
	if w.windowed() {
		page.Warnings, page.Unproven = w.warnings, w.p.Doubted
		w.p.newList()
		page.Next = w.p.cursor()
		return page
	}
	w.judgeWindows()
	return w.end(page)
}

// span returns the dates with which the present window is asked for.
func (w *walk) span() (from, until string) {
	v := w.p.Windows.Todo[len(w.p.Windows.Todo)-1]
	g := oaipmh.Second
	if w.p.Granularity == day {
		g = oaipmh.Day
	}
	return g.Format(time.Unix(v.From, 0)), g.Format(time.Unix(v.Until, 0))
}
