package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/rules"
)

// hidden is the secret of all sources of the test, and written in no other way than this.
const hidden = "hush-hush-4711"

// A telltale repeats, in whatever it answers, all that it was asked with.
func telltale(good http.Handler, answer func(asked string) (status int, body string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if good != nil && r.FormValue("key") == hidden {
			q := r.URL.Query()
			q.Del("key")
			r.URL.RawQuery, r.Form = q.Encode(), nil
			good.ServeHTTP(w, r)
			return
		}
		asked := fmt.Sprintf("%s %s %s", r.URL, r.Header.Get("Authorization"), r.Header.Get("X-Api-Key"))
		status, body := answer(strings.ReplaceAll(asked, "&", "&amp;"))
		w.Header().Set("X-Asked", asked)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

// An exhibit collects what a gateway shows.
type exhibit struct {
	mu    sync.Mutex
	shown map[string]string
}

func (e *exhibit) add(what string, v any) {
	text, ok := v.(string)
	if !ok {
		b, err := json.Marshal(v)
		if err != nil {
			b = []byte(err.Error())
		}
		text = string(b)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.shown[what] += text
}

// Keys stand in the queries of addresses, in headers and tokens. Nothing that the gateway says, logs, serves or
// publishes has them, also where a server repeats what it was asked; nor the key that webhooks are signed with, nor the token
// that the gateway made for operators.
func TestNothingShowsSecrets(t *testing.T) {
	provider := newProvider(t, 2)
	for n := range 5 {
		provider.put(n, "A letter")
	}
	forward := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		res, err := http.Get(provider.url + "?" + r.URL.RawQuery)
		if err != nil {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		_, _ = io.Copy(w, res.Body)
	})
	oai := func(body string) string {
		return `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>` + body + `</OAI-PMH>`
	}
	servers := map[string]http.Handler{
		"good":     telltale(forward, nil),
		"argument": telltale(nil, func(a string) (int, string) { return 200, oai(`<error code="badArgument">unknown: ` + a + `</error>`) }),
		"broken":   telltale(nil, func(a string) (int, string) { return 200, oai("<" + strings.ReplaceAll(a, "/", "") + ">") }),
		"refusing": telltale(nil, func(a string) (int, string) { return 403, a }),
		"page": telltale(nil, func(a string) (int, string) {
			return 200, "<!doctype html><html><title>" + a + "</title><p>" + a + "</p></html>"
		}),
	}
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte(hidden), 0o600); err != nil {
		t.Fatal(err)
	}
	sections := embedded + "sources:\n"
	for name, h := range servers {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		sections += fmt.Sprintf("  %s: {kind: oai, from: '%s/oai?key=%s', http: {token_file: '%s', headers: {X-Api-Key: %[3]s}}}\n", name, srv.URL, hidden, token)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	sections += fmt.Sprintf("  gone: {kind: oai, from: '%s/oai?key=%s'}\n", gone.URL, hidden)
	sections += fmt.Sprintf("  listing: {kind: listing, from: '%s/list?key=%s&p={page}', select: {row: .row, title: h3}}\n", gone.URL, hidden)
	receiver := httptest.NewServer(telltale(nil, func(asked string) (int, string) { return http.StatusBadGateway, asked }))
	t.Cleanup(receiver.Close)
	sections += "webhooks:\n" + webhookTo(t, "catalogue", receiver.URL+"/hook?key="+hidden)
	cfg := configure(t, dir, sections)

	e := &exhibit{shown: map[string]string{}}
	var logged lockedBuffer
	g := start(t, cfg, app.Options{Logger: slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	notices := listen(t, g.Addresses().NATS)
	var runs sync.WaitGroup
	for name := range cfg.Sources {
		runs.Go(func() {
			ctx := t.Context()
			if name == "gone" || name == "listing" { // what is not there is asked again and again
				var done context.CancelFunc
				ctx, done = context.WithTimeout(ctx, 15*time.Second)
				defer done()
			}
			line, err := harvest(ctx, g.Client, name, false)
			e.add("the harvest of "+name, line)
			e.add("the harvest of "+name, fmt.Sprint(err))
			_, err = app.PreviewSource(ctx, cfg, name, 3, "test", func(p *rules.Previewed) error { e.add("the preview of "+name, p); return nil })
			e.add("the preview of "+name, fmt.Sprint(err))
		})
	}
	runs.Wait()
	g.published(t)
	waitFor(t, "the webhook's failure", func() bool {
		hooks, err := g.Webhooks(t.Context())
		e.shown["the webhooks"] = fmt.Sprintf("%+v %v", hooks, err)
		return strings.Contains(e.shown["the webhooks"], "502")
	})
	_, err := g.TestWebhook(t.Context(), "catalogue")
	e.add("the test of a webhook", fmt.Sprint(err))
	letters, err := g.Letters(t.Context(), "catalogue")
	e.add("the letters of a webhook", letters)
	e.add("the letters of a webhook", fmt.Sprint(err))

	infos, err := g.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e.add("the status", infos)
	e.add("what is configured", control.Configured(cfg))
	rejected, err := g.Quarantine(t.Context(), "", 0, 1000)
	e.add("the quarantine", rejected)
	e.add("the quarantine", fmt.Sprint(err))
	all := records(t, g.Client)
	if len(all) != 5 {
		t.Errorf("%d records, want 5", len(all))
	}
	e.add("the records", all)
	a := g.Addresses()
	for _, path := range []string{"", "search", "oai?verb=Identify", "oai?verb=ListSets", "oai?verb=ListMetadataFormats", "oai?verb=ListRecords&metadataPrefix=oai_dc", "oai?verb=ListIdentifiers&metadataPrefix=oai_dc"} {
		e.add("/"+path, fetched(t, a.Public+path))
	}
	for id := range all {
		e.add("GetRecord", fetched(t, a.Public+"oai?verb=GetRecord&metadataPrefix=oai_dc&identifier="+id))
		_, local, _ := strings.Cut(id, ":good/")
		e.add("the page of a record", fetched(t, a.Public+"records/good/"+local))
	}
	for _, path := range []string{"", "metrics", "readyz", "healthz", "harvesters", "sources", "sources/page", "quarantine", "consumers", "actions", "audit", "configuration"} {
		e.add("ops /"+path, fetched(t, a.Ops+path))
	}
	waitFor(t, "the notice of a harvest that failed", func() bool {
		text := notices()
		e.shown["the notices"] = text
		return strings.Contains(text, "harvest.failed")
	})
	e.add("the events", fmt.Sprintf("%+v", readStream(t, a.NATS)))
	e.add("the logs", logged.String())
	if !strings.Contains(e.shown["the status"], "unknown: ") || !strings.Contains(e.shown["the logs"], "a harvest has ended") {
		t.Errorf("the test has lost its point: %.2000s", e.shown)
	}
	made, err := os.ReadFile(filepath.Join(cfg.Data, "ops.token"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{hidden, webhookKey, strings.TrimSpace(string(made))} {
		for what, text := range e.shown {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s shows the secret: %s", what, text[max(at-200, 0):min(at+60, len(text))])
			}
		}
	}
}

// listen gives, when it is called, all messages of the streams until then.
func listen(t *testing.T, url string) func() string {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return func() string {
		js, err := jetstream.New(nc)
		if err != nil {
			t.Fatal(err)
		}
		var all bytes.Buffer
		for _, name := range []string{"SHEAF_OPS", "SHEAF_RECORDS"} {
			c, err := js.OrderedConsumer(t.Context(), name, jetstream.OrderedConsumerConfig{})
			if err != nil {
				t.Fatal(err)
			}
			batch, err := c.FetchNoWait(1000)
			if err != nil {
				t.Fatal(err)
			}
			for m := range batch.Messages() {
				fmt.Fprintf(&all, "%s %v %s\n", m.Subject(), m.Headers(), m.Data())
			}
		}
		return all.String()
	}
}

func fetched(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A lockedBuffer takes what several write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
