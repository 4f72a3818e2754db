package main

import (
	"bufio"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// A slowProvider is an OAI-PMH repository whose lists come a record at a time, each page but the first only when it is let
// through.
type slowProvider struct {
	url     string
	through chan struct{}
	waiting atomic.Int64
}

func newSlowProvider(t *testing.T, records int) *slowProvider {
	t.Helper()
	p, repository := &slowProvider{through: make(chan struct{})}, &oaitest.Memory{}
	for i := range records {
		repository.Put(oaitest.Item{Identifier: fmt.Sprintf("oai:repository.example.org:%d", i), Metadata: map[string][]byte{"oai_dc": []byte(
			`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A letter</dc:title></oai_dc:dc>`)}})
	}
	srv := httptest.NewUnstartedServer(nil)
	p.url = "http://" + srv.Listener.Addr().String() + "/oai"
	h, err := oaipmh.NewHandler(repository, oaipmh.Options{BaseURL: p.url, Keys: [][]byte{make([]byte, 32)}, PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("resumptionToken") != "" {
			p.waiting.Add(1)
			defer p.waiting.Add(-1)
			select {
			case <-p.through:
			case <-r.Context().Done():
				return
			}
		}
		h.ServeHTTP(w, r)
	})
	srv.Start()
	t.Cleanup(srv.Close)
	return p
}

// A reload touches what it concerns. A follower, a reader of events, a walk and a slow harvest go on through it; a new source
// begins, a removed one ends at a page, a changed one goes on by its new rules; a broken file changes nothing.
func TestReloadGoesOn(t *testing.T) {
	slow, gone, changed := newSlowProvider(t, 4), newSlowProvider(t, 4), newSlowProvider(t, 4)
	public, ops, broker := freeport.Address(t), freeport.Address(t), freeport.Address(t)
	file := func(limit int, look, sources string) string {
		return fmt.Sprintf("gateway: {namespace: test.example.org, contact: a@example.org}\nlisten: {public: '%s', ops: '%s'}\nevents: {listen: '%s'}\noai: {page_size: 5}\nlimits: {requests: %d}\nlook: {footer: %s}\ndefaults: {http: {private_networks: 127.0.0.0/8}}\nsources:\n%s",
			public, ops, broker, limit, look, sources)
	}
	rows := "1 - 20 of 20\n"
	for i := range 20 {
		rows += fmt.Sprintf("\n195%d\n\nLetter %d\n", i%10, i)
	}
	stays := fmt.Sprintf("  slow: {kind: oai, from: '%s'}\n  letters: {kind: listing, from: list.txt, mapping: listing}\n", slow.url)
	mapped := "  changed: {kind: oai, from: '%s', mapping: changed.map}\n"
	dir := folder(t, map[string]string{
		"list.txt": rows, "new.txt": "1 - 1 of 1\n\n1958\n\nA letter\n",
		"changed.map": "format oai_dc\ntitle from title\n",
	})
	at := filepath.Join(dir, "sheaf.yaml")
	write(t, at, file(100, "One", stays+fmt.Sprintf(mapped, changed.url)+fmt.Sprintf("  gone: {kind: oai, from: '%s'}\n", gone.url)))
	p := begin(t, "serve")
	metrics := p.line(t, "ops") + "metrics"
	waitFor(t, "the harvests", p, func() bool {
		return slow.waiting.Load() == 1 && gone.waiting.Load() == 1 && changed.waiting.Load() == 1 && strings.Contains(page(t, metrics), `sheaf_records{source="letters",status="live"} 20`)
	})

	follower := follows(t, "http://"+public+"/changes?after=0")
	nc, err := nats.Connect("nats://"+broker, nats.NoReconnect())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	var published atomic.Int64
	if _, err := nc.Subscribe("sheaf.v1.>", func(*nats.Msg) { published.Add(1) }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	token := walkOn(t, "http://"+public+"/oai?verb=ListIdentifiers&metadataPrefix=oai_dc")
	waitFor(t, "the follower", p, func() bool { return follower.seen.Load() >= 23 })

	write(t, at, file(100, "One", stays+"  broken: {kind: nothing}\n"))
	holds(t, "a broken file", want(t, exitFailed, "reload").stderr, "\nsheaf.yaml:", "sources.broken.kind")
	holds(t, "the metrics", page(t, metrics), "sheaf_config_last_reload_successful 0")
	if slow.waiting.Load() != 1 || gone.waiting.Load() != 1 || changed.waiting.Load() != 1 {
		t.Error("a broken file has ended a harvest")
	}

	write(t, filepath.Join(dir, "changed.map"), "format oai_dc\ntitle from title\ntype is \"Text\"\n")
	write(t, at, file(50, "Two", stays+fmt.Sprintf(mapped, changed.url)+"  new: {kind: listing, from: new.txt, mapping: listing}\n"))
	out := want(t, exitDone, "reload").stdout
	holds(t, "what the reload has done", out, "new sources: new", "removed sources", ": gone", "changed (its rules", "changed: look.footer, limits.requests", "the rest goes on")
	holds(t, "the log", p.stderr.String(), "new sources: new")
	waitFor(t, "the new source", p, func() bool { return strings.Contains(page(t, metrics), `sheaf_records{source="new",status="live"} 1`) })
	waitFor(t, "the removed source to end", p, func() bool {
		return gone.waiting.Load() == 0 && strings.Contains(want(t, exitDone, "runs", "gone").stdout, "cancelled")
	})
	if slow.waiting.Load() != 1 {
		t.Error("the harvest of a source that has not changed was ended")
	}
	if text := page(t, "http://"+public+"/"); !strings.Contains(text, "Two") {
		t.Error("the pages look as before")
	}
	close(slow.through)
	close(changed.through)
	waitFor(t, "the slow harvest and the one by new rules", p, func() bool {
		text := page(t, metrics)
		return strings.Contains(text, `sheaf_records{source="slow",status="live"} 4`) && strings.Contains(text, `sheaf_records{source="changed",status="live"} 4`)
	})
	waitFor(t, "the end of the slow harvest", p, func() bool { return strings.Contains(want(t, exitDone, "runs", "slow").stdout, "complete") })
	if out := want(t, exitDone, "runs", "slow").stdout; strings.Count(out, "slow ") != 1 {
		t.Errorf("the slow harvest took %s", out)
	}
	if n := strings.Count(want(t, exitDone, "export", "--source", "changed").stdout, `"Text"`); n != 3 {
		t.Errorf("%d records of the source that has changed are made by the new rules, want 3", n)
	}
	for token != "" {
		token = walkOn(t, "http://"+public+"/oai?verb=ListIdentifiers&resumptionToken="+url.QueryEscape(token))
	}
	waitFor(t, "the follower and the reader", p, func() bool { return follower.seen.Load() >= 30 && published.Load() >= 7 })
	if err := follower.cut(); err != nil {
		t.Errorf("the follower was cut off: %v", err)
	}
	if !nc.IsConnected() {
		t.Error("the reader of events was cut off")
	}
	if n := strings.Count(p.stdout.String(), "  ops "); n != 1 {
		t.Errorf("the gateway has begun %d times", n)
	}
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
}

// A follower reads changes as they come.
type follower struct {
	seen  atomic.Int64
	mu    sync.Mutex
	ended error
	over  bool
}

func follows(t *testing.T, address string) *follower {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "event: record") {
				f.seen.Add(1)
			}
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.over, f.ended = true, lines.Err()
	}()
	t.Cleanup(func() { cancel(); <-done })
	return f
}

// cut says why the follower reads no more.
func (f *follower) cut() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over && f.ended == nil {
		return io.EOF
	}
	return f.ended
}

// walkOn asks for a page of a list, and gives the token of the next one.
func walkOn(t *testing.T, address string) string {
	t.Helper()
	var answer struct {
		Error string `xml:"error"`
		List  struct {
			Token string `xml:"resumptionToken"`
		} `xml:"ListIdentifiers"`
	}
	client := &http.Client{Timeout: time.Minute}
	resp, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := xml.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Error != "" {
		t.Fatalf("a walk ends with %s %v", answer.Error, err)
	}
	return answer.List.Token
}
