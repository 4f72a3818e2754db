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

// webhookTo is the configuration of a webhook to a receiver on this machine, from the beginning.
func webhookTo(t *testing.T, name, url string) string {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 0o600); err != nil {
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
