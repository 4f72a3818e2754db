package app

import (
	"context"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// share divides the hosts that are harvested among the gateways on the log, if there can be several.
func (c *Core) share(s *pipeline.Scheduler) {
	sharing := c.Store.Sharing()
	if sharing == nil {
		return
	}
	s.Sharing, s.Hosts = sharing, c.sourcing.hosts
	c.sourcing.hosts.Tell(func(ctx context.Context, host string, until time.Time) {
		if err := sharing.Rest(ctx, host, until); err != nil {
			c.logger.Warn("other gateways do not know that a host has asked to be left alone", "host", host, "until", until, "err", err)
		}
	})
}

// completions are when the last complete pass of each source ended. Thousands of sources ask at the same moment, when the gateway
// starts and when another one is gone: one reading of the log is for all that had asked when it began.
type completions struct {
	mu   sync.Mutex
	read time.Time
	last map[string]time.Time
}

// lastComplete is when the last complete pass of a source ended; zero if there was none, or if a run of it was cut off, which goes
// on at once.
func (c *Core) lastComplete(ctx context.Context, source string) (time.Time, error) {
	asked, known := time.Now(), &c.completions
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.read.Before(asked) {
		began := time.Now()
		all, err := c.Store.Status(ctx)
		if err != nil {
			return time.Time{}, err
		}
		known.last, known.read = map[string]time.Time{}, began
		for i := range all {
			if run := &all[i].LastRun; run.ID == 0 || !run.Ended.IsZero() {
				known.last[all[i].Source] = all[i].LastComplete
			}
		}
	}
	return known.last[source], nil
}
