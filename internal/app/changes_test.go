package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// changed reads an answer of /changes: the live records by their identifiers with the digest of them, and the last line.
func changed(t *testing.T, address string) (titles map[string]string, digest string, last map[string]any) {
	t.Helper()
	status, body := get(t, address)
	if status != http.StatusOK {
		t.Fatalf("answered %d: %s", status, body)
	}
	var sum pipeline.Digest
	titles = map[string]string{}
	for text := range bytes.Lines([]byte(body)) {
		var l struct {
			Identifier, Operation string
			Datestamp             time.Time
			OAIDC                 string `json:"oai_dc"`
			Next                  string
			Record                struct{ Title []struct{ Value string } }
		}
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		switch {
		case l.Next != "":
			_ = json.Unmarshal(text, &last) // as before
		case l.Operation == "upserted":
			sum.Add(l.Identifier, l.Datestamp, []byte(l.OAIDC))
			titles[l.Identifier] = l.Record.Title[0].Value
		}
	}
	if last == nil {
		t.Fatalf("the answer was cut: %s", body)
	}
	return titles, fmt.Sprintf("%x", sum), last
}

// A service that has nothing but HTTP holds what the gateway holds, is told of changes at once, and does not keep the
// gateway from stopping.
func TestChangesDoor(t *testing.T) {
	src := newProvider(t, 10)
	for n := range 30 {
		src.put(n, "title")
	}
	g := start(t, configure(t, t.TempDir(), "events: {kind: none}\nsources: {src: {kind: oai, from: '"+src.url+"'}}\n"), app.Options{})
	g.harvest(t, "src", false)
	root := g.Addresses().Public
	titles, digest, last := changed(t, root+"changes?with=oai_dc")
	head := last["head"].(map[string]any)
	if len(titles) != 30 || digest != head["digest"] || head["records"] != 30.0 || last["more"] != false {
		t.Fatalf("%d records with the digest %s, and the last line is %v", len(titles), digest, last)
	}
	if status, _ := get(t, root+"schemas/record-change.v1.json"); status != http.StatusOK {
		t.Errorf("the schema is answered %d", status)
	}
	type answer struct {
		body string
		err  error
	}
	wait := func(after any) chan answer {
		out := make(chan answer, 1)
		go func() {
			resp, err := http.Get(fmt.Sprintf("%schanges?wait=60s&after=%s", root, after))
			if err != nil {
				out <- answer{"", err}
				return
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			out <- answer{string(b), err}
		}()
		return out
	}
	waiting := wait(last["next"])
	src.put(7, "changed")
	g.harvest(t, "src", true)
	if a := <-waiting; a.err != nil || !strings.Contains(a.body, `"value":"changed"`) || strings.Count(a.body, "\n") != 2 {
		t.Errorf("who waits is told %q, %v", a.body, a.err)
	}
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: "oai:test.example.org:src/" + identifier(7), Final: true}); err != nil {
		t.Fatal(err)
	}
	if titles, _, last = changed(t, root+"changes?with=oai_dc,original"); len(titles) != 29 {
		t.Errorf("after a takedown there are %d records", len(titles))
	}
	dumped := ""
	waitFor(t, "the dump of what is left", func() bool {
		status, body := get(t, root+"dump")
		dumped = body
		return status == http.StatusOK && strings.Contains(body, `"rows":30,`)
	})
	var m struct{ Parts []struct{ URL string } }
	if err := json.Unmarshal([]byte(dumped), &m); err != nil || len(m.Parts) != 1 {
		t.Fatalf("the manifest is %s, %v", dumped, err)
	}
	if status, _ := get(t, m.Parts[0].URL); status != http.StatusOK {
		t.Errorf("its part is answered %d", status)
	}
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: "oai:test.example.org:src/" + identifier(8), Final: true}); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, m.Parts[0].URL); status != http.StatusNotFound {
		t.Errorf("after a takedown the part is answered %d", status)
	}
	waiting = wait(last["next"])
	time.Sleep(50 * time.Millisecond) // it may come before the stop or behind it: both are right
	began := time.Now()
	g.stop()
	if took := time.Since(began); took > 45*time.Second { // of the minute that it would wait
		t.Errorf("the gateway took %v to stop while somebody waited", took)
	}
	<-waiting
}
