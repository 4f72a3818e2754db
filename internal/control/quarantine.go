package control

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// quarantinePage is how many rejected items are given at once.
const quarantinePage = 1000

func (g *Gateway) serveQuarantine(w http.ResponseWriter, r *http.Request) {
	after, err := number(r, "after", 0)
	if err != nil {
		refuse(w, err)
		return
	}
	limit, err := number(r, "limit", quarantinePage)
	if err != nil {
		refuse(w, err)
		return
	}
	items, err := g.Log.Quarantine(r.Context(), r.FormValue("source"), after, int(min(limit, quarantinePage)))
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, items)
}

// Quarantine gives up to limit (at most 1,000) rejected items of a source, or of all, whose number is
// larger than after, in order of their numbers.
func (c *Client) Quarantine(ctx context.Context, source string, after int64, limit int) (out []store.Quarantined, err error) {
	return out, c.get(ctx, "/quarantine", url.Values{
		"source": {source}, "after": {strconv.FormatInt(after, 10)}, "limit": {strconv.Itoa(limit)},
	}, &out)
}

// maxNumbers is how many rejected items one request may name.
const maxNumbers = 1000

// numbers are the items in quarantine that a request names.
func numbers(r *http.Request) (out []int64, err error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	texts := r.Form["number"]
	if len(texts) > maxNumbers {
		return nil, fmt.Errorf("%d items are too many for one request; ask for at most %d", len(texts), maxNumbers)
	}
	for _, text := range texts {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the number of an item must be a number, not %q", text)
		}
		out = append(out, n)
	}
	return out, nil
}

// first is the first of the items, or 0.
func first(which []int64) int64 {
	if len(which) == 0 {
		return 0
	}
	return which[0]
}

// serveDismiss notes that items in quarantine need nobody's attention.
func (g *Gateway) serveDismiss(w http.ResponseWriter, r *http.Request) {
	which, err := numbers(r)
	if err != nil {
		refuse(w, err)
		return
	}
	who := r.FormValue("who")
	n, err := g.Log.Dismiss(r.Context(), which, who)
	if err != nil {
		refuse(w, err)
		return
	}
	g.Logger.Info("a person has dismissed items in quarantine", "items", n, "who", who)
	g.note(r, audit.Entry{What: audit.Drop, More: fmt.Sprintf("%d items of quarantine, from number %d", n, first(which))})
	answer(w, n)
}

// serveRetry takes items of one source from quarantine, and tries them again with the source's present rules.
func (g *Gateway) serveRetry(w http.ResponseWriter, r *http.Request) {
	which, err := numbers(r)
	if err != nil {
		refuse(w, err)
		return
	}
	src, err := g.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	var o pipeline.Order
	for _, n := range which {
		found, err := g.Log.Quarantine(r.Context(), src.Name, n-1, 1)
		if err != nil {
			refuse(w, err)
			return
		}
		if len(found) == 0 || found[0].ID != n || len(found[0].Said) == 0 {
			continue // it has left quarantine meanwhile
		}
		item, err := pipeline.Said(found[0].Said, found[0].Original)
		if err != nil {
			refuse(w, err)
			return
		}
		o.Retry = append(o.Retry, item)
	}
	var counts pipeline.Counts
	if o.By = pipeline.ByPerson; len(o.Retry) > 0 {
		report, err := g.Scheduler.Harvest(r.Context(), src, o)
		if err != nil {
			refuse(w, err)
			return
		}
		counts = report.Counts
	}
	g.note(r, audit.Entry{What: audit.Retry, Source: src.Name, More: fmt.Sprintf("%d items of quarantine, from number %d", len(o.Retry), first(which))})
	answer(w, counts)
}

func itemArgs(which []int64) url.Values {
	args := url.Values{}
	for _, n := range which {
		args.Add("number", strconv.FormatInt(n, 10))
	}
	return args
}

// Dismiss says that up to 1,000 items in quarantine need nobody's attention; n of them were there.
func (c *Client) Dismiss(ctx context.Context, which []int64, who string) (n int64, err error) {
	args := itemArgs(which)
	args.Set("who", who)
	return n, c.ask(ctx, http.MethodPost, "/quarantine/dismiss", args, &n)
}

// Retry tries up to 1,000 items of a source again that are in quarantine, and says what became of them.
func (c *Client) Retry(ctx context.Context, source string, which []int64) (n pipeline.Counts, err error) {
	args := itemArgs(which)
	args.Set("source", source)
	return n, c.ask(ctx, http.MethodPost, "/quarantine/retry", args, &n)
}
