package pipeline

import "github.com/sheaf-gateway/sheaf/harvest"

// A page may be of any size that its source likes: 350,000 deletions in one answer were a transaction of 16
// seconds, in which nobody else could write. A page above these bounds is stored in parts.
const (
	partItems = 1000
	partBytes = 16 << 20 // of originals
	partAsked = 50       // items that are asked for one by one
)

// parts divides a page. All parts but the last leave the cursor where the page was fetched, so that a run
// that is killed between them fetches the page again: what is stored then comes as unchanged.
func parts(f fetched) []fetched { return divide(f, partOf) }

// askedParts divides what is left of a page that is to be asked for.
func askedParts(f fetched) []fetched { return divide(f, askedPartOf) }

// divide divides a page, or a part of one, into parts of as many items as partOf says.
func divide(f fetched, partOf func([]harvest.Item) int) []fetched {
	var out []fetched
	rest, first := f.page.Items, f.first
	for {
		n := partOf(rest)
		if n == len(rest) {
			break
		}
		part := harvest.Page{Items: rest[:n], Next: f.from, Full: f.page.Full, Reconciles: f.page.Reconciles, Total: f.page.Total, Lists: f.page.Lists, List: f.page.List}
		out = append(out, fetched{page: &part, from: f.from, first: first, fetch: f.fetch})
		rest, first, f.fetch = rest[n:], first+n, Stage{}
	}
	last := *f.page
	last.Items = rest
	return append(out, fetched{page: &last, from: f.from, first: first, kept: f.kept, names: f.names, fetch: f.fetch})
}

// partOf is how many of the items, from the first on, are stored together.
func partOf(items []harvest.Item) int {
	size := 0
	for i := range items {
		size += len(items[i].Original)
		if i == partItems || i > 0 && size > partBytes {
			return i
		}
	}
	return len(items)
}

// askedPartOf is how many of the items, from the first on, are asked for before they are stored together.
func askedPartOf(items []harvest.Item) int {
	asked := 0
	for i := range items {
		if items[i].Listed && !items[i].Deleted {
			asked++
		}
		if asked > partAsked {
			return i
		}
	}
	return len(items)
}
