package ops

import (
	"fmt"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A chart shows days as bars. It is drawn with the classes of the style sheet, so that it is right in the dark too; the
// same figures stand in a table for those who can't see it.
type chart struct {
	Title  string
	Legend []segment
	Bars   []bar
	Max    int64
	Since  time.Time // of the first run that it is made of
	Days   []chartDay
	Width  int
}

// A segment is a part of a bar, or of the legend.
type segment struct {
	Class, Word  string
	X, Y, Height float64
}

// A bar is one day.
type bar struct {
	Segments []segment
	Title    string
	X        float64
}

// A chartDay is a day of the table.
type chartDay struct {
	Day   time.Time
	Parts []int64
}

const (
	chartDays   = 90
	chartHeight = 64.0
	barWidth    = 8
)

// A series is a part of a chart's bars.
type series struct {
	class, word string
	of          func(*store.PastRun) int64
}

// charts are those of a source, of the last 90 days as far as its runs are kept.
func charts(runs []store.PastRun, now time.Time) (out []chart) {
	for _, c := range []struct {
		title string
		parts []series
	}{
		{"Changes", []series{
			{"c-new", "new", func(r *store.PastRun) int64 { return r.Counts.Added }},
			{"c-changed", "changed", func(r *store.PastRun) int64 { return r.Counts.Updated }},
			{"c-deleted", "deleted", func(r *store.PastRun) int64 { return r.Counts.Deleted }},
		}},
		{"Requests that failed, and items that could not be used", []series{
			{"c-failed", "requests", func(r *store.PastRun) int64 { return failedRequests(r.Account.Requests) }},
			{"c-rejected", "items", func(r *store.PastRun) int64 { return r.Counts.Rejected }},
		}},
		{"Runs", []series{
			{"c-new", "complete", func(r *store.PastRun) int64 { return one(!failed(r)) }},
			{"c-failed", "failed, stuck or incomplete", func(r *store.PastRun) int64 { return one(failed(r)) }},
		}},
	} {
		if drawn, any := drawChart(c.title, c.parts, runs, now); any {
			out = append(out, drawn)
		}
	}
	return out
}

func drawChart(title string, parts []series, runs []store.PastRun, now time.Time) (c chart, any bool) {
	c = chart{Title: title, Width: chartDays * barWidth}
	for _, p := range parts {
		c.Legend = append(c.Legend, segment{Class: p.class, Word: p.word})
	}
	today := now.UTC().Truncate(24 * time.Hour)
	var days [chartDays][]int64
	for i := range runs {
		run := &runs[i]
		if run.Ended.IsZero() {
			continue
		}
		day := chartDays - 1 - int(today.Sub(run.Ended.UTC().Truncate(24*time.Hour))/(24*time.Hour))
		if day < 0 || day >= chartDays {
			continue
		}
		if days[day] == nil {
			days[day] = make([]int64, len(parts))
		}
		for p := range parts {
			days[day][p] += parts[p].of(run)
		}
		c.Since = run.Began
	}
	for _, day := range days {
		c.Max = max(c.Max, sum(day))
	}
	if c.Max == 0 {
		return c, false
	}
	for i, day := range days {
		if day == nil {
			continue
		}
		date := today.AddDate(0, 0, i-chartDays+1)
		c.Days = append(c.Days, chartDay{date, day})
		b := bar{X: float64(i * barWidth), Title: date.Format("2 January")}
		y := chartHeight
		for p, n := range day {
			if n == 0 {
				continue
			}
			height := max(1, float64(n)/float64(c.Max)*(chartHeight-float64(len(parts))))
			y -= height
			b.Segments = append(b.Segments, segment{Class: parts[p].class, X: b.X, Y: y, Height: height})
			b.Title += fmt.Sprintf(", %d %s", n, parts[p].word)
		}
		c.Bars = append(c.Bars, b)
	}
	return c, true
}

func sum(of []int64) (n int64) {
	for _, m := range of {
		n += m
	}
	return n
}

func one(is bool) int64 { return int64(bit(is)) }

// failedRequests counts the requests that were not answered as they should have been.
func failedRequests(by map[string]int64) (n int64) {
	for outcome, m := range by {
		if outcome != "ok" {
			n += m
		}
	}
	return n
}

// failed says whether a run ended so that an operator is told.
func failed(r *store.PastRun) bool { return slices.Contains(pipeline.Failures, r.Result) }
