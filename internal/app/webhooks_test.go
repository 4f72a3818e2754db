package app_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// webhookKey is what the webhooks of tests are signed with, in base64.
const webhookKey = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// webhookTo is the configuration of a webhook to a receiver on this machine, from the beginning.
func webhookTo(t *testing.T, name, url string) string {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("whsec_"+webhookKey), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("  %s: {url: '%s', secret_file: '%s', from: beginning, allow_private: 127.0.0.0/8}\n", name, url, secret)
}

// TestWebhookOfAGateway: changes that are harvested come to a receiver; what was taken down while the receiver refused it comes as
// a deletion only, and stands in no file.
func TestWebhookOfAGateway(t *testing.T) {
	var mu sync.Mutex
	status, bodies := http.StatusInternalServerError, []string{}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		answer := status // as it is when the event comes: what was sent before the takedown is refused
		mu.Unlock()
		b, err := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if w.WriteHeader(answer); err == nil && answer == http.StatusNoContent {
			bodies = append(bodies, string(b))
		}
	}))
	t.Cleanup(receiver.Close)
	src, dir := newProvider(t, 10), t.TempDir()
	src.put(1, "unspeakable")
	src.put(2, "harmless")
	g := start(t, configure(t, dir, embedded+"webhooks:\n"+webhookTo(t, "catalogue", receiver.URL)+"sources: {src: {kind: oai, from: '"+src.url+"'}}\n"), app.Options{})
	g.harvest(t, "src", false)
	letters := func() []webhook.Letter {
		all, err := g.Client.Letters(t.Context(), "catalogue")
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	waitFor(t, "both to be refused", func() bool { return len(letters()) == 2 })
	id := ""
	for _, l := range letters() {
		if strings.HasSuffix(l.Identifier, "1") {
			id = l.Identifier
		}
	}
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: id, Final: true}); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	status = http.StatusNoContent
	mu.Unlock()
	took := ""
	waitFor(t, "everything to be delivered", func() bool {
		for _, l := range letters() { // one that was refused just now too
			if _, err := g.Replay(t.Context(), "catalogue", []string{l.Identifier}); err != nil {
				t.Fatal(err)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		took = strings.Join(bodies, "\n")
		return strings.Contains(took, `"reason":"takedown"`) && strings.Contains(took, "harmless")
	})
	if strings.Contains(took, "unspeakable") {
		t.Errorf("the receiver has taken %s", took)
	}
	g.stop()
	files, err := filepath.Glob(filepath.Join(g.Config.Data, "webhooks.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the webhooks have the files %v: %v", files, err)
	}
	for _, file := range files {
		if b, err := os.ReadFile(file); err != nil || bytes.Contains(b, []byte("unspeakable")) {
			t.Errorf("it is still in %s: %v", file, err)
		}
	}
}

// TestWebhooksOfSeveral: of two gateways on one log one sends, each says what a receiver has not taken, and when the first stops the
// second goes on where it was, with what it is told to try again.
func TestWebhooksOfSeveral(t *testing.T) {
	var mu sync.Mutex
	refused, bodies := "harmless", []string{}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if err != nil || refused != "" && bytes.Contains(b, []byte(refused)) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		bodies = append(bodies, string(b))
	}))
	t.Cleanup(receiver.Close)
	took := func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(bodies, "\n")
	}
	src := newProvider(t, 10)
	src.put(1, "harmless")
	src.put(2, "welcome")
	_, store := onPostgres(t)
	hook := webhookTo(t, "catalogue", receiver.URL)
	gateway := func() *running {
		return start(t, configure(t, t.TempDir(), store+"events: {kind: none}\nwebhooks:\n"+hook+"sources: {src: {kind: oai, from: '"+src.url+"', every: 1d}}\n"), app.Options{})
	}
	first := gateway()
	waitFor(t, "the first gateway to work", first.Store.Leads)
	first.harvest(t, "src", true)
	second := gateway()
	waitFor(t, "the second gateway to say what was refused", func() bool {
		letters, err := second.Client.Letters(t.Context(), "catalogue")
		if err != nil {
			t.Fatal(err)
		}
		all, err := second.Webhooks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(letters) == 1 && all[0].Behind == 0
	})
	if got := took(); !strings.Contains(got, "welcome") {
		t.Errorf("the first gateway has sent %s", got)
	}
	first.stop()
	waitFor(t, "the second gateway to work", second.Store.Leads)
	mu.Lock()
	refused, bodies = "", nil
	mu.Unlock()
	src.put(3, "late")
	second.harvest(t, "src", false)
	letters, err := second.Client.Letters(t.Context(), "catalogue")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters { // unless it was tried again by itself meanwhile
		if _, err := second.Replay(t.Context(), "catalogue", []string{l.Identifier}); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the rest to be delivered", func() bool {
		return strings.Contains(took(), "late") && strings.Contains(took(), "harmless")
	})
	if got := took(); strings.Contains(got, "welcome") {
		t.Errorf("the second gateway has sent again %s", got)
	}
}
