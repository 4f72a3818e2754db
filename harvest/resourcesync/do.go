package resourcesync

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

const (
	// maxTrouble is how many resources in a row may fail by faults of the server before the server is taken to be broken.
	maxTrouble = 5
	// keptBytes is how much is kept of what can't be used.
	keptBytes = 4 << 20
)

// do does a task. An error is that of a server that should be asked later; the task is then not done.
func (w *walk) do(ctx context.Context, t *task) error {
	switch {
	case w.c.Stage != readsChanges && w.c.Stage != readsGone && w.later != nil && w.later.of[t.Key]:
		return nil // it has changed since, and comes with the changes
	case t.deleted:
		w.add(harvest.Item{Key: t.Key, Deleted: true, Datestamp: t.When})
		return nil
	case t.reason != "":
		w.reject(t, nil, t.reason, t.why)
		return nil
	}
	body, err := w.bytes(ctx, t)
	if err != nil {
		return w.failed(ctx, t, err)
	}
	w.c.Trouble = 0
	if why := verify(body, t.Length, t.Hash); why != "" {
		w.rejectForNow(t, body, reasonMismatch, why)
		return nil
	}
	format, why := formatOf(body)
	switch {
	case why == "":
		w.add(harvest.Item{Key: t.Key, Datestamp: t.When, Format: format, Original: body})
	case t.Type != "" && t.Hash == "": // it may be whole the next time
		w.rejectForNow(t, body, reasonMalformed, why)
	default:
		w.reject(t, body, reasonMalformed, why+"; only: says which resources are metadata")
	}
	return nil
}

func (w *walk) add(item harvest.Item) {
	w.page.Items = append(w.page.Items, item)
	w.size += len(item.Original)
}

func (w *walk) reject(t *task, body []byte, reason, why string) {
	w.add(harvest.Item{
		Key: t.Key, Datestamp: t.When, Original: body[:min(len(body), keptBytes)],
		Rejected: &harvest.Rejection{Reason: reason, Detail: why},
	})
}

// rejectForNow rejects what is asked for again in the next pass.
func (w *walk) rejectForNow(t *task, body []byte, reason, why string) {
	w.reject(t, body, reason, why)
	again := *t
	again.Told = true
	w.c.miss(again)
}

// bytes are those of the metadata, of the package or from their URL.
func (w *walk) bytes(ctx context.Context, t *task) ([]byte, error) {
	if w.pack != nil && t.path != "" {
		return w.pack.read(t.path, maxResource)
	}
	w.asked++
	res, err := w.s.get(ctx, t.url(), "application/xml, text/xml;q=0.9, */*;q=0.5", maxResource)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// failed says what becomes of a task whose bytes can't be had: the pass lacks it, unless the server should be left alone.
func (w *walk) failed(ctx context.Context, t *task, err error) error {
	if ctx.Err() != nil {
		return err
	}
	var bad *packError
	if errors.As(err, &bad) {
		w.rejectForNow(t, nil, bad.reason, bad.why)
		return nil
	}
	switch kind := harvest.KindOf(err); kind {
	case harvest.Unreachable, harvest.RateLimited, harvest.Challenged:
		return err
	case harvest.HTTP5xx, harvest.Timeout, harvest.Truncated:
		if w.c.Trouble >= maxTrouble && !w.c.Brave {
			return err
		}
		if w.c.Trouble >= maxTrouble {
			w.c.Trouble, w.c.Brave = 0, false
		}
		w.c.Trouble++
	case "":
		if !errors.Is(err, errNotThere) {
			return err
		}
	}
	w.lack(harvest.Shown(t.url()), err.Error())
	w.c.miss(*t)
	return nil
}

// formatOf tells the format of metadata by its bytes, or why they are none.
func formatOf(body []byte) (f harvest.Format, why string) {
	switch start := bytes.TrimLeft(body[:min(len(body), 1<<10)], "\ufeff \t\r\n"); {
	case len(body) == 0:
		return f, "it is empty"
	case harvest.LooksLikeHTML(body):
		return f, "it is a web page"
	case !bytes.HasPrefix(start, []byte("<")):
		return f, "it is not XML"
	}
	scan := xmlscan.New(body, xmlscan.Limits{})
	for {
		kind, err := scan.Next()
		switch {
		case err != nil:
			return f, err.Error()
		case kind == xmlscan.EOF:
			return f, ""
		case kind == xmlscan.Start && f.Prefix == "":
			f.Prefix, f.Namespace = strings.ToLower(string(scan.Local())), scan.Space()
		}
	}
}
