package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/sheaf-gateway/sheaf/internal/control"
)

// A progress shows how far a harvest is.
type progress interface {
	line(l *control.HarvestLine)
	end()
}

// newProgress returns a bar for a terminal. Elsewhere the progress is a line now and then.
func newProgress(w io.Writer, source string) progress {
	if isTerminal(w) {
		return &bar{w: w, source: source}
	}
	return &plain{w: w, source: source, last: time.Now()}
}

type bar struct {
	w      io.Writer
	source string
	max    int64
	drawn  *progressbar.ProgressBar // nil before the first line
}

// line draws the bar. A harvest must not end because the bar, which is decoration, can't be drawn.
func (b *bar) line(l *control.HarvestLine) {
	limit := int64(-1) // unknown
	if l.Total > 0 {
		limit = max(int64(l.Total), l.Counts.Items+1) // the total is an estimate, and a bar that is full can't go on
	}
	if b.drawn == nil || limit != b.max {
		b.end()
		b.max = limit
		b.drawn = progressbar.NewOptions64(limit,
			progressbar.OptionSetWriter(b.w), progressbar.OptionSetDescription(b.source), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("items"), progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond),
		)
	}
	_ = b.drawn.Set64(l.Counts.Items)
}

func (b *bar) end() {
	if b.drawn != nil {
		_ = b.drawn.Clear()
		b.drawn = nil
	}
}

// pause is the time between two lines of a plain progress.
const pause = 10 * time.Second

type plain struct {
	w      io.Writer
	source string
	last   time.Time
}

func (p *plain) line(l *control.HarvestLine) {
	if l.Done || time.Since(p.last) < pause {
		return
	}
	p.last = time.Now()
	of := ""
	if l.Total > 0 {
		of = fmt.Sprintf(" of about %d", l.Total)
	}
	fmt.Fprintf(p.w, "%s: %d%s items, %d new, %d changed\n", p.source, l.Counts.Items, of, l.Counts.Added, l.Counts.Updated)
}

func (p *plain) end() {}
