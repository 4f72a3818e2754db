package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type watchCmd struct {
	Source string `placeholder:"S" help:"Events of this source only."`
	After  string `placeholder:"CURSOR" help:"Begin behind this place in the log, <epoch>.<seq>, as export and watch print it; with --from also 0, the beginning. Default: what is new."`
	Server string `placeholder:"URL" help:"The NATS server, such as nats://127.0.0.1:4222 or tls://name:password@gateway.example.org:4222. Default: that of the configuration."`
	From   string `placeholder:"URL" help:"A gateway elsewhere, by the address of its public pages. It is asked over HTTP, and needs no broker."`
	JSON   bool   `help:"Print the events as they are, CloudEvents in JSON, one a line; with --from the lines of /changes."`
}

func (watchCmd) Help() string {
	return `Prints events as they come, one a line: the place in the log, what happened, the record's identifier, its title. Ends with Ctrl-C, and says how to go on from there.`
}

func (watchCmd) Examples() []string {
	return []string{"sheaf watch", "sheaf watch --source letters --after 1786000000000.1200", "sheaf watch --from https://gateway.example.org/", "sheaf watch --json | jq .data.identifier"}
}

func (c *watchCmd) Run(e *env) error {
	if c.After == beginning && c.From == "" {
		return usagef("--after 0 needs --from URL, because a gateway has every record and a broker has the last events only; or sheaf export prints everything, and says where sheaf watch goes on")
	}
	after, err := parsePosition(c.After)
	if err != nil {
		return err
	}
	if c.From != "" {
		return c.fromGateway(e, after)
	}
	cfg, err := e.config()
	if err != nil {
		return err
	}
	server, err := c.server(cfg)
	if err != nil {
		return err
	}
	way, err := entrance(&cfg.Events, c.Server != "")
	if err != nil {
		return err
	}
	nc, err := connectNATS(server, way...)
	if err != nil {
		return err
	}
	defer nc.Close()
	minted := c.Source
	if s := cfg.Sources[c.Source]; s != nil {
		minted = s.Minted(c.Source)
	}
	last := after.Cursor // events are in the order of the log: where the watch is, is all that it has seen
	f := events.Filter{Prefix: cfg.Events.StreamPrefix, Source: minted, After: after.Cursor, Domain: cfg.Events.Domain,
		Begins: func(at pipeline.Cursor) { last = at }}
	err = events.Watch(e.ctx, nc, f, func(m events.Message) error {
		last = m.Cursor
		return c.print(e.stdout, &m)
	})
	switch {
	case e.ctx.Err() != nil:
		if last != (pipeline.Cursor{}) {
			c.saysHowToGoOn(e, last)
		}
		return nil
	case errors.Is(err, events.ErrGap):
		return fmt.Errorf("the events after %s are not in the stream any more; take the records with sheaf export, which says where to go on", after)
	case errors.Is(err, events.ErrOtherEpoch):
		return replaced(after)
	case errors.Is(err, context.Canceled):
		return nil
	}
	return err
}

// saysHowToGoOn prints the command that goes on where this one ended.
func (c *watchCmd) saysHowToGoOn(e *env, last fmt.Stringer) {
	var which strings.Builder
	for _, flag := range []struct{ name, value string }{{"from", c.From}, {"server", admission.ReplaceAllString(c.Server, "//…@")}, {"source", c.Source}} {
		if flag.value != "" {
			fmt.Fprintf(&which, " --%s %s", flag.name, flag.value)
		}
	}
	fmt.Fprintf(e.stderr, "sheaf watch%s --after %s goes on from here\n", &which, last)
}

// admission matches the name and password, or the token, in the address of a server, which are not for the screen.
var admission = regexp.MustCompile(`//[^/@,]*@`)

// server returns the address of the NATS server that has the events.
func (c *watchCmd) server(cfg *config.Config) (string, error) {
	switch {
	case c.Server != "":
		return c.Server, nil
	case cfg.Events.Kind == "nats":
		return strings.Join(cfg.Events.URLs, ","), nil
	case cfg.Events.Kind == "embedded":
		scheme := "nats://"
		if cfg.Events.TLS != nil {
			scheme = "tls://"
		}
		return scheme + dialable(cfg.Events.Listen), nil
	}
	return "", usagef("events.kind is %s, so there are no events to watch; name a server with --server, or set events.kind", cfg.Events.Kind)
}

// dialable turns an address to listen on into one to connect to.
func dialable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// entrance returns the options that let us in: those for the gateway's own server, or for the cluster in the
// configuration.
func entrance(e *config.Events, elsewhere bool) (opts []nats.Option, err error) {
	if e.Credentials.File != "" {
		opts = append(opts, nats.UserCredentials(e.Credentials.File))
	}
	if e.NKey.File != "" {
		key, err := nats.NkeyOptionFromSeed(e.NKey.File)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.NKey.File, err)
		}
		opts = append(opts, key)
	}
	if e.CA != "" {
		opts = append(opts, nats.RootCAs(string(e.CA)))
	}
	if e.ClientCert != nil {
		opts = append(opts, nats.ClientCert(string(e.ClientCert.Cert), string(e.ClientCert.Key)))
	}
	if elsewhere {
		return opts, nil
	}
	if e.Users.File != "" {
		users, err := config.ReadUsers(e.Users.File)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Users.File, err)
		}
		opts = append(opts, nats.UserInfo(users[0].Name, users[0].Password))
	}
	if e.TLS != nil {
		pinned, err := pin(e.TLS)
		if err != nil {
			return nil, err
		}
		opts = append(opts, nats.Secure(pinned))
	}
	return opts, nil
}

// pin trusts the certificate in the configuration and no other. The usual check would fail: the certificate names the
// gateway as the world knows it, and this machine may reach it by another name.
func pin(pair *config.KeyPair) (*tls.Config, error) {
	own, err := tls.LoadX509KeyPair(string(pair.Cert), string(pair.Key))
	if err != nil {
		return nil, fmt.Errorf("read events.tls: %w", err)
	}
	return &tls.Config{
		InsecureSkipVerify: true, // VerifyConnection below is stricter
		VerifyConnection: func(s tls.ConnectionState) error {
			if !slices.Equal(s.PeerCertificates[0].Raw, own.Certificate[0]) {
				return errors.New("the server does not show the certificate of events.tls")
			}
			return nil
		},
	}, nil
}

func connectNATS(server string, way ...nats.Option) (*nats.Conn, error) {
	// A watch outlives a restart of the gateway, so it tries to connect again for as long as it takes.
	nc, err := nats.Connect(server, append(way, nats.Name("sheaf watch"), nats.MaxReconnects(-1))...)
	if err != nil {
		return nil, fmt.Errorf("connect to the event server %s: %w; is the gateway running? sheaf serve starts it, and --server names another", wording.ClipLine(server, 200), err)
	}
	return nc, nil
}

// beginning is the place before the first record, as /changes has it too.
const beginning = "0"

// parsePosition reads a place in the log. An empty text means the zero Position, and so does the beginning.
func parsePosition(s string) (pipeline.Position, error) {
	if s == "" || s == beginning {
		return pipeline.Position{}, nil
	}
	at, err := pipeline.ParsePosition(s)
	if err != nil {
		return at, usagef("--after %s is no place in a log: it looks like 1786000000000.1200, as sheaf export and sheaf watch print it", wording.ClipLine(s, 100))
	}
	return at, nil
}

// print prints an event in a line.
func (c *watchCmd) print(w io.Writer, m *events.Message) error {
	if c.JSON {
		_, err := fmt.Fprintf(w, "%s\n", m.Data) // the event has no line ends, because JSON escapes them in strings
		return err
	}
	var ev struct {
		Data struct {
			Identifier, Operation, Reason, Title string
			Record                               struct{ Title []struct{ Value string } }
		}
	}
	if err := json.Unmarshal(m.Data, &ev); err != nil {
		return fmt.Errorf("message %d of the stream can't be read: %w", m.StreamSeq, err)
	}
	d := &ev.Data
	title := d.Title
	if len(d.Record.Title) > 0 {
		title = d.Record.Title[0].Value
	}
	return printEvent(w, m.Cursor, d.Operation, d.Reason, d.Identifier, title)
}

// replaced says that a place is none of the log that is watched.
func replaced(after fmt.Stringer) error {
	return fmt.Errorf("%s is a place in a log that was replaced, by a restore for instance; start again with sheaf export, which says where to go on", after)
}

// printEvent prints what happened to a record in a line.
func printEvent(w io.Writer, at pipeline.Cursor, operation, reason, identifier, title string) error {
	what := operation
	if reason != "" {
		what += " (" + reason + ")"
	}
	_, err := fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%s  %s  %s  %s", at, wording.ClipLine(what, 60), wording.ClipLine(identifier, 300), wording.ClipLine(title, 200)), " "))
	return err
}
