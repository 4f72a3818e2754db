package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"golang.org/x/time/rate"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// serveStop pauses a source: it is not harvested until it is resumed. Its run under way ends after the page that it is at.
func (g *Gateway) serveStop(w http.ResponseWriter, r *http.Request) {
	src, err := g.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	if err := g.stop(r.Context(), src.Name, pipeline.Stop{Who: r.FormValue("who"), Reason: r.FormValue("reason")}); err != nil {
		refuse(w, err)
		return
	}
	g.note(r, audit.Entry{What: audit.Pause, Source: src.Name, Reason: r.FormValue("reason")})
	status, err := g.standing(r.Context(), src.Name)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, status.Stop)
}

// stop stops a source, and ends its run.
func (g *Gateway) stop(ctx context.Context, source string, s pipeline.Stop) error {
	err := g.Log.Stop(ctx, source, s)
	if err == nil {
		_, err = g.Scheduler.Cancel(ctx, source, fmt.Errorf("%s was stopped by %s; %w %s", source, s.Who, pipeline.ErrStopped, source))
	}
	if err == nil {
		g.Logger.Info("a person has stopped a source", "source", source, "retired", s.Retired, "who", s.Who, "reason", s.Reason)
		if g.Stopped != nil {
			g.Stopped(source, s)
		}
	}
	return err
}

// serveResume lets a source be harvested again, and says how it had been stopped.
func (g *Gateway) serveResume(w http.ResponseWriter, r *http.Request) {
	src, err := g.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	status, err := g.standing(r.Context(), src.Name)
	if err == nil {
		err = g.Log.Resume(r.Context(), src.Name, src.Again)
	}
	switch {
	case errors.Is(err, pipeline.ErrNotFound):
		refuse(w, fmt.Errorf("%s is neither paused nor retired; sheaf status says how it stands", src.Name))
		return
	case err != nil:
		refuse(w, err)
		return
	}
	g.note(r, audit.Entry{What: audit.Resume, Source: src.Name})
	g.Logger.Info("a person has resumed a source", "source", src.Name, "who", r.FormValue("who"))
	answer(w, status.Stop)
}

// A RetireLine is one line of the answer to a retirement: how far it is.
type RetireLine struct {
	Deleted int64  `json:"deleted"`
	Live    int64  `json:"live"` // records that were live when it began
	Done    bool   `json:"done,omitempty"`
	Error   string `json:"error,omitempty"`
}

// retireBatch is how many records are deleted in one transaction.
const retireBatch = 500

// serveRetire makes deletions of a source's records, at a bounded pace. The source need not be configured any more. What is
// left when the client hangs up is done when it is retired again.
func (g *Gateway) serveRetire(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("source")
	perSecond, err := pace(r.FormValue("rate"))
	if err != nil {
		refuse(w, err)
		return
	}
	status, err := g.standing(r.Context(), name)
	if err == nil && status.Source == "" {
		err = fmt.Errorf("nothing was ever harvested of a source %q; sheaf status lists the sources", name)
	}
	if err == nil && !status.Stop.Retired {
		err = g.stop(r.Context(), name, pipeline.Stop{Retired: true, Who: r.FormValue("who"), Reason: r.FormValue("reason")})
	}
	if err != nil {
		refuse(w, err)
		return
	}
	g.note(r, audit.Entry{What: audit.Retire, Source: name, Reason: r.FormValue("reason"), More: fmt.Sprintf("%d live records", status.Live)})
	out := newStream(w)
	out.begin()
	line := RetireLine{Live: status.Live}
	if err := g.retire(r.Context(), name, perSecond, func(n int64) {
		line.Deleted += n
		out.send(line)
	}); err != nil {
		line.Error = err.Error()
	}
	line.Done = true
	g.Surveys.Outdated(context.WithoutCancel(r.Context()), name)
	g.Logger.Info("records of a retired source were deleted", "source", name, "records", line.Deleted, "err", line.Error)
	out.send(line)
}

func (g *Gateway) retire(ctx context.Context, name string, perSecond float64, progress func(deleted int64)) error {
	size, limiter := retireBatch, rate.NewLimiter(rate.Inf, 0)
	if perSecond > 0 {
		size = int(min(retireBatch, max(1, perSecond)))
		limiter = rate.NewLimiter(rate.Limit(perSecond), size)
	}
	for after := int64(0); ; {
		deleted, last, err := g.Log.Retire(ctx, name, after, size)
		if err != nil {
			return err
		}
		progress(deleted)
		if after = last; last == 0 {
			return nil
		}
		if err := limiter.WaitN(ctx, size); err != nil {
			return err
		}
	}
}

// Pause stops a source until it is resumed.
func (c *Client) Pause(ctx context.Context, source string, s pipeline.Stop) (stop pipeline.Stop, err error) {
	return stop, c.ask(ctx, http.MethodPost, "/stop", url.Values{"source": {source}, "who": {s.Who}, "reason": {s.Reason}}, &stop)
}

// Resume lets a source be harvested again, and says how it had been stopped.
func (c *Client) Resume(ctx context.Context, source, who string) (was pipeline.Stop, err error) {
	return was, c.ask(ctx, http.MethodPost, "/resume", url.Values{"source": {source}, "who": {who}}, &was)
}

// Retire makes deletions of the records of a source, rate of them in a second at most (0: as many as go), and calls progress
// for each line of news, the last one with Done set.
func (c *Client) Retire(ctx context.Context, source string, s pipeline.Stop, rate float64, progress func(*RetireLine) error) error {
	return lines(ctx, c, http.MethodPost, "/retire", url.Values{
		"source": {source}, "who": {s.Who}, "reason": {s.Reason}, "rate": {strconv.FormatFloat(rate, 'f', -1, 64)},
	}, progress)
}
