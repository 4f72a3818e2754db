package app_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// noting is a line that notes what is asked.
type noting struct {
	mu    sync.Mutex
	asked []string
}

func (n *noting) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.asked = append(n.asked, r.URL.Path+"?"+r.URL.RawQuery)
	n.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

// A consumer that begins reads the gateway's dump and what has changed since, and not the whole log from /changes; it
// ends with the log's digest.
func TestConsumerBeginsWithTheDump(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits a minute for the dump")
	}
	src := newProvider(t, 200)
	for n := range 1500 {
		src.put(n, "title")
	}
	g := start(t, configure(t, t.TempDir(), "events: {kind: none}\nsources: {src: {kind: oai, from: '"+src.url+"'}}\n"), app.Options{})
	g.harvest(t, "src", false)
	root := g.Addresses().Public
	waitFor(t, "a dump of everything", func() bool {
		status, body := get(t, root+"dump")
		return status == http.StatusOK && strings.Contains(body, `"rows":1500`)
	})
	src.put(3, "changed since")
	src.Delete(identifier(4))
	g.harvest(t, "src", true)
	line := &noting{}
	c := consumer{Follower: follow.Follower{Gateway: root, With: follow.With{OAIDC: true}, Client: &http.Client{Transport: line}}}
	if err := c.CatchUp(t.Context(), follow.Place{}, c.write); err != nil {
		t.Fatal(err)
	}
	titles, digest, wrong := c.state()
	_, want, last := changed(t, root+"changes?with=oai_dc&limit=10000")
	if wrong != nil || digest != want || digest != last["head"].(map[string]any)["digest"] || len(titles) != 1499 {
		t.Errorf("the copy has %d records and the digest %s, the log %s; %v", len(titles), digest, want, wrong)
	}
	asked := strings.Join(line.asked, "\n")
	if !strings.Contains(asked, ".zst") || strings.Contains(asked, "after=0") {
		t.Errorf("it asked\n%s", asked)
	}
	// A takedown removes the dump; whoever begins then has nothing of the record.
	id := "oai:test.example.org:src/" + identifier(7)
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: id, Final: true, Reason: "asked for"}); err != nil {
		t.Fatal(err)
	}
	late := consumer{Follower: c.Follower}
	if err := late.CatchUp(t.Context(), follow.Place{}, late.write); err != nil {
		t.Fatal(err)
	}
	if titles, _, _ := late.state(); titles[id] != "" || len(titles) != 1498 {
		t.Errorf("after the takedown it has %d records", len(titles))
	}
}
