package app_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// TestClientsOfOthers has programs of other people read what the gateway tells of changes: a reader of feeds, one of
// sitemaps, a client of server-sent events, a processor of JSON-LD, the library of CloudEvents. Each has understood every
// record and every deletion that its door tells of.
func TestClientsOfOthers(t *testing.T) {
	need(t, []string{"node"}, "clients/node_modules") // npm ci in internal/app/clients
	src := newProvider(t, 10)
	for n := range 30 {
		src.put(n, "A title &amp; ‹more›")
	}
	g := start(t, configure(t, t.TempDir(), embedded+"sources: {src: {kind: oai, from: '"+src.url+"', hold: {deleted: never}}}\n"), app.Options{})
	g.harvest(t, "src", false)
	g.published(t) // or a deletion takes the place of what it deletes
	for n := range 3 {
		src.Delete(identifier(n))
	}
	g.harvest(t, "src", true)
	g.published(t)
	root := g.Addresses().Public

	file := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, append(bytes.Join(everything(t, g.Addresses().NATS, "SHEAF_RECORDS", 33), []byte("\n")), '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "clients.mjs", root, file)
	cmd.Dir = "clients"
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	var got struct {
		Feed       []struct{ ID, Title, Link string }
		Sitemap    []string
		Changes    []struct{ Identifier, Operation string }
		Activities []struct{ Type, Object string }
		Events     []struct{ ID, Type, Subject string }
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	page := func(n int) string { return root + "records/src/" + identifier(n) }
	if len(got.Feed) != 27 {
		t.Errorf("the reader of feeds has %d entries", len(got.Feed))
	}
	for _, e := range got.Feed {
		if e.Title != "A title & ‹more›" || !strings.HasPrefix(e.Link, root+"records/src/") || !strings.HasPrefix(e.ID, "oai:test.example.org:src/") {
			t.Errorf("the reader of feeds has %+v", e)
		}
	}
	want := map[string]bool{root: true, root + "sources/src": true}
	for n := 3; n < 30; n++ {
		want[page(n)] = true
	}
	for _, site := range got.Sitemap {
		if !want[site] {
			t.Errorf("the reader of sitemaps has %s", site)
		}
		delete(want, site)
	}
	if len(want) > 0 {
		t.Errorf("the reader of sitemaps lacks %v", want)
	}
	deleted := 0
	for _, c := range got.Changes {
		if c.Operation == "deleted" {
			deleted++
		}
	}
	if len(got.Changes) != 30 || deleted != 3 {
		t.Errorf("the client of server-sent events has %d changes, %d of them deletions", len(got.Changes), deleted)
	}
	gone := 0
	for _, a := range got.Activities {
		if a.Type == "Delete" {
			gone++
		}
		if !strings.HasPrefix(a.Object, root+"records/src/") {
			t.Errorf("an activity is about %q", a.Object)
		}
	}
	if len(got.Activities) != 30 || gone != 3 {
		t.Errorf("the processor of JSON-LD has %d activities, %d of them deletions", len(got.Activities), gone)
	}
	ups, downs := 0, 0
	for _, e := range got.Events {
		switch e.Type {
		case "sheaf.record.upserted.v1":
			ups++
		case "sheaf.record.deleted.v1":
			downs++
		}
	}
	if ups != 30 || downs != 3 || len(got.Events) != 33 {
		t.Errorf("the library of CloudEvents has %d events, %d of records, %d of deletions", len(got.Events), ups, downs)
	}
}
