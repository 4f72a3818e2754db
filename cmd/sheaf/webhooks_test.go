package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
)

const webhookConfig = clockConfig + `
webhooks:
  catalogue: {url: 'RECEIVER/?token=hidden', secret_file: secret, from: beginning, allow_private: 127.0.0.0/8, retries: 0}
`

// TestWebhooks: an operator sees what a receiver refuses, tries it again, gives it up, and forgets a webhook that was taken out;
// with a gateway and without one.
func TestWebhooks(t *testing.T) {
	var mu sync.Mutex
	answer := http.StatusUnprocessableEntity
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.WriteHeader(answer)
	}))
	defer receiver.Close()
	answers := func(status int) {
		mu.Lock()
		defer mu.Unlock()
		answer = status
	}
	config := strings.Replace(webhookConfig, "RECEIVER", receiver.URL, 1)
	folder(t, map[string]string{"sheaf.yaml": config, "letters.txt": "1 May 1957\nA letter\n\n2 May 1957\nAnother\n", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
	_, stop := gatewayWith(t, storetest.NewClock())
	want(t, exitDone, "harvest", "letters")
	until := func(what string, args []string, words ...string) (r result) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			r = sheaf(t, args...)
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(r.stdout, w) }) {
				return r
			}
		}
		t.Fatalf("%s: sheaf %v says %s%s", what, args, r.stdout, r.stderr)
		return r
	}
	until("dead letters", []string{"webhooks", "letters", "catalogue"}, "letters/h-", "dead", "it answers 422 Unprocessable Entity")
	until("both", []string{"webhooks", "--json"}, `"dead": 2`)
	r := want(t, exitLook, "webhooks")
	holds(t, "the list", r.stdout, "catalogue", "failing for", "  2  ", "422")
	if strings.Contains(r.stdout, "hidden") {
		t.Errorf("the list shows the secret: %s", r.stdout)
	}
	holds(t, "the status", want(t, exitLook, "status").stdout, "WEBHOOK", "catalogue")
	holds(t, "the test", want(t, exitFailed, "webhooks", "test", "catalogue").stderr, "it answers 422")
	holds(t, "a webhook that is not there", want(t, exitFailed, "webhooks", "letters", "nothing").stderr, "there is no such webhook")
	answers(http.StatusNoContent)
	holds(t, "the test", want(t, exitDone, "webhooks", "test", "catalogue").stdout, "it has taken the ping")
	id, _, _ := strings.Cut(strings.Split(sheaf(t, "export").stdout, `"identifier":"`)[1], `"`)
	holds(t, "the replay", want(t, exitDone, "webhooks", "replay", "catalogue", id).stdout, "1 change is tried again")
	until("the replay", []string{"webhooks", "--json"}, `"dead": 1`, `"waiting": 0`)
	holds(t, "a replay of nothing", want(t, exitLook, "webhooks", "replay", "catalogue", id).stdout, "0 changes are tried again")
	stop()
	holds(t, "giving up", want(t, exitDone, "webhooks", "drop", "catalogue").stdout, "1 change is given up")
	holds(t, "the list", want(t, exitDone, "webhooks").stdout, "catalogue", "ok")
	holds(t, "without a gateway", want(t, exitDone, "webhooks", "letters", "catalogue").stdout, "Everything was taken.")
	write(t, "sheaf.yaml", clockConfig)
	holds(t, "the list", want(t, exitDone, "webhooks").stdout, "catalogue", "not configured")
	want(t, exitDone, "webhooks", "drop", "catalogue")
	holds(t, "the list", want(t, exitDone, "webhooks").stdout, "There are no webhooks.")
	holds(t, "what people did", want(t, exitDone, "audit").stdout, "1 letters of the webhook catalogue")
}
