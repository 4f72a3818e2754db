package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
)

// Connect talks to the gateway that has the configured data folder open, or opens the folder for the time of the
// command. The caller must Close the client.
func Connect(ctx context.Context, cfg *config.Config, o Options) (*control.Client, error) {
	if control.Answers(cfg.Data) {
		return control.NewClient(cfg.Data, nil)
	}
	own, err := Open(ctx, cfg, o)
	if errors.Is(err, sqlite.ErrInUse) {
		return nil, fmt.Errorf("%w, which does not answer commands; if it is a gateway that is starting, try again", err)
	}
	if err != nil {
		return nil, err
	}
	return control.NewClient(cfg.Data, own)
}
