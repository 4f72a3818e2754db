package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type serveCmd struct {
	Listen     string `placeholder:"HOST:PORT" help:"Address of the public side: web pages, OAI-PMH."`
	OpsListen  string `placeholder:"HOST:PORT" help:"Address for operators: metrics, health."`
	NATSListen string `name:"nats-listen" placeholder:"HOST:PORT" help:"Address of the embedded event broker."`
	LogLevel   string `placeholder:"LEVEL" help:"The least that is logged: debug, info, warn or error."`
	LogFormat  string `placeholder:"FORMAT" help:"How it is logged: text or json."`
	Demo       bool   `help:"Run on a throw-away folder with a small collection of demonstration records."`
}

func (serveCmd) Help() string {
	return `Runs the gateway until it is stopped with Ctrl-C: it harvests the sources when they are due, and serves their records. Where to look is printed at the start.

On SIGHUP it reads its configuration again. One that is not good is refused, and the gateway goes on with the old one; a good one is in force at once, and what it does not concern goes on.

Without a configuration it runs all the same, with an empty log in ./sheaf-data. It harvests nothing until gateway.namespace is set, because identifiers are for ever.`
}

func (serveCmd) Examples() []string {
	return []string{"sheaf serve --demo", "sheaf serve --config /etc/sheaf.yaml --listen :8080"}
}

func (c *serveCmd) Run(e *env) (err error) {
	cfg, remove, err := c.configuration(e)
	if err != nil {
		return err
	}
	defer func() {
		if e := remove(); err == nil {
			err = e
		}
	}()
	if err := c.override(cfg); err != nil {
		return err
	}
	for _, w := range cfg.Warnings {
		fmt.Fprintln(e.stderr, w)
	}
	app.SpareProcessors()
	s := &server{cmd: c, env: e}
	return s.run(cfg)
}

// configuration returns the configuration to serve. remove removes what was made for it.
func (c *serveCmd) configuration(e *env) (cfg *config.Config, remove func() error, err error) {
	if !c.Demo {
		cfg, err = e.config()
		return cfg, func() error { return nil }, err
	}
	switch {
	case e.flags.Config != "":
		return nil, nil, usagef("--demo brings a configuration of its own; leave out --config")
	case e.flags.Data != "":
		return nil, nil, usagef("--demo runs on a folder of its own and throws it away; leave out --data")
	}
	return app.Demo(app.ConfigOptions())
}

// override puts the flags over the configuration.
func (c *serveCmd) override(cfg *config.Config) error {
	if c.NATSListen != "" && cfg.Events.Kind != "embedded" {
		return usagef("--nats-listen is the address of the embedded event broker, but events.kind is %s; leave it out", cfg.Events.Kind)
	}
	for _, o := range []struct {
		flag, value string
		to          *string
	}{
		{"--listen", c.Listen, &cfg.Listen.Public},
		{"--ops-listen", c.OpsListen, &cfg.Listen.Ops},
		{"--nats-listen", c.NATSListen, &cfg.Events.Listen},
	} {
		if o.value == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(o.value); err != nil {
			return usagef("%s %s is not HOST:PORT, such as 127.0.0.1:8080 or :8080", o.flag, o.value)
		}
		*o.to = o.value
	}
	return c.overrideLog(&cfg.Log)
}

func (c *serveCmd) overrideLog(to *config.Log) error {
	to.Level, to.Format = cmp.Or(c.LogLevel, to.Level), cmp.Or(c.LogFormat, to.Format)
	var level slog.Level
	if err := level.UnmarshalText([]byte(to.Level)); err != nil {
		return usagef("--log-level %s is not one of debug, info, warn and error", to.Level)
	}
	if to.Format != "text" && to.Format != "json" {
		return usagef("--log-format %s is not one of text and json", to.Format)
	}
	return nil
}

// announce says in a line each where the gateway can be reached.
func (c *serveCmd) announce(w io.Writer, g *app.Gateway) {
	cfg, at := g.Config, g.Addresses()
	fmt.Fprintf(w, "%s, by Sheaf %s\n", wording.Line(cfg.Gateway.Name), version())
	fmt.Fprintf(w, "  web page  %s\n", at.Public)
	fmt.Fprintf(w, "  OAI-PMH   %soai\n", at.Public)
	fmt.Fprintf(w, "  ops       %s\n", at.Ops)
	announceToken(w, g)
	switch {
	case at.NATS != "":
		fmt.Fprintf(w, "  NATS      %s\n", at.NATS)
	case cfg.Events.Kind == "nats":
		fmt.Fprintf(w, "  NATS      %s\n", strings.Join(cfg.Events.URLs, " "))
	default:
		fmt.Fprintln(w, "  NATS      none: events.kind is none")
	}
	if cfg.Gateway.URL != "" {
		fmt.Fprintf(w, "  listens   %s, for %s\n", at.Bound, cfg.Gateway.URL)
	}
	names := cfg.Names()
	switch {
	case c.Demo:
		fmt.Fprintf(w, "Harvesting the demonstration collection now: %s. It lives in %s until you stop it with Ctrl-C.\n", strings.Join(names, ", "), cfg.Data)
	case cmp.Or(cfg.Gateway.Namespace, g.Store.Namespace()) == "":
		fmt.Fprintln(w, "Nothing is harvested yet: set gateway.namespace in the configuration to a domain of yours. It is part of every identifier, for ever.")
	case len(names) == 0:
		fmt.Fprintln(w, "Nothing is harvested yet: no sources are configured. sheaf probe URL writes the configuration of one.")
	default:
		fmt.Fprintf(w, "%s configured; sheaf status says how they stand.\n", wording.Count(int64(len(names)), "source is", "sources are"))
	}
}

// announceToken says where the token for the operators' pages is, if it was made at this start. A person at a terminal is
// shown the token itself, once; what is written elsewhere is kept and read by others.
func announceToken(w io.Writer, g *app.Gateway) {
	switch token, file := g.NewOpsToken(); {
	case token == "":
	case isTerminal(w):
		fmt.Fprintf(w, "  token     %s\n            to sign in to the ops pages; it stands in %s\n", token, file)
	default:
		fmt.Fprintf(w, "  token     to sign in to the ops pages, in %s\n", file)
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
