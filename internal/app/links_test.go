package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Whatever URL of the gateway stands in what it hands on leads somewhere: to the record, to its tombstone, to the records of
// its source, to the next page. So it is where the gateway has no URL, where it has one, and where that is below a path of
// another server, which hands on to the gateway what is asked for there.
func TestLinksLeadSomewhere(t *testing.T) {
	for name, path := range map[string]string{"no URL": "none", "a URL": "", "a URL below a path": "/archive/gateway"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testLinks(t, path)
		})
	}
}

func testLinks(t *testing.T, path string) {
	src, private := newProvider(t, 10), newProvider(t, 10)
	for i := range 4 {
		src.put(i, "title")
		private.put(i, "title")
	}
	src.put(4, strings.Repeat("long ", 20_000)) // too long for an event
	src.Delete(identifier(2))
	private.Delete(identifier(1))
	hooked := make(chan []byte, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		hooked <- body
	}))
	t.Cleanup(receiver.Close)
	cfg := configure(t, t.TempDir(), embedded+"webhooks:\n"+webhookTo(t, "catalogue", receiver.URL)+
		fmt.Sprintf("sources:\n  src: {kind: oai, from: '%s'}\n  private: {kind: oai, from: '%s', events: pointer}\n", src.url, private.url))
	inside := freeport.Address(t)
	cfg.Listen.Public = inside
	if path != "none" {
		front := httptest.NewServer(http.StripPrefix(path, httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: inside})))
		t.Cleanup(front.Close)
		cfg.Gateway.URL = front.URL + path
	}
	g := start(t, cfg, app.Options{})
	c := &linkCheck{root: strings.TrimSuffix(g.Addresses().Public, "/"), gone: map[string]bool{}, asked: map[string]bool{}, kinds: map[string]int{}}
	if path != "none" {
		c.inside = inside
	}
	js := jetStream(t, g.Addresses().NATS)
	waitFor(t, "the stream of notices, which waits for nothing", func() bool { _, err := js.Stream(t.Context(), "SHEAF_OPS"); return err == nil })
	g.harvest(t, "src", false)
	g.harvest(t, "private", false)
	for _, id := range []string{"src/" + identifier(2), "private/" + identifier(1), "src/" + identifier(3)} {
		c.gone["/records/"+id] = true
	}
	// A takedown has a dump made at once.
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: "oai:test.example.org:src/" + identifier(3), Final: true}); err != nil {
		t.Fatal(err)
	}
	g.published(t)
	waitFor(t, "a dump of everything", func() bool {
		var m struct{ Rows int }
		res, body := c.get(t, c.root+"/dump")
		return res.StatusCode == http.StatusOK && json.Unmarshal(body, &m) == nil && m.Rows == 9
	})
	for _, data := range everything(t, g.Addresses().NATS, "SHEAF_RECORDS", 9) {
		c.look(t, "SHEAF_RECORDS", "application/json", data)
	}
	notices, err := js.OrderedConsumer(t.Context(), "SHEAF_OPS", jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for c.kinds["SHEAF_OPS /data/url"] == 0 || c.kinds["SHEAF_OPS /source"] < 2 {
		m, err := notices.Next(jetstream.FetchMaxWait(90 * time.Second))
		if err != nil {
			t.Fatalf("%v; there were links at %v", err, c.kinds)
		}
		c.look(t, "SHEAF_OPS", "application/json", m.Data())
	}
	for told := map[string]bool{}; len(told) < 9; {
		select {
		case body := <-hooked:
			c.look(t, "webhook", "application/json", body)
			var event struct{ Data struct{ Identifier string } }
			if err := json.Unmarshal(body, &event); err != nil {
				t.Fatal(err)
			}
			if event.Data.Identifier != "" {
				told[event.Data.Identifier] = true
			}
		case <-time.After(90 * time.Second):
			t.Fatalf("the webhook was told of %d records of 9", len(told))
		}
	}
	waitFor(t, "the index", func() bool {
		_, found := c.get(t, c.root+"/search.atom?q=title")
		return bytes.Contains(found, []byte("<entry>"))
	})
	for _, door := range []string{"/changes?after=0&with=oai_dc", "/dump", "/feed.atom", "/feed.atom?source=src", "/search.atom?q=title", "/activity", "/activity?source=src", "/.well-known/resourcesync", "/sitemap.xml", "/robots.txt"} {
		c.follow(t, "", c.root+door)
	}
	for _, kind := range []string{
		"SHEAF_RECORDS /source", "SHEAF_RECORDS /dataref", "SHEAF_RECORDS /data/links/oai", "SHEAF_RECORDS /data/links/page", "SHEAF_RECORDS /data/links/json",
		"SHEAF_OPS /source", "SHEAF_OPS /data/url", "webhook /source", "webhook /dataref", "webhook /data/links/json",
		"/changes", "/dump", "/feed.atom", "/search.atom", "/activity", "/activity/page", "/.well-known/resourcesync",
		"/resourcesync/capabilitylist.xml", "/resourcesync/resourcelist.xml", "/resourcesync/changelist.xml", "/resourcesync/resourcedump.xml",
		"/sitemap.xml", "/sitemaps/1.xml", "/robots.txt",
	} {
		if c.kinds[kind] == 0 {
			t.Errorf("%s has no link", kind)
		}
	}
	if t.Failed() {
		t.Log(c.kinds)
	}
}

// A linkCheck follows links.
type linkCheck struct {
	root   string          // where the gateway is for the world
	inside string          // where it is for the server in front of it only; empty if there is none
	gone   map[string]bool // the paths of the records that are deleted
	asked  map[string]bool
	kinds  map[string]int // how many links stood where
}

// link is a URL in a text.
var link = regexp.MustCompile(`https?://[^\s"'<>\\]+`)

// look follows what stands in a document: in JSON members, in other text anywhere.
func (c *linkCheck) look(t *testing.T, where, media string, body []byte) {
	t.Helper()
	if c.inside != "" && bytes.Contains(body, []byte(c.inside)) {
		t.Errorf("%s names the address behind the server in front: %.300s", where, body)
	}
	if strings.HasSuffix(media, "json") {
		for place, address := range urls(t, c.root, body) {
			kind := where
			if !strings.HasPrefix(where, "/") {
				kind += " " + place
			}
			c.kinds[kind]++
			c.follow(t, kind, address)
		}
		return
	}
	for _, found := range link.FindAllString(string(body), -1) {
		if address := html.UnescapeString(found); strings.HasPrefix(address, c.root) {
			c.kinds[where]++
			c.follow(t, where, address)
		}
	}
}

// follow asks for an address, once, and follows what stands in the answer if it is one of the doors for programs.
func (c *linkCheck) follow(t *testing.T, from, address string) {
	t.Helper()
	if c.asked[address] {
		return
	}
	c.asked[address] = true
	res, body := c.get(t, address)
	path := strings.TrimPrefix(res.Request.URL.Path, strings.TrimPrefix(c.root, res.Request.URL.Scheme+"://"+res.Request.URL.Host))
	want := http.StatusOK
	if c.gone[path] || c.gone[strings.TrimPrefix(path, "/api/v1")] {
		want = http.StatusGone
	}
	if res.StatusCode != want || path == "/oai" && strings.Contains(string(body), "<error") {
		t.Errorf("%s leads to %s: %s, and should be %d: %.200s", from, address, res.Status, want, body)
	}
	for _, more := range link.FindAllString(res.Header.Get("Link"), -1) {
		if strings.HasPrefix(more, c.root) {
			c.follow(t, "Link of "+path, more)
		}
	}
	media, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	switch {
	case path == "/oai" || strings.HasPrefix(path, "/records/") || strings.HasPrefix(path, "/packages/"):
	case strings.HasSuffix(path, ".zst"):
		z, err := zstd.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		lines, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		c.lookLines(t, path, lines)
	case media == "application/x-ndjson":
		c.lookLines(t, path, body)
	case strings.HasSuffix(media, "json"), strings.HasSuffix(media, "xml"), media == "text/plain":
		c.look(t, path, media, body)
	}
}

func (c *linkCheck) lookLines(t *testing.T, where string, lines []byte) {
	t.Helper()
	for line := range bytes.Lines(lines) {
		c.look(t, where, "application/json", line)
	}
}

func (c *linkCheck) get(t *testing.T, address string) (*http.Response, []byte) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

// jetStream connects to a broker until the test ends.
func jetStream(t *testing.T, url string, options ...nats.Option) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// everything is what a stream holds, at least n messages.
func everything(t *testing.T, url, stream string, n int) (all [][]byte) {
	t.Helper()
	cons, err := jetStream(t, url).OrderedConsumer(t.Context(), stream, jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for len(all) < n {
		m, err := cons.Next(jetstream.FetchMaxWait(time.Minute))
		if err != nil {
			t.Fatalf("message %d of %s: %v", len(all)+1, stream, err)
		}
		all = append(all, m.Data())
	}
	return all
}

// urls are the strings of a JSON document that begin with base, by where they stand.
func urls(t *testing.T, base string, data []byte) map[string]string {
	t.Helper()
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	var look func(place string, v any)
	look = func(place string, v any) {
		switch v := v.(type) {
		case string:
			if strings.HasPrefix(v, base) {
				found[place] = v
			}
		case map[string]any:
			for name, member := range v {
				look(place+"/"+name, member)
			}
		case []any:
			for n, member := range v {
				look(fmt.Sprint(place, "/", n), member)
			}
		}
	}
	look("", document)
	return found
}
