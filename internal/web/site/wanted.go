package site

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A wanted is what a URL of a search asks for. Every parameter is optional, and no value is wrong: what is not understood
// is searched as words, or left out.
//
//	q           what was typed (see [search.Query])
//	kind, source, set, language, place, person, subject, decade, rights, provider
//	            chosen values of facets; each may be there several times
//	from, to    dates
//	sort        an order (see [search.Sort])
//	start       the number of the page's first result, counted from 1
//	before      of a page behind the first [search.MaxHits] results: the place where they stand (a cursor; see [search.Found])
//	size        results on a page
//	view        "kinds": results stand under the headings of their kinds
type wanted struct {
	text     string
	chosen   map[string][]string
	from, to string
	sort     search.Sort
	start    int
	before   pipeline.Cursor // zero unless start is greater than search.MaxHits
	size     int
	view     view
}

// Bounds of what a URL may choose.
const (
	maxChosen      = 20  // values of a facet
	maxChosenValue = 250 // bytes of one
	maxTyped       = 2000
	maxDay         = 40
)

// parseWanted reads the parameters; it says whether there is one that the plain list of records does not have.
func parseWanted(v url.Values) (w wanted, searched bool) {
	w.text = wording.ClipLine(web.Clean(v.Get("q")), maxTyped)
	w.from, w.to = clipped(v.Get("from"), maxDay), clipped(v.Get("to"), maxDay)
	if s := search.Sort(v.Get("sort")); slices.Contains(sorts, s) {
		w.sort = s
	}
	w.chosen = map[string][]string{}
	for _, facet := range search.Facets {
		for _, value := range v[facet] {
			if value = clipped(value, maxChosenValue); value != "" && len(w.chosen[facet]) < maxChosen && !slices.Contains(w.chosen[facet], value) {
				w.chosen[facet] = append(w.chosen[facet], value)
			}
		}
		searched = searched || facet != search.Source && len(w.chosen[facet]) > 0
	}
	searched = searched || w.text != "" || w.from != "" || w.to != "" || w.sort != search.Best || len(w.chosen[search.Source]) > 1
	if view(v.Get("view")) == grouped {
		w.view, searched = grouped, true
	}
	w.start, _ = strconv.Atoi(v.Get("start"))
	w.before, _ = pipeline.ParseCursor(clipped(v.Get("before"), maxParameter))
	if w.before.Seq == 0 {
		w.start = min(w.start, search.MaxHits)
	}
	w = w.at(min(max(w.start, 1), math.MaxInt32))
	if w.size, _ = strconv.Atoi(v.Get("size")); !slices.Contains(sizes, w.size) {
		w.size = sizes[0]
	}
	return w, searched
}

// clipped is a value that can be seen, and is not too long to be one.
func clipped(s string, n int) string {
	if len(s) > n {
		return ""
	}
	return web.Clean(s)
}

// sorts are the orders that a reader may choose, the first one by default.
var sorts = []search.Sort{search.Best, search.Newest, search.Early, search.Late, search.Title}

// path returns the path and query of the search.
func (w wanted) path() string { return address("/search", w.state()) }

// address is a path with parameters, each of which is behind "&".
func address(path, parameters string) string {
	if parameters == "" {
		return path
	}
	return path + "?" + parameters[1:]
}

// state are all parameters of the search.
func (w wanted) state() string {
	v := w.parameters()
	add := func(name, value string) { v += "&" + name + "=" + url.QueryEscape(value) }
	if w.sort != search.Best {
		add("sort", string(w.sort))
	}
	if w.size != sizes[0] {
		add("size", strconv.Itoa(w.size))
	}
	if w.view != flat {
		add("view", string(w.view))
	}
	if w.start > 1 {
		add("start", strconv.Itoa(w.start))
	}
	if w.before.Epoch != 0 {
		add("before", w.before.String())
	}
	return v
}

// parameters are those that say what is found, each behind "&". They have one order, so that equal searches have equal
// addresses.
func (w wanted) parameters() string {
	var b strings.Builder
	add := func(name, value string) {
		if value != "" {
			b.WriteString("&" + name + "=" + url.QueryEscape(value))
		}
	}
	add("q", w.text)
	for _, facet := range search.Facets {
		for _, value := range w.chosen[facet] {
			add(facet, value)
		}
	}
	add("from", w.from)
	add("to", w.to)
	return b.String()
}

// words say in a line what is searched for; empty for everything. label is how a value of a facet is shown.
func (w wanted) words(label func(facet, value string) string) string {
	var parts []string
	if w.text != "" {
		parts = append(parts, w.text)
	}
	for _, facet := range search.Facets {
		for _, value := range w.chosen[facet] {
			parts = append(parts, label(facet, value))
		}
	}
	if w.from != "" || w.to != "" {
		parts = append(parts, strings.TrimSpace(w.from+" – "+w.to))
	}
	return strings.Join(parts, ", ")
}

// with is the first page of the search with a value of a facet chosen, or not any more.
func (w wanted) with(facet, value string) wanted {
	w = w.at(1)
	all := map[string][]string{}
	for name, values := range w.chosen {
		all[name] = slices.Clone(values)
	}
	if at := slices.Index(all[facet], value); at >= 0 {
		all[facet] = slices.Delete(all[facet], at, at+1)
	} else {
		all[facet] = append(all[facet], value)
	}
	w.chosen = all
	return w
}

// at is the search from another result of the same stretch of results, or of the first one.
func (w wanted) at(start int) wanted {
	if w.start = start; start <= search.MaxHits {
		w.before = pipeline.Cursor{}
	}
	return w
}

// stretch is the number of the first result of the stretch in which the page is.
func (w wanted) stretch() int { return w.start - (w.start-1)%search.MaxHits }

// behind is the search from the first result of another stretch, which stands before a place of the log, or from another
// result of the first stretch.
func (w wanted) behind(start int, place pipeline.Cursor) wanted {
	w.before = place
	return w.at(start)
}
