package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/observe"
)

// A server runs a gateway, has it take over the configuration when somebody asks for it to be read again, and runs another
// one where that can't be done.
type server struct {
	cmd     *serveCmd
	env     *env
	reloads observe.Reloads
	sockets app.Sockets
	hangups chan os.Signal
	asked   chan asking
	inForce *config.Config
	log     logs
}

// An asking is a command that waits to hear what came of reading the configuration again.
type asking struct{ answer chan<- reloaded }

type reloaded struct {
	changed []string
	err     error
}

// run serves until the command is stopped. The demonstration has no file to read again, so a hangup ends it.
func (s *server) run(cfg *config.Config) (err error) {
	defer func() { err = errors.Join(err, s.sockets.Release()) }()
	s.hangups, s.asked = make(chan os.Signal, 1), make(chan asking)
	if !s.cmd.Demo {
		signal.Notify(s.hangups, syscall.SIGHUP)
		defer signal.Stop(s.hangups)
	}
	g, err := s.open(cfg)
	if err != nil {
		return s.unlessStopped(err)
	}
	s.reloads.Loaded()
	defer context.AfterFunc(s.env.ctx, func() { tellSystemd(stopping) })()
	for {
		s.cmd.announce(s.env.stdout, g)
		next, err := s.serve(g)
		if err != nil || next == nil {
			return err
		}
		if g, err = s.reopen(next); err != nil {
			return s.unlessStopped(err)
		}
	}
}

// unlessStopped is why a gateway did not open, or nil if the command is being stopped: what was given up half-way then is
// no failure, and a service manager must not take it for one and start the gateway again.
func (s *server) unlessStopped(err error) error {
	if s.env.ctx.Err() == nil {
		return err
	}
	slog.New(&s.log).Info("stopped before the gateway was open", "err", err)
	return nil
}

// open opens a gateway, with a logger as its configuration wants it.
func (s *server) open(cfg *config.Config) (*app.Gateway, error) {
	s.log.write(s.env.stderr, cfg.Log)
	o := app.Options{Version: version(), Logger: slog.New(&s.log), Throwaway: s.cmd.Demo, Reloads: &s.reloads, Sockets: &s.sockets}
	if !s.cmd.Demo {
		o.Reload = s.ask
	}
	g, err := app.NewGateway(s.env.ctx, cfg, o)
	if err == nil {
		s.inForce = cfg
		err = s.sockets.Release() // those of the gateway before
	}
	return g, err
}

// ask does for a command what SIGHUP does, and says what came of it.
func (s *server) ask(ctx context.Context) ([]string, error) {
	answer := make(chan reloaded, 1)
	select {
	case s.asked <- asking{answer}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r := <-answer
	return r.changed, r.err
}

// reopen opens a gateway with the next configuration, or with the one before if that does not go.
func (s *server) reopen(next *config.Config) (*app.Gateway, error) {
	before := s.inForce
	g, err := s.open(next)
	if err == nil {
		s.loaded(nil)
		return g, nil
	}
	if s.env.ctx.Err() != nil {
		return nil, err
	}
	s.log.write(s.env.stderr, before.Log)
	s.refuse(err)
	return s.open(before)
}

// loaded says that the configuration that was read again is in force, and what has changed.
func (s *server) loaded(changed []string) {
	s.reloads.Loaded()
	log := slog.New(&s.log)
	for _, w := range s.inForce.Warnings {
		log.Warn("something in the configuration deserves a look", "problem", w.String())
	}
	log.Info("the configuration was read again and is in force", "sources", len(s.inForce.Names()), "changed", strings.Join(changed, "; "))
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
		answer := make(chan<- reloaded, 1) // nobody waits for it
		select {
		case err := <-ended:
			return nil, err
		case <-s.hangups:
		case by := <-s.asked:
			answer = by.answer
		}
		tellSystemd(reloading)
		next, changed, err := s.reload(ctx, g)
		answer <- reloaded{changed, err}
		if next != nil {
			stop()
			return next, <-ended
		}
		tellSystemd(ready)
	}
}

// reload reads the configuration again and puts it in force, or gives it where that takes another gateway.
func (s *server) reload(ctx context.Context, g *app.Gateway) (next *config.Config, changed []string, err error) {
	cfg, err := s.read()
	if err == nil {
		changed, err = g.Reload(ctx, cfg)
	}
	var another *app.NeedsAnother
	switch {
	case errors.As(err, &another):
		return cfg, []string{another.Error()}, nil
	case err != nil:
		s.refuse(err)
		return nil, nil, err
	}
	s.inForce = cfg
	s.log.write(s.env.stderr, cfg.Log)
	s.loaded(changed)
	return nil, changed, nil
}

// read reads the configuration again, and tries everything that can be tried beside a running gateway. A file that
// is gone, or names another data folder, must not make this gateway an empty one.
func (s *server) read() (*config.Config, error) {
	cfg, err := s.env.config()
	if err == nil && cfg.Data != s.inForce.Data {
		err = fmt.Errorf("the data folder is %s now, and was %s: stop the gateway to change it", cfg.Data, s.inForce.Data)
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
func (s *server) refuse(err error) {
	s.reloads.Refused(err.Error())
	log := slog.New(&s.log)
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
