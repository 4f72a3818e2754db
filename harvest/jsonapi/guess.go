package jsonapi

import (
	"net/url"
	"slices"
	"strings"
)

// maxGuess is how deep in an answer things are looked for, in names.
const maxGuess = 4

// walk calls f with each member of an object, and of the objects in it.
func walk(data []byte, at path, depth int, f func(at path, v []byte)) {
	_ = members(data, func(name string, v []byte) { // what can be read is looked at
		here := append(slices.Clone(at), step{name, -1})
		f(here, v)
		if depth > 1 && v[0] == '{' {
			walk(v, here, depth-1, f)
		}
	})
}

// largest is the list of objects that takes the most room in an answer, and its path; nil if there is none.
func largest(whole []byte) (at path, list []byte) {
	if objects(whole) {
		return nil, whole
	}
	walk(whole, nil, maxGuess, func(here path, v []byte) {
		if len(v) > len(list) && objects(v) {
			at, list = here, v
		}
	})
	return at, list
}

// objects reports whether a value is a list that begins with an object.
func objects(v []byte) bool {
	inside, is := strings.CutPrefix(string(v[:min(len(v), 64)]), "[")
	return is && strings.HasPrefix(strings.TrimLeft(inside, blank), "{")
}

// Names of members, in lower case and without signs, those first that say most clearly what they are.
var (
	keyNames = []string{"id", "identifier", "oid", "uuid", "guid", "doi", "pid", "handle", "ark", "uri", "url", "link", "slug", "key"}
	// The time of the index comes first: servers filter by it.
	stampNames = []string{"updated", "updatedat", "lastmodified", "modified", "modifiedat", "lastupdated", "lastupdate", "datemodified", "dateupdated",
		"systemmtime", "modificationdate", "changed", "timestamp"}
	totalNames = []string{"total", "totalresults", "totalcount", "totalitems", "totalelements", "totalhits", "totalrecords", "numfound", "hitcount", "nbhits",
		"recordcount", "count"}
	totalHeaders = []string{"X-Total-Count", "X-WP-Total", "Omeka-S-Total-Results", "X-Total", "Total-Count"}
	nextNames    = []string{"next", "nextlink", "nexturl", "nextpageurl", "nextpage", "odatanextlink", "hydranext"}
	cursorNames  = []string{"nextcursor", "nextcursormark", "nextpagetoken", "nexttoken", "nextscrollid", "resumptiontoken", "cursor"}
	numberParams = []string{"page", "page[number]", "p", "pg", "pageno", "pageNumber", "pagenumber", "seite"}
	offsetParams = []string{"offset", "page[offset]", "start", "startIndex", "skip"}
	pageParams   = []string{"page", "page[number]", "offset", "page[offset]"} // whose meaning is sure
	cursorParams = []string{"cursor", "cursorMark", "page[cursor]", "pageToken", "page_token", "token", "resumptionToken"}
	paramsOf     = map[string]string{"nextcursormark": "cursorMark", "nextpagetoken": "pageToken", "resumptiontoken": "resumptionToken"}
)

// fold is a name in lower case, without signs.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// named finds the paths in an object whose last name is one of these, the best first. At most depth names are in a path.
func named(data []byte, depth int, names []string) []path {
	type ranked struct {
		path
		rank int
	}
	var found []ranked
	walk(data, nil, depth, func(at path, _ []byte) {
		if rank := slices.Index(names, fold(at[len(at)-1].name)); rank >= 0 {
			found = append(found, ranked{at, len(at)*100 + rank}) // what stands further out is of more
		}
	})
	slices.SortStableFunc(found, func(a, b ranked) int { return a.rank - b.rank })
	var out []path
	for _, r := range found {
		out = append(out, r.path)
	}
	return out
}

// guessKey is the path of what may be the identifier of items: all have it, and each another; empty if there is none.
func guessKey(items []element) string {
	for _, p := range named(items[0].data, 2, keyNames) {
		seen := map[string]bool{}
		for _, e := range items {
			if key, ok := scalar(p.find(e.data)); ok && key != "" {
				seen[key] = true
			}
		}
		if len(seen) == len(items) {
			return p.String()
		}
	}
	return ""
}

// guessDatestamp is the path of what may be the time at which items were changed; empty if there is none.
func guessDatestamp(items []element) string {
	for _, p := range named(items[0].data, 2, stampNames) {
		if !slices.ContainsFunc(items, func(e element) bool {
			text, ok := scalar(p.find(e.data))
			if ok {
				_, ok = readTime(text)
			}
			return !ok
		}) {
			return p.String()
		}
	}
	return ""
}

// totals are the places at which the answer may say how many items there are, as [Config.Total] has them.
func (p *prober) totals() (out []string) {
	for _, name := range totalHeaders {
		if p.had[p.base.From].Header.Get(name) != "" {
			out = append(out, "header "+name)
		}
	}
	for _, at := range p.around(totalNames) {
		out = append(out, at.String())
	}
	return out
}

// around finds paths outside of the list of items.
func (p *prober) around(names []string) (out []path) {
	if p.base.Items == "" {
		return nil
	}
	return named(p.whole, 3, names)
}

// ways are the ways to the next page that the answer or its URL points at, the surest first, and then those that many
// services have.
func (p *prober) ways() (out []Page) {
	for _, at := range p.around(nextNames) {
		v := at.find(p.whole)
		link, _ := str(v)
		if v[0] == '{' || strings.Contains(link, "://") || strings.HasPrefix(link, "/") || strings.HasPrefix(link, "?") {
			out = append(out, Page{Next: at.String()})
		}
	}
	if nextLink(p.had[p.base.From].Header) != "" {
		out = append(out, Page{Link: true})
	}
	u, err := url.Parse(p.base.From)
	if err != nil {
		return out
	}
	for _, at := range p.around(cursorNames) {
		if text, ok := scalar(at.find(p.whole)); ok && text != "" {
			out = append(out, cursorWay(u, at))
		}
	}
	for _, name := range numberParams {
		if has, ok := parameter(u, name); ok {
			out = append(out, Page{Number: name, First: firstOf(has)})
		}
	}
	for _, name := range offsetParams {
		if _, ok := parameter(u, name); ok {
			out = append(out, Page{Offset: name, First: "0"})
		}
	}
	return append(out, Page{Number: "page"}, Page{Offset: "offset"}, Page{Offset: "start"})
}

// firstOf is the number of the first page, if the number of some page is known.
func firstOf(has string) string {
	if has == "0" {
		return "0"
	}
	return "1"
}

// cursorWay is the way by a cursor, with the parameter of the URL that may take it, or else the usual one.
func cursorWay(u *url.URL, at path) Page {
	way := Page{Cursor: at.String(), Param: "cursor"}
	if param := paramsOf[fold(at[len(at)-1].name)]; param != "" {
		way.Param = param
	}
	for _, name := range cursorParams {
		if has, ok := parameter(u, name); ok {
			way.Param, way.First = name, has
		}
	}
	return way
}
