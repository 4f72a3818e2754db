package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store/move"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// said is what a gateway says through its doors: the answers by what was asked, and the tokens that lead to them.
type said struct{ answers, tokens map[string]string }

// answersOf asks for lists to their ends, for single records and for the changes. What differs with each request is left out.
func answersOf(t *testing.T, g *running) said {
	t.Helper()
	out := said{map[string]string{}, map[string]string{}}
	for _, list := range []string{"ListRecords&metadataPrefix=oai_dc", "ListRecords&metadataPrefix=oai_dc&set=src:even1", "ListIdentifiers&metadataPrefix=oai_qdc", "ListRecords&metadataPrefix=oai_dc&from=2000-01-01T00:00:00Z"} {
		verb, _, _ := strings.Cut(list, "&")
		for page, ask := 0, list; ask != ""; page++ {
			name, body := fmt.Sprintf("%s, page %d", list, page), fetched(t, "http://"+g.Addresses().Bound+"/"+"oai?verb="+ask)
			out.answers[name] = fleeting.ReplaceAllString(body, "")
			_, token, _ := strings.Cut(between(body, "<resumptionToken", "</resumptionToken>"), ">")
			if ask = ""; token != "" {
				ask = verb + "&resumptionToken=" + url.QueryEscape(token)
				out.tokens[fmt.Sprintf("%s, page %d", list, page+1)] = ask
			}
		}
	}
	for _, path := range []string{"oai?verb=ListSets", "oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=" + recordOf(3), "oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=" + recordOf(7), "changes?limit=1000&with=origin"} {
		out.answers[path] = fleeting.ReplaceAllString(fetched(t, "http://"+g.Addresses().Bound+"/"+path), "")
	}
	return out
}

// fleeting are the parts of answers that differ with each request.
var fleeting = regexp.MustCompile(`<responseDate>[^<]*</responseDate>|<resumptionToken[^>]*>[^<]*|resumptionToken="[^"]*"|"head":\{"epoch":"\d+","seq":"\d+","datestamp":"[^"]*"`)

// recordOf is the identifier of an item of the provider, in the log.
func recordOf(n int) string { return "oai:test.example.org:src/" + identifier(n) }

// besideOf is what a log keeps beside its records.
func besideOf(t *testing.T, g *running) map[string]any {
	t.Helper()
	out := map[string]any{"identity": g.Store.Identity()}
	keep := func(name string, v any, err error) {
		t.Helper()
		if out[name] = v; err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	status, err := g.Store.Status(ctx)
	keep("status", status, err)
	quarantine, err := g.Store.Quarantine(ctx, "", 0, 10)
	keep("quarantine", quarantine, err)
	runs, err := g.Store.Runs(ctx, "", 10)
	keep("runs", runs, err)
	suppressed, err := g.Store.Suppressed(ctx, "", 10)
	keep("suppressed", suppressed, err)
	epochs, err := g.Store.Epochs(ctx)
	keep("epochs", epochs, err)
	return out
}

// quarantineOdd puts an item aside whose key no text of PostgreSQL can be.
func quarantineOdd(t *testing.T, g *running) {
	t.Helper()
	run, err := g.Store.Begin(t.Context(), "odd", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Store.Commit(t.Context(), &pipeline.Batch{Run: run, From: run.Cursor, Next: "page 2", Rejects: []pipeline.Reject{
		{Key: "key \x00 \xff", Reason: "broken", Detail: "it is broken", Original: []byte("<broken"), Said: []byte("{}")},
	}}); err != nil {
		t.Fatal(err)
	}
	if err := g.Store.End(t.Context(), run, pipeline.Outcome{Result: pipeline.Partial}); err != nil {
		t.Fatal(err)
	}
}

// A log that is copied from SQLite to PostgreSQL gives the same answers, byte for byte; resumption tokens and cursors of before
// go on; and the stream goes on where it was, in the same epoch. The copy is stopped twice on its way, and goes on.
func TestCopiedLogGoesOn(t *testing.T) {
	src := newProvider(t, 50)
	for i := range 200 {
		src.put(i, fmt.Sprintf("title %d", i), "even"+fmt.Sprint(i%2))
	}
	base, store := onPostgres(t)
	dir := t.TempDir()
	text := fmt.Sprintf("gateway: {name: Test, namespace: test.example.org, contact: test@example.org, url: 'https://gateway.example.org'}\n"+
		"listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {listen: '127.0.0.1:0'}\noai: {page_size: 30}\n"+
		"sources: {src: {kind: oai, from: '%s', overlap: 2s, hold: {deleted: never}}}\n", src.url)
	parse := func(text string) *config.Config {
		t.Helper()
		cfg, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), app.ConfigOptions())
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	g := start(t, parse(text), app.Options{})
	g.harvest(t, "src", true)
	for i := range 20 {
		src.Delete(identifier(i * 7))
	}
	src.put(3, "another title", "even0")
	g.harvest(t, "src", false)
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: recordOf(5), Final: true, Reason: "asked for", Who: "test"}); err != nil {
		t.Fatal(err)
	}
	quarantineOdd(t, g)
	if _, err := g.Pause(t.Context(), "src", pipeline.Stop{Who: "test", Reason: "holidays"}); err != nil {
		t.Fatal(err)
	}
	g.published(t)
	before, place, beside := answersOf(t, g), g.RelayPlace(), besideOf(t, g)
	g.stop()

	onto := parse(text + store)
	refused := func(want string) {
		t.Helper()
		if _, err := app.NewGateway(t.Context(), onto, app.Options{Logger: quiet}); err == nil || !strings.Contains(err.Error(), want) {
			t.Fatalf("a gateway: %v", err)
		}
	}
	refused("sheaf copy")
	for _, stopAt := range []string{"item", "member", ""} {
		ctx, cancel := context.WithCancel(t.Context())
		records, head, err := move.Log(ctx, move.Options{Dir: onto.Data, DSN: base.DSN(), Logger: quiet, Rows: 40, Progress: func(table string, rows int64) {
			if table == stopAt && rows >= 80 {
				cancel()
			}
		}})
		cancel()
		switch {
		case stopAt != "" && !errors.Is(err, context.Canceled):
			t.Fatalf("stopped at %s: %v", stopAt, err)
		case stopAt != "":
			refused("sheaf copy")
		case err != nil || records != 200 || head.Cursor != place:
			t.Fatalf("copied %d records to %v, not %v: %v", records, head.Cursor, place, err)
		}
	}
	if _, err := os.Stat(filepath.Join(onto.Data, move.Copied)); err != nil {
		t.Error(err)
	}

	on := start(t, onto, app.Options{})
	if diff := cmp.Diff(beside, besideOf(t, on)); diff != "" {
		t.Errorf("-before +after\n%s", diff)
	}
	if diff := cmp.Diff(before.answers, answersOf(t, on).answers); diff != "" {
		t.Errorf("-before +after\n%s", diff)
	}
	for page, ask := range before.tokens {
		if diff := cmp.Diff(before.answers[page], fleeting.ReplaceAllString(fetched(t, "http://"+on.Addresses().Bound+"/"+"oai?verb="+ask), "")); diff != "" {
			t.Errorf("%s, by its token of before: -before +after\n%s", page, diff)
		}
	}
	if sessions, err := on.Store.Sessions(t.Context()); err != nil || len(sessions) == 0 {
		t.Errorf("%d sessions, %v", len(sessions), err)
	}
	on.published(t)
	if on.RelayPlace() != place {
		t.Errorf("the relay is at %v, and was at %v", on.RelayPlace(), place)
	}
	if _, err := on.Resume(t.Context(), "src", "test"); err != nil {
		t.Fatal(err)
	}
	src.put(4, "since")
	src.put(5, "taken down, and sent again")
	if line := on.harvest(t, "src", false); line.Counts.Updated != 1 || line.Counts.Suppressed != 1 {
		t.Errorf("the harvest after: %+v", line)
	}
	on.published(t)
	on.stop()
	other := t.TempDir()
	if err := os.Rename(filepath.Join(onto.Data, move.Copied), filepath.Join(other, "sheaf.db")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := move.Log(t.Context(), move.Options{Dir: other, DSN: base.DSN(), Logger: quiet}); err == nil || !strings.Contains(err.Error(), "has a log already") {
		t.Errorf("copied over a log: %v", err)
	}
}
