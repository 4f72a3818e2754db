package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/sheaf-gateway/sheaf/internal/control"
)

// A progress shows how far a harvest is.
type progress interface {
	line(l *control.HarvestLine)
	end()
}

// newProgress is a bar on a terminal, and a line now and then elsewhere.
func newProgress(w io.Writer, source string) progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
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

// line draws the bar. It is decoration: that it can't be drawn must not end a harvest.
func (b *bar) line(l *control.HarvestLine) {
	limit := int64(-1) // unknown
	if l.Total > 0 {
		limit = max(int64(l.Total), l.Counts.Items+1) // a full bar would be finished, but totals are estimates
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

// pause is how often a plain progress speaks.
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
