package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
)

// Connect talks to the gateway that has the configured data folder open, or opens the folder for the time of the
// command. The caller must Close the client.
func Connect(ctx context.Context, cfg *config.Config, o Options) (*control.Client, error) {
	for deadline := time.Now().Add(patience); ; pause(ctx, retryFolder) {
		if control.Answers(cfg.Data) {
			return control.NewClient(cfg.Data, nil)
		}
		own, err := Open(ctx, cfg, o)
		if err == nil {
			return control.NewClient(cfg.Data, own)
		}
		if !errors.Is(err, datadir.ErrInUse) {
			return nil, err
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return nil, fmt.Errorf("%w, which does not answer commands; stop it, or wait until it is done", err)
		}
	}
}

const (
	// patience is how long a gateway or a command waits for the process that has the data folder open,
	// and answers no commands: it is starting, stopping, or a command that is over soon.
	patience    = 5 * time.Second
	retryFolder = 100 * time.Millisecond
)

// pause waits for a while, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
