package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// maxUnfetchable is how many records in a row may be refused before it is taken for the source's own trouble,
// and not for the records'.
const maxUnfetchable = 3

// maxMemo bounds what a source notes of an item, in bytes.
const maxMemo = 1 << 10

// warnGone tells of items that a source lists and does not have, and that the log never had.
const warnGone = "items that the source lists are gone, and were left out"

// unmet leaves out of a page the items that are only listed and that the pass has met before, or that are kept out for
// good, and divides the rest so that few are asked for before they are stored.
func (r *Runner) unmet(ctx context.Context, src *Source, f fetched, behind *backlog) ([]fetched, error) {
	if !slices.ContainsFunc(f.page.Items, func(i harvest.Item) bool { return i.Listed }) {
		return []fetched{f}, nil
	}
	if f.page.Reconciles {
		return r.unknown(ctx, src, f)
	}
	if err := behind.wait(ctx); err != nil { // else what the last page brought would be asked for again
		return nil, err
	}
	known, err := r.knownOf(ctx, src, f.page.Items)
	if err != nil {
		return nil, err
	}
	left := *f.page
	left.Items = nil
	for i, item := range f.page.Items {
		if !item.Listed || !known[i].Met && !known[i].Suppressed {
			left.Items = append(left.Items, item)
		}
	}
	f.page = &left
	return askedParts(f), nil
}

// unknown does so with a page of a reconciliation, of which only what the log has not is asked for.
func (r *Runner) unknown(ctx context.Context, src *Source, f fetched) ([]fetched, error) {
	known, err := r.knownOf(ctx, src, f.page.Items)
	if err != nil {
		return nil, err
	}
	left := *f.page
	left.Items = f.split(f.page.Items, known)
	f.page = &left
	return askedParts(f), nil
}

// knownOf is what the log has of items, by their keys: nothing of one whose key makes no identifier, which is rejected
// with its page.
func (r *Runner) knownOf(ctx context.Context, src *Source, items []harvest.Item) ([]Known, error) {
	asks := make([]Ask, len(items))
	for i := range items {
		if id, err := src.Mint(r.Namespace, items[i].Key); err == nil {
			asks[i].Identifier = id
		}
	}
	known, err := r.Log.Known(ctx, asks)
	if err != nil {
		return nil, fmt.Errorf("harvest %s: %w", src.Name, err)
	}
	return known, nil
}

// A lookup puts what they are in place of the items of a page that were only listed.
type lookup struct {
	runner  *Runner
	src     *Source
	at      harvest.Cursor
	items   []harvest.Item
	kept    []string
	noted   []Noted
	omitted []string
	refused int // in a row
}

// lookUp looks up the listed items of a page; of a deletion nothing more is to be known. One that can't be had is rejected,
// and named so.
func (r *Runner) lookUp(ctx context.Context, src *Source, f fetched) (*lookup, error) {
	l := &lookup{runner: r, src: src, at: f.from, items: make([]harvest.Item, 0, len(f.page.Items))}
	asker, can := src.Harvest.(harvest.Asker)
	for _, item := range f.page.Items {
		if !item.Listed || item.Deleted {
			l.items = append(l.items, item)
			continue
		}
		if !can {
			return nil, fmt.Errorf("harvest %s: the source lists items, and can't be asked for one", src.Name)
		}
		if err := l.one(ctx, asker, item); err != nil {
			return nil, fmt.Errorf("harvest %s: %w", src.Name, err)
		}
	}
	return l, nil
}

// one looks up one item.
func (l *lookup) one(ctx context.Context, asker harvest.Asker, item harvest.Item) error {
	known, id, err := l.known(ctx, item.Key)
	if err != nil {
		return err
	}
	item.Before = known.Memo
	whole, err := call(ctx, l.src, func(ctx context.Context) (harvest.Item, error) { return asker.Ask(ctx, l.at, item) })
	var remote *harvest.Error
	switch {
	case err == nil:
		l.refused = 0
	case errors.As(err, &remote) && ofOneRecord(remote.Kind):
		if l.refused++; l.refused > maxUnfetchable {
			return err
		}
		whole = item
		whole.Listed, whole.Memo = false, ""
		whole.Rejected = &harvest.Rejection{Reason: "unfetchable", Detail: "the source lists the record, and does not give it: " + err.Error()}
	default:
		return err
	}
	l.take(whole, known, id)
	return nil
}

// take takes what an item that was asked for is.
func (l *lookup) take(whole harvest.Item, known Known, id string) {
	if whole.Omitted != "" {
		l.omitted = append(l.omitted, whole.Omitted)
	}
	switch {
	case whole.Listed || whole.Omitted != "":
		if whole.Listed && id != "" {
			l.kept = append(l.kept, id)
		}
		l.noted = appendNoted(l.noted, id, whole.Memo, known.Memo)
	case whole.Deleted && known.Identifier == "":
		l.omitted = append(l.omitted, warnGone)
	default:
		whole.Before = known.Memo
		l.items = append(l.items, whole)
	}
}

// appendNoted notes what a source notes of an item, if that is new.
func appendNoted(all []Noted, id, memo, before string) []Noted {
	if len(memo) > maxMemo {
		memo = ""
	}
	if id == "" || memo == before {
		return all
	}
	return append(all, Noted{id, memo})
}

// known is what the log has of an item, and the identifier that the item gets; empty if it can't get one, because then it
// is rejected with its page.
func (l *lookup) known(ctx context.Context, key string) (Known, string, error) {
	id, err := l.src.Mint(l.runner.Namespace, key)
	if err != nil {
		return Known{}, "", nil
	}
	known, err := l.runner.Log.Known(ctx, []Ask{{Identifier: id, Memo: true}})
	if err != nil {
		return Known{}, "", err
	}
	return known[0], id, nil
}

// ofOneRecord says whether an error may be the fault of the record that was asked for.
func ofOneRecord(k harvest.Kind) bool {
	switch k {
	case harvest.HTTP4xx, harvest.HTTP5xx, harvest.Timeout, harvest.Malformed, harvest.Truncated, harvest.HTML, harvest.TooLarge, harvest.Protocol:
		return true
	}
	return false
}
