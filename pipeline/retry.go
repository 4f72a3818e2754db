package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// An item whose source sent it well and that the mapping could not use can be tried again with other rules. What the source
// said of it beside its original is kept with it in quarantine.

// said is what is kept of an item beside its original.
func said(item *harvest.Item) []byte {
	kept := *item
	kept.Original, kept.Rejected = nil, nil
	text, err := json.Marshal(kept)
	if err != nil {
		return nil // then it can't be tried again, and comes with the next full pass
	}
	return text
}

// Said makes the item again of what was kept of it (see [Reject]).
func Said(text, original []byte) (harvest.Item, error) {
	var item harvest.Item
	if err := json.Unmarshal(text, &item); err != nil {
		return item, fmt.Errorf("read what is kept of an item in quarantine: %w", err)
	}
	item.Original = original
	return item, nil
}

// retry is a run that asks the source nothing: it takes items that the source sent before.
func (r *Runner) retry(ctx context.Context, run *Run, src *Source, items []harvest.Item, report *Report) error {
	page := &harvest.Page{Items: items, Next: run.Cursor}
	for _, f := range parts(fetched{page: page, from: run.Cursor}) {
		began := time.Now()
		batch, err := r.prepare(ctx, run, src, f)
		if err != nil {
			return err
		}
		if err := r.commit(ctx, run, src, ready{f, batch, since(began)}, report); err != nil {
			return err
		}
	}
	return nil
}
