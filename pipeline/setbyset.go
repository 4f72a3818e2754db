package pipeline

import (
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A source whose sets are listed one after another gives a record of several sets once with each, and some repositories name in
// its header only the set that was asked for (harvest.Page.Lists). So a header that names no other set does not take a record out
// of the sets that the other lists have put it in; else it would leave and enter them in each pass, and be served as deleted in
// all but the last. A header that names other sets too is believed.

// leavesSets finds the sets in which an item stays although its header does not name them, and reports whether there are
// others, which it leaves.
func (p *preparation) leavesSets(m *minted, k *Known, page *harvest.Page) (leaves bool) {
	if len(page.Lists) < 2 || m.Deleted || !k.Live || !alone(m.Sets, page.Lists[page.List]) {
		return false
	}
	var keeps func(list int) bool // only where it is asked: it takes a hash for each list
	for _, spec := range k.Sets {
		for i, list := range page.Lists {
			if i == page.List || !within(spec, SetSpec(p.src.minted(), list)) {
				continue
			}
			if keeps == nil {
				keeps = p.stays(m, k, page)
			}
			if !keeps(i) {
				leaves = true
				continue
			}
			m.elsewhere = append(m.elsewhere, spec)
		}
	}
	return leaves
}

// stays says by which other lists the item is still in what they have put it in. If this pass has given it already, that is by
// all. If not, it is known by what came last: the bytes of now under one of the lists. The lists behind that one did not
// have it in the last pass that gave it, and those before the present one do not have it in this one.
//
// If it says something else than it did, a full pass waits for the lists behind the present one; what they say then tells in
// the next pass. A pass of changes might never give it again, so there it leaves them, and enters those that do.
func (p *preparation) stays(m *minted, k *Known, page *harvest.Page) func(list int) bool {
	if k.Met {
		return func(int) bool { return true }
	}
	under := func(lists ...string) bool {
		item := *m.Item
		item.Sets = lists
		return inputHash(&item) == k.Input
	}
	last := slices.IndexFunc(page.Lists, func(list string) bool { return under(list) })
	switch {
	case !page.Full:
		return func(list int) bool { return list <= last }
	case last < 0 && !under(p.listsOf(k, page)...): // else its header named them all, and is believed now as it was then
		last = len(page.Lists)
	}
	return func(list int) bool { return list > page.List && list <= last }
}

// listsOf are the lists whose sets the log has the item in.
func (p *preparation) listsOf(k *Known, page *harvest.Page) (lists []string) {
	for _, list := range page.Lists {
		if slices.Contains(k.Sets, SetSpec(p.src.minted(), list)) {
			lists = append(lists, list)
		}
	}
	return lists
}

// alone reports whether sets are nothing but the given one, and sets below it.
func alone(sets []string, set string) bool {
	return !slices.ContainsFunc(sets, func(s string) bool { return !within(s, set) })
}

// within reports whether a set is another one, or below it.
func within(spec, set string) bool { return spec == set || strings.HasPrefix(spec, set+":") }
