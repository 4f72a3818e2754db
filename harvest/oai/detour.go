package oai

import "github.com/sheaf-gateway/sheaf/harvest"

// patience is how many runs in a row may fail at one place before the source tries a way around it.
const patience = 3

// Detour implements [harvest.Detourer]. A repository that fails whenever it is asked by date is asked for everything.
// A repository that can't make a page of its list is asked for the headers, and then one by one for the records that
// the pass has not met. If that way fails as often, the list is begun again.
func (s *Source) Detour(at harvest.Cursor, err error) harvest.Cursor {
	p, bad := parsePlace(at)
	if bad != nil || p.Format == nil || !itsOwn(harvest.KindOf(err)) {
		return at
	}
	if p.Failures++; p.Failures < patience {
		return p.cursor()
	}
	p.Failures = 0
	switch {
	case p.Windows != nil:
		p.dropWindow()
		p.newList()
		if len(p.Windows.Todo) == 0 { // nothing is left to ask, so the list is begun again
			p.Windows = nil
		}
	case p.Stage == allHeaders: // what has changed since is listed all the same
		p.skipHeaders()
	case p.Search != nil:
		p.Search = nil
		p.newList()
	case p.Token == "" && !p.full():
		p.NoFrom, p.NoDates, p.Set = true, true, 0
	default:
		p.goAround()
	}
	return p.cursor()
}

// canGoAround reports whether a list that breaks off here may be gone around by its headers. Where a list of changes
// fails at once, it may be the date.
func (p *place) canGoAround() bool {
	return p.Search == nil && p.Windows == nil && p.Stage == "" && (p.Token != "" || p.full())
}

// goAround begins to list the headers of a list that breaks off. Once that has led around the page that can't be made,
// later passes go that way at the first failure: without patience, a repository that ignores dates as well would have
// most of its runs fail.
func (p *place) goAround() {
	p.Search = &search{Around: true, Came: p.Seen, Doubted: p.Doubted}
	p.newList()
}

// itsOwn reports whether the repository may fail because of this very request, rather than at any request.
func itsOwn(k harvest.Kind) bool {
	switch k {
	case harvest.HTTP5xx, harvest.HTTP4xx, harvest.Malformed, harvest.Truncated, harvest.HTML, harvest.TooLarge, harvest.Timeout, harvest.Protocol:
		return true
	}
	return false
}
