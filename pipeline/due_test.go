package pipeline

import (
	"context"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A listable is a source that can list what it has.
type listable struct{}

func (listable) Page(context.Context, harvest.Cursor) (*harvest.Page, error) { return nil, nil }

func (listable) Reconcile(at harvest.Cursor) (harvest.Cursor, bool) { return at, true }

// TestReconcileIsDue: what a source lists is held against the log when that was long ago, by itself or by a full pass; where no
// full pass ever was complete, at once.
func TestReconcileIsDue(t *testing.T) {
	src := &Source{Harvest: listable{}, ReconcileEvery: time.Hour}
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	for name, c := range map[string]struct {
		pass Pass
		want bool
	}{
		"nothing was ever harvested":         {Pass{}, false},
		"never complete":                     {Pass{Live: 3}, true},
		"never complete, a pass has begun":   {Pass{Live: 3, Underway: true}, false},
		"never complete, but compared":       {Pass{Live: 3, Reconciled: ago(time.Minute)}, false},
		"never complete, compared long ago":  {Pass{Live: 3, Reconciled: ago(2 * time.Hour)}, true},
		"complete just now":                  {Pass{Live: 3, LastFull: ago(time.Minute)}, false},
		"complete long ago":                  {Pass{LastFull: ago(2 * time.Hour)}, true},
		"complete long ago, compared lately": {Pass{LastFull: ago(2 * time.Hour), Reconciled: ago(time.Minute)}, false},
	} {
		if got := src.reconcileIsDue(&c.pass); got != c.want {
			t.Errorf("%s: due is %v", name, got)
		}
	}
	if src.ReconcileEvery = 0; src.reconcileIsDue(&Pass{Live: 3}) {
		t.Error("it is due though it is never to be")
	}
}
