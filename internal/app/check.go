package app

import (
	"context"
	"time"
)

// checkEvery is how often a running gateway reads its whole log to see whether it is whole.
const checkEvery = 24 * time.Hour

// checkLog checks the log at the start, and once a day, without being in anybody's way.
func (g *Gateway) checkLog(ctx context.Context) error {
	for ctx.Err() == nil {
		switch n, err := g.Store.Check(ctx, false); {
		case err == nil:
			g.logger.Info("the log was checked and is whole", "records", n)
		case ctx.Err() == nil:
			g.logger.Error("the log was checked and is not whole, or can't be read", "err", err)
		}
		pause(ctx, checkEvery)
	}
	return nil
}
