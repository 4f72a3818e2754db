package search

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// growing is a log that grows as often as every says, until it ends.
type growing struct {
	pipeline.Feed
	every time.Duration
	end   time.Time
}

func (g *growing) Changed() <-chan struct{} {
	c := make(chan struct{})
	if time.Now().Add(g.every).Before(g.end) {
		time.AfterFunc(g.every, func() { close(c) })
	}
	return c
}

// While much is harvested the index rests as long as it means to; once the log is quiet it goes on, so that what was
// harvested last is soon found.
func TestRest(t *testing.T) {
	for name, c := range map[string]struct{ every, harvest, rest, want time.Duration }{
		"a harvest that goes on": {50 * time.Millisecond, time.Hour, 20 * time.Second, 20 * time.Second},
		"a harvest that ends":    {50 * time.Millisecond, 5*time.Second + 10*time.Millisecond, 20 * time.Second, 5*time.Second + quiet},
		"a short rest":           {50 * time.Millisecond, 0, quiet / 2, quiet / 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				x := &Index{Options: Options{Log: &growing{every: c.every, end: began.Add(c.harvest)}}}
				x.rest(t.Context(), c.rest)
				if took := time.Since(began); took != c.want {
					t.Errorf("it rested for %v, not %v", took, c.want)
				}
			})
		})
	}
}
