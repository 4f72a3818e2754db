package ops

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A standing is a source and how it stands.
type standing struct {
	control.SourceInfo
	State string
	Look  bool // an operator should look at it
	Now   time.Time
	Past  []tick // its last runs, the oldest first
}

// A tick is a past run in a row of them.
type tick struct {
	X     int
	Class string
	Title string
}

func standings(sources []control.SourceInfo, now time.Time) []standing {
	out := make([]standing, len(sources))
	for i := range sources {
		s := &sources[i]
		state := s.State(false, now)
		out[i] = standing{SourceInfo: *s, State: state, Look: s.NeedsLook(state), Now: now}
	}
	return out
}

// Since is since when the source is in its state, as far as that is known.
func (s *standing) Since() time.Time {
	st := &s.Status
	switch {
	case !st.Stop.At.IsZero():
		return st.Stop.At
	case s.State == store.StateRunning:
		return st.LastRun.Began
	case st.Failures > 0:
		return st.FailingSince
	case st.Held.Run != 0:
		return st.Held.Since
	case s.State == store.StateLate:
		return st.LastComplete.Add(2 * s.Every)
	}
	return st.LastRun.Ended
}

// Shown is what the source is called.
func (s *standing) Shown() string {
	if s.Title != "" {
		return s.Title
	}
	return s.Name
}

// Path is the source's page.
func (s *standing) Path() string { return "/sources/" + url.PathEscape(s.Name) }

// calls are what the source needs a person for.
func (s *standing) calls() (out []call) {
	st := &s.Status
	if st.Held.Run != 0 {
		out = append(out, call{
			Urgent: true, What: s.Shown() + ": a decision", Text: heldText(&st.Held, st.Live), Path: "/pending/" + strconv.FormatInt(st.Held.Run, 10), Link: "Look and decide", since: st.Held.Since,
		})
	}
	switch s.State {
	case pipeline.Failed, pipeline.Stuck, pipeline.Incomplete, store.StateLate, store.StateInterrupted:
		text := st.LastRun.Err
		if s.State == store.StateLate {
			text = fmt.Sprintf("It was harvested to the end last %s, and should be every %s.", ago(st.LastComplete, s.Now), rough(s.Every))
		}
		what := fmt.Sprintf("%s: %s", s.Shown(), s.State)
		if st.Failures > 1 {
			what += fmt.Sprintf(", %d times since %s", st.Failures, ago(st.FailingSince, s.Now))
		}
		out = append(out, call{Urgent: st.Failures > 2, What: what, Text: text, Path: s.Path(), Link: "The source", since: s.Since()})
	case pipeline.Retired:
		if st.Live > 0 {
			out = append(out, call{What: s.Shown() + ": retired, and not all of its records are deleted", Text: counted(st.Live, "record is", "records are") + " still to be deleted.", Path: s.Path(), Link: "The source", since: s.Since()})
		}
	case store.StateGone:
		if st.Live > 0 {
			out = append(out, call{What: s.Shown() + ": not configured any more, and served", Text: counted(st.Live, "record is", "records are") + " served. If that is meant, sheaf retire " + s.Name + " deletes them.", Path: s.Path(), Link: "The source", since: s.Since()})
		}
	}
	if n := st.Quarantined; n > 0 {
		out = append(out, call{What: s.Shown() + ": quarantine", Text: counted(n, "item", "items") + " could not be used.", Path: "/quarantine?source=" + url.QueryEscape(s.Name), Link: "Quarantine", since: s.Now})
	}
	return out
}

// heldText says what waits of a source that has so many live records.
func heldText(h *pipeline.Held, live int64) string {
	var parts []string
	if h.Deletions > 0 {
		parts = append(parts, counted(h.Deletions, "record would be deleted", "records would be deleted"))
	}
	if h.Changes > 0 {
		parts = append(parts, counted(h.Changes, "record would change", "records would change"))
	}
	return strings.Join(parts, ", and ") + fmt.Sprintf(", of %d. Nothing of that is done until somebody decides.", live)
}

const (
	// sourcesPage is how many sources a page lists.
	sourcesPage = 100
	// pastRuns is how many runs are read for the rows of past runs, and pastTicks how many one row has.
	pastRuns, pastTicks = 1000, 24
	everySources        = 10
)

// sources lists them, those that are looked for by a part of their names or titles, or in one state, if asked.
func (s *ops) sources(r *http.Request) (*finding, error) {
	all, err := s.Commands.Brief(r.Context())
	if err != nil {
		return nil, err
	}
	runs, err := s.Commands.Runs(r.Context(), "", pastRuns)
	if err != nil {
		return nil, err
	}
	q, state := r.FormValue("q"), r.FormValue("state")
	found := slices.DeleteFunc(standings(all, time.Now()), func(st standing) bool {
		return state != "" && st.State != state ||
			q != "" && !strings.Contains(strings.ToLower(st.Name+" "+st.Title), strings.ToLower(q))
	})
	first, last, pages := piece(r, len(found), sourcesPage)
	past := ticks(runs)
	for i := range found[first:last] {
		st := &found[first+i]
		st.Past = past[st.Name]
	}
	return &finding{template: "sources", here: "/sources", title: "Sources", every: everySources, data: struct {
		Sources                []standing
		Total, Found           int
		Query, State           string
		States                 []string
		First                  int
		Pages                  []pageLink
		AnyPast                bool
		TickWidth, TicksInARow int
	}{found[first:last], len(all), len(found), q, state, store.States, first + 1, pages, len(runs) > 0, tickWidth, pastTicks}}, nil
}

const tickWidth = 4

// ticks are the last runs of each source.
func ticks(runs []store.PastRun) map[string][]tick {
	out := map[string][]tick{}
	for i := range runs { // the newest first
		r := &runs[i]
		row := out[r.Source]
		if len(row) == pastTicks || r.Ended.IsZero() {
			continue
		}
		out[r.Source] = append(row, tick{X: (pastTicks - 1 - len(row)) * tickWidth, Class: "r-" + r.Result, Title: r.Result + " " + r.Ended.UTC().Format("2 January 15:04")})
	}
	for _, row := range out {
		slices.Reverse(row)
	}
	return out
}

// A pageLink leads to a part of a list.
type pageLink struct {
	N    int
	Path string
	Here bool
}

// piece is the part of a list of n that a request asks for with page=, and links to the parts if there are several.
func piece(r *http.Request, n, size int) (first, last int, links []pageLink) {
	pages := max(1, (n+size-1)/size)
	at, err := strconv.Atoi(r.FormValue("page"))
	if err != nil || at < 1 || at > pages {
		at = 1
	}
	if pages > 1 {
		for i := 1; i <= pages; i++ {
			query := r.URL.Query()
			query.Set("page", strconv.Itoa(i))
			links = append(links, pageLink{i, r.URL.Path + "?" + query.Encode(), i == at})
		}
	}
	return (at - 1) * size, min(at*size, n), links
}
