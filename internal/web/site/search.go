package site

import (
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// How much of a record a list shows, in bytes.
const (
	listTitle   = 400
	listSummary = 1600
	listDate    = 120
)

type searchData struct {
	Heading     string // the title of the source; otherwise in English
	Source      string // the one that is listed; empty for all
	Newest      bool
	Size        int
	Sizes       []int
	Shelves     []shelf
	From, To    int64 // numbers of the first and the last result, from 1; 0 if there is none
	Total       int64
	Groups      []group
	First       string // URL of the first page; empty on it
	Prev, Next  string // URLs; empty if there is none
	AllPath     string
	ShowSources bool   // each result says where it is from
	Finder      bool   // there is a search
	About       string // the path of the page about the source that is listed; empty for all
}

// A group is the results of one kind on a page.
type group struct {
	ID, Kind string
	Start    int64 // number of its first result
	Results  []result
}

type result struct {
	Path        string
	Title       text
	Date        string // as the source wrote it
	Machine     string // for <time>; empty if it has no form for the date
	Summary     text
	SourceTitle string
	Landing     string // the URL of its page at the source; empty if it has none
	Picture     string // the URL of one that may be shown; empty if there is none
}

// search makes the list of records. It reads the log from a cursor, in either direction, so a page costs the same however
// far it is from the start.
func (s *site) search(r *http.Request) (*web.Answer, error) {
	if s.Finder != nil {
		if w, searched := parseWanted(r.URL.Query()); searched {
			return s.find(r, w)
		}
	}
	q, err := parseQuery(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if now := s.Renamed[q.source]; now != "" {
		q.source = now
		return &web.Answer{Redirect: s.Root + q.path(), Status: http.StatusMovedPermanently}, nil
	}
	holdings, err := s.Library.Holdings(r.Context())
	if err != nil {
		return nil, err
	}
	d := &searchData{Source: q.source, Newest: q.newest, Size: q.limit(), Sizes: q.sizes(), ShowSources: q.source == "", Finder: s.Finder != nil}
	d.AllPath = s.Root + query{}.path()
	d.Shelves, d.Total = s.shelves(holdings)
	if err := d.choose(q.source); err != nil {
		return nil, err
	}
	switch beginning, err := s.list(r, q, d); {
	case err != nil:
		return nil, err
	case beginning:
		return &web.Answer{Redirect: s.Root + q.first().path(), Status: http.StatusFound}, nil
	}
	l, title := words.Of(r.Context()), d.Heading
	if d.Source == "" {
		title = l.T(title)
	}
	if d.From > 0 {
		title += ": " + l.T("results %d – %d of %d", d.From, d.To, d.Total)
	}
	return &web.Answer{Template: "search", Title: title, Path: q.path(), Feed: feedPath(q.source), Data: d}, nil
}

// feedOfAll is the path of the feed of what is new (package syndication).
const feedOfAll = "/feed.atom"

// feedPath is the path of the feed of a source, or of all of them.
func feedPath(source string) string {
	if source == "" {
		return feedOfAll
	}
	return feedOfAll + "?source=" + source
}

// choose picks the source that is listed, and makes sure that it is among those that the form offers.
func (d *searchData) choose(source string) error {
	d.Heading = "All records"
	if source != "" {
		i := slices.IndexFunc(d.Shelves, func(sh shelf) bool { return sh.Name == source })
		if i < 0 {
			return errNoSource
		}
		d.Total, d.Heading = d.Shelves[i].Live, d.Shelves[i].Title
		d.About = d.Shelves[i].Path
		d.Shelves = d.Shelves[max(0, i-maxSources+1):]
	}
	d.Shelves = d.Shelves[:min(len(d.Shelves), maxSources)]
	return nil
}

// list reads the page's records. If the way back has come to the beginning it reports that instead, because the first
// page has an address of its own and is always full.
func (s *site) list(r *http.Request, q query, d *searchData) (beginning bool, err error) {
	back := q.before.Epoch != 0
	down := q.newest != back
	at := q.after
	if back {
		at = q.before
	}
	from := at.Seq
	if at.Epoch == 0 && down {
		from = math.MaxInt64
	}
	part, err := s.Library.Browse(r.Context(), q.source, from, down, q.limit())
	if err != nil {
		return false, err
	}
	if at.Epoch != 0 && (at.Epoch != part.Head.Epoch || at.Seq > part.Head.Seq) {
		return false, errOldPlace
	}
	if back {
		if !part.More {
			return true, nil
		}
		slices.Reverse(part.Records)
	}
	earlier, later := at.Epoch != 0, part.More || back
	d.number(q, int64(len(part.Records)), earlier, later)
	s.neighbours(q, d, part.Records, part.Head.Epoch, earlier, later)
	return false, s.group(d, part.Records)
}

// number gives the results their numbers. The URL says with which number the page starts, but records come and go between
// two pages. So at the ends of the list, where the number is certain, it is corrected.
func (d *searchData) number(q query, n int64, earlier, later bool) {
	if n == 0 {
		return
	}
	switch {
	case !earlier:
		d.From = 1
	case !later:
		d.From = max(d.Total-n+1, 1)
	default:
		d.From = max(min(q.start, d.Total-n), 1)
	}
	d.To = d.From + n - 1
	d.Total = max(d.Total, d.To) // the total was counted a moment before
	if later {
		d.Total = max(d.Total, d.To+1)
	}
}

// neighbours makes the links to the neighbouring pages.
func (s *site) neighbours(q query, d *searchData, recs []pipeline.Record, epoch int64, earlier, later bool) {
	base := q.first()
	if earlier {
		d.First = s.Root + base.path()
	}
	if len(recs) == 0 {
		return
	}
	if earlier {
		prev := base
		prev.before = pipeline.Cursor{Epoch: epoch, Seq: recs[0].Seq}
		prev.start = max(d.From-int64(q.limit()), 1)
		d.Prev = s.Root + prev.path()
	}
	if later {
		next := base
		next.after = pipeline.Cursor{Epoch: epoch, Seq: recs[len(recs)-1].Seq}
		next.start = d.To + 1
		d.Next = s.Root + next.path()
	}
}

// group puts the results under the headings of their kinds, in the order in which the kinds come.
func (s *site) group(d *searchData, recs []pipeline.Record) error {
	at := map[string]int{}
	for i := range recs {
		var dc dublincore.Record
		if err := dc.UnmarshalJSON(recs[i].DC); err != nil {
			return fmt.Errorf("show %s: %w", recs[i].Identifier, err)
		}
		k := Kind(&dc)
		g, known := at[k]
		if !known {
			g = len(d.Groups)
			at[k] = g
			d.Groups = append(d.Groups, group{ID: fmt.Sprintf("kind-%d", g+1), Kind: k})
		}
		d.Groups[g].Results = append(d.Groups[g].Results, s.result(&recs[i], &dc))
	}
	n := d.From
	for i := range d.Groups {
		d.Groups[i].Start = n
		n += int64(len(d.Groups[i].Results))
	}
	return nil
}

func (s *site) result(rec *pipeline.Record, dc *dublincore.Record) result {
	out := result{Path: s.Root + recordPath(s.Library.Namespace(), rec.Identifier), Title: heading(rec, dc), SourceTitle: s.title(rec.Source), Picture: s.picture(dc)}
	if v, ok := dc.First(dublincore.Landing); ok && !standsIn(&v, out.Path) {
		out.Landing = link(v.Text)
	}
	if v, ok := first(dc, dates); ok {
		out.Date, out.Machine = dateWritten(&v), machine(v.Text)
	}
	if v, ok := first(dc, summaries); ok {
		out.Summary = brief(&v, listSummary)
	}
	return out
}

// heading returns the record's title; its identifier if the record has no title.
func heading(rec *pipeline.Record, dc *dublincore.Record) text {
	if v, ok := dc.First(dublincore.Title); ok {
		if t := brief(&v, listTitle); t.Text != "" {
			return t
		}
	}
	return text{Text: rec.Identifier}
}

// shelf redirects visitors who have cut a record's address short to the list.
func (s *site) shelf(*http.Request) (*web.Answer, error) {
	return &web.Answer{Redirect: s.Root + query{}.path(), Status: http.StatusFound}, nil
}
