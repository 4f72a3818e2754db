package rules

import (
	"context"
	"errors"
	"slices"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Previewed item is one that a harvest would bring.
type Previewed struct {
	Key        string `json:"key"`        // the source's own
	Identifier string `json:"identifier"` // the one that it would get; empty without a namespace
	Deleted    bool   `json:"deleted,omitempty"`
	Rejected   string `json:"rejected,omitempty"` // why it would go to quarantine
	// Record is what the mapping makes of the item, with its notes; nil if it is deleted or rejected.
	Record *dublincore.Record `json:"record,omitempty"`
	// Sets are those made by rules that it would be in.
	Sets []string `json:"sets,omitempty"`
}

// A Preview is what came of looking at the beginning of a source.
type Preview struct {
	Items    int // looked at
	Rejected int
	Total    int      // the source's own estimate of a full pass; 0 if it gives none
	More     bool     // there was more to look at
	Warnings []string // of the pages that were read

	omitted int      // items that the source lists and does not give
	shown   []string // keys of the items that were looked at
}

// maxOmitted bounds how many items are asked for in vain.
const maxOmitted = 100

// errStuck says that a source would be asked for the same page for ever.
var errStuck = errors.New("the source gave the same place again; its cursor must move on")

// PreviewPages fetches and maps the first items of a source, up to limit, as a full harvest would, and calls f for each.
// Nothing is stored. What it returns with an error is what it has seen up to there.
func (r *Rules) PreviewPages(ctx context.Context, src harvest.Source, namespace string, limit int, f func(*Previewed) error) (*Preview, error) {
	p := &Preview{}
	for at := harvest.Cursor(""); ; {
		page, err := src.Page(ctx, at)
		if err != nil {
			return p, err
		}
		p.Total = page.Total
		for _, w := range page.Warnings {
			p.Warnings = wording.AddOnce(p.Warnings, w)
		}
		n := 0
		for ; n < len(page.Items) && p.Items < limit && p.omitted < maxOmitted; n++ {
			if err := r.previewOne(ctx, p, src, at, namespace, page.Items[n], f); err != nil {
				return p, err
			}
		}
		switch {
		case page.Done || p.Items == limit || p.omitted == maxOmitted:
			p.More = !page.Done || n < len(page.Items)
			return p, nil
		case page.Next == at:
			return p, errStuck
		}
		at = page.Next
	}
}

// previewOne shows one item. An item that is only listed is asked for, unless it was shown before: a list may be followed by
// its headers, which show whether it lacked any.
func (r *Rules) previewOne(ctx context.Context, p *Preview, src harvest.Source, at harvest.Cursor, namespace string, item harvest.Item, f func(*Previewed) error) error {
	if item.Listed && slices.Contains(p.shown, item.Key) {
		return nil
	}
	p.shown = append(p.shown, item.Key)
	if asker, can := src.(harvest.Asker); can && item.Listed && !item.Deleted {
		whole, err := asker.Ask(ctx, at, item)
		if err != nil {
			return err
		}
		if item = whole; item.Omitted != "" {
			p.omitted++
			p.Warnings = wording.AddOnce(p.Warnings, item.Omitted)
			return nil
		}
	}
	p.Items++
	one := r.previewItem(namespace, &item)
	if one.Rejected != "" {
		p.Rejected++
	}
	return f(one)
}

func (r *Rules) previewItem(namespace string, item *harvest.Item) *Previewed {
	one := &Previewed{Key: item.Key, Deleted: item.Deleted}
	id, err := pipeline.Mint(namespace, r.Minted, item.Key)
	if namespace != "" {
		one.Identifier = id
	}
	switch {
	case item.Rejected != nil:
		one.Rejected = item.Rejected.Reason + ": " + item.Rejected.Detail
	case err != nil:
		one.Rejected = err.Error()
	case !item.Deleted:
		if one.Record, one.Sets, err = r.Preview(id, item); err != nil {
			one.Rejected = err.Error()
		}
	}
	return one
}
