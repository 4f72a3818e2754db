package site

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// sizes says how many results a page may have. The first number is the default.
var sizes = []int{25, 50, 100}

// maxParameter bounds each parameter, in bytes.
const maxParameter = 128

// A query is what a URL of the list asks for.
//
//	source   name of a source; all of them without it
//	order    "newest": the newest change first; without it the oldest
//	size     results on a page
//	after    the page that follows this place of the log (a cursor)
//	before   the page that ends before it
//	start    the number of the page's first result, counted from 1; a hint, since records move
type query struct {
	source        string
	newest        bool
	size          int // 0 if not given
	after, before pipeline.Cursor
	start         int64
}

// impossible is the problem of a parameter with a bad value. why is a text of [words], with the name and parts as its parts.
func impossible(name, why string, parts ...any) error {
	return &web.Problem{
		Status: http.StatusBadRequest, Title: "The address asks for something impossible", Text: why, Parts: append([]any{name}, parts...),
	}
}

// parseQuery reads a query. It ignores parameters that it does not know. A bad value of one that it knows is a
// [web.Problem], which says so in words.
func parseQuery(v url.Values) (q query, err error) {
	value := func(name string) string {
		s := v.Get(name)
		if len(s) > maxParameter {
			err = impossible(name, "“%s” must be shorter.")
		}
		return s
	}
	q.source = value("source")
	if strings.Trim(q.source, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return q, impossible("source", "“%s” must be the name of a source (a–z, digits, hyphens).")
	}
	switch value("order") {
	case "", "oldest":
	case "newest":
		q.newest = true
	default:
		return q, impossible("order", "“%s” must be oldest or newest.")
	}
	if s := value("size"); s != "" {
		if q.size, _ = strconv.Atoi(s); q.size < 1 || q.size > sizes[len(sizes)-1] {
			return q, impossible("size", "“%s” must be a number from 1 to %d.", sizes[len(sizes)-1])
		}
	}
	if s := value("start"); s != "" {
		if q.start, _ = strconv.ParseInt(s, 10, 64); q.start < 1 || q.start > math.MaxInt32 {
			return q, impossible("start", "“%s” must be a number from 1.")
		}
	}
	if s := value("after"); s != "" {
		if q.after, err = pipeline.ParseCursor(s); err != nil {
			return q, impossible("after", "“%s” must be a place in the log.")
		}
	}
	if s := value("before"); s != "" {
		if q.before, err = pipeline.ParseCursor(s); err != nil {
			return q, impossible("before", "“%s” must be a place in the log.")
		}
	}
	if q.after.Epoch != 0 && q.before.Epoch != 0 {
		return q, impossible("after", "“%s” must be given without “before”.")
	}
	return q, err
}

// limit returns the number of results on the page.
func (q query) limit() int {
	if q.size == 0 {
		return sizes[0]
	}
	return q.size
}

// sizes returns the sizes to choose from, the present one among them.
func (q query) sizes() []int {
	if slices.Contains(sizes, q.limit()) {
		return sizes
	}
	all := append(slices.Clone(sizes), q.limit())
	slices.Sort(all)
	return all
}

// first returns the query of the first page.
func (q query) first() query { return query{source: q.source, newest: q.newest, size: q.size} }

// path returns the path and query of the page. Parameters have one order, so that equal pages have equal addresses.
func (q query) path() string {
	var b strings.Builder
	sep := byte('?')
	add := func(name, value string) {
		b.WriteByte(sep)
		b.WriteString(name + "=" + url.QueryEscape(value))
		sep = '&'
	}
	b.WriteString("/search")
	if q.source != "" {
		add("source", q.source)
	}
	if q.newest {
		add("order", "newest")
	}
	if q.size != 0 && q.size != sizes[0] {
		add("size", strconv.Itoa(q.size))
	}
	if q.after.Epoch != 0 {
		add("after", q.after.String())
	}
	if q.before.Epoch != 0 {
		add("before", q.before.String())
	}
	if q.start > 1 {
		add("start", strconv.FormatInt(q.start, 10))
	}
	return b.String()
}
