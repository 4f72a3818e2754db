package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// quiet is a logger for what a test provokes on purpose.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// configure parses a configuration that would stand in the folder, with addresses of its own.
func configure(t testing.TB, dir, rest string) *config.Config {
	t.Helper()
	text := fmt.Sprintf("gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\n"+
		"listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\n%s", rest)
	cfg, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// commanded opens a configuration for commands alone: what is given them is done in this process, unless a gateway has the
// folder.
func commanded(t testing.TB, dir, text string) *control.Client {
	t.Helper()
	cfg, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	c, err := app.Connect(t.Context(), cfg, app.Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// embedded is the section of a configuration with a broker of its own.
const embedded = "events: {listen: '127.0.0.1:0'}\n"

// A running gateway, and a client that gives it commands.
type running struct {
	*app.Gateway
	*control.Client
	stop func()
}

// start runs a gateway until the test ends or stop is called.
func start(t testing.TB, cfg *config.Config, o app.Options) *running {
	t.Helper()
	o.Version, o.Idle = "test", true
	if o.Logger == nil {
		o.Logger = quiet
	}
	g, err := app.NewGateway(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	client, err := app.Connect(t.Context(), cfg, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	r := &running{Gateway: g, Client: client}
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		client.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("stop the gateway: %v", err)
		}
	}
	t.Cleanup(r.stop)
	return r
}

// harvest runs a source and gives the last line of its report.
func (r *running) harvest(t testing.TB, source string, full bool) control.HarvestLine {
	t.Helper()
	line, err := harvest(t.Context(), r.Client, source, full)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func harvest(ctx context.Context, c *control.Client, source string, full bool) (last control.HarvestLine, err error) {
	err = c.Harvest(ctx, source, pipeline.Order{Full: full}, func(l *control.HarvestLine) error {
		last = *l
		return nil
	})
	if err == nil && last.Error != "" {
		err = errors.New(last.Error)
	}
	return last, err
}

// published waits until everything in the log is in the stream.
func (r *running) published(t testing.TB) {
	t.Helper()
	waitFor(t, "events to be published", func() bool {
		info, err := r.Info(t.Context())
		return err == nil && r.RelayPlace() == info.Head.Cursor
	})
}

// exposes waits until the ops listener exposes series, each of them the beginning of a line, and gives all metrics. It waits
// because what is done for a request is counted after its answer, which the client may have read by then.
func (r *running) exposes(t *testing.T, series ...string) (metrics string) {
	t.Helper()
	var missing []string
	defer func() {
		if len(missing) > 0 {
			t.Logf("the metrics lack\n%s\nof\n%s", strings.Join(missing, "\n"), metrics)
		}
	}()
	waitFor(t, "the metrics", func() bool {
		_, metrics = fetch(t, r.Addresses().Ops+"metrics", "test")
		missing = slices.DeleteFunc(slices.Clone(series), func(s string) bool { return strings.Contains(metrics, "\n"+s) })
		return len(missing) == 0
	})
	return metrics
}

// waitFor waits for a condition; the time is for a slow machine.
func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// A provider is a real OAI-PMH server over a repository in memory.
type provider struct {
	*oaitest.Memory
	url    string
	during atomic.Pointer[func() (ended func())] // is called when a request comes, and when it is answered
}

func newProvider(t testing.TB, pageSize int) *provider {
	t.Helper()
	p := &provider{Memory: &oaitest.Memory{}}
	srv := httptest.NewUnstartedServer(nil)
	p.url = "http://" + srv.Listener.Addr().String() + "/oai"
	h, err := oaipmh.NewHandler(p.Memory, oaipmh.Options{BaseURL: p.url, Keys: [][]byte{make([]byte, 32)}, PageSize: pageSize})
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := p.during.Load(); f != nil {
			defer (*f)()()
		}
		h.ServeHTTP(w, r)
	})
	srv.Start()
	t.Cleanup(srv.Close)
	return p
}

// put adds or replaces an item with a title.
func (p *provider) put(n int, title string, sets ...string) {
	p.Put(oaitest.Item{
		Identifier: identifier(n), Sets: sets,
		Metadata: map[string][]byte{"oai_dc": fmt.Appendf(nil, `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%s</dc:title><dc:identifier>https://provider.example.org/%d</dc:identifier></oai_dc:dc>`, title, n)},
	})
}

func identifier(n int) string { return fmt.Sprintf("oai:provider.example.org:%d", n) }
