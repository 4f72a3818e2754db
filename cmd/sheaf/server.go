package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/observe"
)

// A server runs one gateway after the other, each with the configuration as it was when somebody last asked for
// it to be read again.
type server struct {
	cmd     *serveCmd
	env     *env
	reloads observe.Reloads
	sockets app.Sockets
	hangups chan os.Signal
}

// run serves until the command is stopped. The demonstration has no file to read again, so a hangup ends it.
func (s *server) run(cfg *config.Config) (err error) {
	defer func() { err = errors.Join(err, s.sockets.Release()) }()
	s.hangups = make(chan os.Signal, 1)
	if !s.cmd.Demo {
		signal.Notify(s.hangups, syscall.SIGHUP)
		defer signal.Stop(s.hangups)
	}
	g, err := s.open(cfg)
	if err != nil {
		return err
	}
	s.reloads.Loaded()
	defer context.AfterFunc(s.env.ctx, func() { tellSystemd(stopping) })()
	for {
		s.cmd.announce(s.env.stdout, g)
		next, err := s.serve(g)
		if err != nil || next == nil {
			return err
		}
		if g, err = s.reopen(next, g.Config); err != nil {
			return err
		}
	}
}

// open opens a gateway, with a logger as its configuration wants it.
func (s *server) open(cfg *config.Config) (*app.Gateway, error) {
	o := app.Options{Version: version(), Logger: logger(s.env.stderr, cfg.Log), Throwaway: s.cmd.Demo, Reloads: &s.reloads, Sockets: &s.sockets}
	if !s.cmd.Demo {
		o.Reload = func() error { return s.hangUp(cfg) }
	}
	g, err := app.NewGateway(s.env.ctx, cfg, o)
	if err == nil {
		err = s.sockets.Release() // those of the gateway before
	}
	return g, err
}

// hangUp does for a command what SIGHUP does, and says what is wrong with the configuration.
func (s *server) hangUp(inForce *config.Config) error {
	if _, err := s.reload(inForce); err != nil {
		s.refuse(inForce, err)
		return err
	}
	select {
	case s.hangups <- syscall.SIGHUP:
	default: // somebody has asked for it already
	}
	return nil
}

// reopen opens a gateway with the next configuration, or with the one before if that does not go.
func (s *server) reopen(next, before *config.Config) (*app.Gateway, error) {
	g, err := s.open(next)
	if err == nil {
		s.reloads.Loaded()
		log := logger(s.env.stderr, next.Log)
		for _, w := range next.Warnings {
			log.Warn("something in the configuration deserves a look", "problem", w.String())
		}
		log.Info("the configuration was read again and is in force", "sources", len(next.Names()))
		return g, nil
	}
	if s.env.ctx.Err() != nil {
		return nil, err
	}
	s.refuse(before, err)
	return s.open(before)
}

// serve runs a gateway until the command is stopped, or until there is another configuration, which it gives.
func (s *server) serve(g *app.Gateway) (next *config.Config, err error) {
	ctx, stop := context.WithCancel(s.env.ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	defer watch(ctx, g.Store)()
	tellSystemd(ready)
	for {
		select {
		case err := <-ended:
			return nil, err
		case <-s.hangups:
		}
		tellSystemd(reloading)
		if next, err = s.reload(g.Config); err == nil {
			stop()
			return next, <-ended
		}
		s.refuse(g.Config, err)
		tellSystemd(ready)
	}
}

// reload reads the configuration again, and tries everything that can be tried beside a running gateway. A file that
// is gone, or names another data folder, must not make this gateway an empty one.
func (s *server) reload(inForce *config.Config) (*config.Config, error) {
	cfg, err := s.env.config()
	if err == nil && cfg.Data != inForce.Data {
		err = fmt.Errorf("the data folder is %s now, and was %s: stop the gateway to change it", cfg.Data, inForce.Data)
	}
	if err == nil {
		err = s.cmd.override(cfg)
	}
	if err == nil {
		err = app.Check(cfg)
	}
	return cfg, err
}

// refuse says in the log why a configuration is not in force, a line for each problem.
func (s *server) refuse(inForce *config.Config, err error) {
	s.reloads.Refused()
	log := logger(s.env.stderr, inForce.Log)
	log.Error("the configuration was read again and is refused; the gateway goes on with the old one")
	var problems config.Problems
	if !errors.As(err, &problems) {
		log.Error("a problem of the configuration", "err", err)
		return
	}
	for _, p := range problems {
		log.Error("a problem of the configuration", "err", p.String())
	}
}

// logger writes what the configuration wants to have logged.
func logger(w io.Writer, l config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // it was checked
	o := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
