package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// maxUnfetchable is how many records in a row may be refused before it is taken for the source's own trouble,
// and not for the records'.
const maxUnfetchable = 3

// lookUp puts what they are in place of the items of a page that were only listed. Those that the pass has met
// before are left out. One that can't be had is rejected, and named so.
func (r *Runner) lookUp(ctx context.Context, src *Source, f fetched) ([]harvest.Item, error) {
	asker, can := src.Harvest.(harvest.Asker)
	var out []harvest.Item
	refused := 0
	for _, item := range f.page.Items {
		if !item.Listed {
			out = append(out, item)
			continue
		}
		if !can {
			return nil, fmt.Errorf("harvest %s: the source lists items, and can't be asked for one", src.Name)
		}
		met, err := r.met(ctx, src, item.Key)
		if err != nil {
			return nil, err
		}
		if met {
			continue
		}
		whole, err := asker.Ask(ctx, f.from, item)
		var remote *harvest.Error
		switch {
		case err == nil:
			refused = 0
		case errors.As(err, &remote) && ofOneRecord(remote.Kind):
			if refused++; refused > maxUnfetchable {
				return nil, fmt.Errorf("harvest %s: %w", src.Name, err)
			}
			whole = item
			whole.Rejected = &harvest.Rejection{Reason: "unfetchable", Detail: "the source lists the record, and does not give it: " + err.Error()}
		default:
			return nil, fmt.Errorf("harvest %s: %w", src.Name, err)
		}
		out = append(out, whole)
	}
	return out, nil
}

// met says whether the present pass of the source has given the item already.
func (r *Runner) met(ctx context.Context, src *Source, key string) (bool, error) {
	id, err := Mint(r.Namespace, src.Name, key)
	if err != nil {
		return false, nil // it is rejected with its page
	}
	known, err := r.Log.Known(ctx, []Ask{{Identifier: id}})
	if err != nil {
		return false, fmt.Errorf("harvest %s: %w", src.Name, err)
	}
	return known[0].Met, nil
}

// ofOneRecord says whether an error may be the fault of the record that was asked for.
func ofOneRecord(k harvest.Kind) bool {
	switch k {
	case harvest.HTTP4xx, harvest.HTTP5xx, harvest.Malformed, harvest.Truncated, harvest.HTML, harvest.TooLarge, harvest.Protocol:
		return true
	}
	return false
}
