package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// restarts are how often a gateway is started again.
const restarts = 5

// restart measures how long a gateway that holds all records takes to start: until it answers that it is ready. The files
// are in the memory of the system, as after an upgrade.
func (b *bench) restart(ctx context.Context) error {
	slowest := time.Duration(0)
	for range restarts {
		if err := b.stop(); err != nil {
			return err
		}
		began := time.Now()
		if err := b.run(ctx); err != nil {
			return err
		}
		if err := b.ready(ctx); err != nil {
			return err
		}
		slowest = max(slowest, time.Since(began))
	}
	b.add(fmt.Sprintf("start with all records until ready, the slowest of %d", restarts), float64(slowest.Milliseconds()), "ms")
	return nil
}

// ready waits until the gateway says that it is.
func (b *bench) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.gateway.Addresses().Ops+"readyz", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if ctx.Err() != nil {
			return errors.Join(errors.New("the gateway is not ready within a minute"), err)
		}
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(time.Millisecond)
	}
}
