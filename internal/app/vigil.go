package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/doctor"
)

// vigilEvery is how often a running gateway looks at what its work depends on.
const vigilEvery = 5 * time.Second

// A vigil writes a line when something that the gateway's work depends on is not well any more, and another when it is
// again. It is for what has nobody else to write it: an idle gateway meets a full disk, a clock that jumps and a certificate
// that ends only when somebody asks for something, and then tells them alone.
type vigil struct {
	logger *slog.Logger
	over   []*watched
}

// watched is one thing that a vigil looks at.
type watched struct {
	name    string
	trouble func() error
	ill     bool // when it was looked at last
}

func newVigil(c *Core) *vigil {
	return &vigil{logger: c.logger, over: []*watched{
		{name: "store", trouble: c.Store.Health},
		{name: "clock", trouble: c.Store.Trouble},
		{name: "certificates", trouble: c.fileTrouble},
	}}
}

// Run looks again and again until ctx ends.
func (v *vigil) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		v.look()
		pause(ctx, vigilEvery)
	}
	return nil
}

// look writes what has changed since it looked last.
func (v *vigil) look() {
	for _, w := range v.over {
		err := w.trouble()
		switch {
		case err != nil && !w.ill:
			v.logger.Warn("something is not well, and readiness says so until it is", "what", w.name, "err", err)
		case err == nil && w.ill:
			v.logger.Info("it is well again", "what", w.name)
		}
		w.ill = err != nil
	}
}

// fileTrouble says which of the certificates that the configuration names are refused, or soon will be; nil if none.
func (c *Core) fileTrouble() error {
	if advice := doctor.Certificates(c.Config, time.Now()).Advice; advice != "" {
		return errors.New(advice)
	}
	return nil
}

// certificateTrouble says the same of those that an authority gives, too. What keeps these writes its own lines.
func (c *Core) certificateTrouble() error {
	err := c.fileTrouble()
	if a := c.acme.Load(); a != nil {
		err = errors.Join(err, a.Trouble())
	}
	return err
}

// told is what is wrong in words; empty if nothing is.
func told(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
