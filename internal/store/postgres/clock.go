package postgres

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A primaryClock is the clock of the server that the log is on, which stamps what all gateways commit. It is told with each
// lock of the head how far this machine's clock is from it.
type primaryClock struct {
	store.SystemClock
	ahead atomic.Int64 // how far the server's clock is ahead of this machine's, in ns
}

// Wall is the time as the server has it.
func (c *primaryClock) Wall() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// trouble says that this machine's clock is not that of the server: then nobody knows which of them is right.
func (c *primaryClock) trouble() error {
	if ahead := time.Duration(c.ahead.Load()); ahead.Abs() > maxApart {
		return fmt.Errorf("%w: that of this machine and that of the database differ by %s; set both right", pipeline.ErrPaused, ahead.Abs().Round(time.Second))
	}
	return nil
}

// maxApart is how far the two clocks may be apart.
const maxApart = time.Minute

// heard notes what time it was on the server just now.
func (c *primaryClock) heard(server time.Time) { c.ahead.Store(int64(time.Until(server))) }
