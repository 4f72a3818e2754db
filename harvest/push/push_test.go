package push_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/push"
)

// delivered is a delivery of pages.
func delivered(full bool, pages ...*harvest.Page) *push.Delivery {
	return &push.Delivery{ID: "a", Full: full, Pages: func(yield func(*harvest.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}}
}

// TestDelivery: a run is given what was delivered from its beginning, wherever the one before has stopped, and in its order.
func TestDelivery(t *testing.T) {
	d := delivered(true, &harvest.Page{Items: []harvest.Item{{Key: "1"}}, Unproven: true}, &harvest.Page{Items: []harvest.Item{{Key: "2"}}})
	ctx := push.With(t.Context(), d)
	defer d.Close()
	at, keys := harvest.Cursor("b 7"), ""
	for {
		page, err := push.Source{}.Page(ctx, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			keys += item.Key
		}
		if !page.Full || page.Next == at || page.Next == "" {
			t.Errorf("%+v", page)
		}
		if at = page.Next; page.Done {
			if !page.Unproven {
				t.Error("what is unproven of a page is not of the pass")
			}
			break
		}
		if _, err := (push.Source{}).Page(ctx, "elsewhere"); harvest.KindOf(err) != harvest.Config {
			t.Errorf("another place: %v", err)
		}
	}
	if keys != "12" {
		t.Errorf("items %q", keys)
	}
}

// TestNothingDelivered: without a delivery, and with one that can't be read, there is an error and no empty page.
func TestNothingDelivered(t *testing.T) {
	if page, err := (push.Source{}).Page(context.Background(), ""); harvest.KindOf(err) != harvest.Config || page != nil {
		t.Errorf("%+v, %v", page, err)
	}
	broken := errors.New("broken")
	d := &push.Delivery{ID: "a", Pages: func(yield func(*harvest.Page, error) bool) { yield(nil, broken) }}
	ctx := push.With(t.Context(), d)
	defer d.Close()
	if page, err := (push.Source{}).Page(ctx, ""); !errors.Is(err, broken) || page != nil {
		t.Errorf("%+v, %v", page, err)
	}
}
