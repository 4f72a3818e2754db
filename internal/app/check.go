package app

import (
	"context"
	"time"
)

// checkEvery is how often a running gateway reads its whole log to see whether it is whole.
const checkEvery = 24 * time.Hour

// checkLog checks the log at the start, and once a day, without being in anybody's way.
func (c *Core) checkLog(ctx context.Context) error {
	for ctx.Err() == nil {
		switch n, err := c.Store.Check(ctx, false); {
		case err == nil:
			c.logger.Info("the log was checked and is whole", "records", n)
		case ctx.Err() == nil:
			c.logger.Error("the log was checked and is not whole, or can't be read", "err", err)
		}
		pause(ctx, checkEvery)
	}
	return nil
}
