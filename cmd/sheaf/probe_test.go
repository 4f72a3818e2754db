package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// provider is a real OAI-PMH repository with three records.
func provider(t *testing.T) string {
	t.Helper()
	m := &oaitest.Memory{}
	for n := range 3 {
		m.Put(oaitest.Item{
			Identifier: fmt.Sprintf("oai:provider.example.org:%d", n), Sets: []string{"theses"},
			Metadata: map[string][]byte{"oai_dc": fmt.Appendf(nil, `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Thesis %d</dc:title></oai_dc:dc>`, n)},
		})
	}
	srv := httptest.NewUnstartedServer(nil)
	base := "http://" + srv.Listener.Addr().String() + "/oai"
	h, err := oaipmh.NewHandler(m, oaipmh.Options{BaseURL: base, Keys: [][]byte{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = h
	srv.Start()
	t.Cleanup(srv.Close)
	return base
}

// serving is a site with one page, wherever it is asked.
func serving(t *testing.T, contentType, body string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// works checks that a proposal is a configuration that works: it is good, and harvests this many records.
func works(t *testing.T, proposal string, records int) {
	t.Helper()
	if err := os.WriteFile("sheaf.yaml", []byte(proposal), 0o640); err != nil {
		t.Fatal(err)
	}
	want(t, exitDone, "config", "check")
	cfg, err := config.Load("sheaf.yaml", app.ConfigOptions())
	if err != nil || len(cfg.Names()) != 1 {
		t.Fatalf("%v, %v\n%s", cfg, err, proposal)
	}
	r := want(t, exitDone, "harvest", cfg.Names()[0], "--data", t.TempDir())
	holds(t, "the harvest of the proposal", r.stdout, fmt.Sprintf("complete: %d new", records), "0 rejected")
}

func TestProbeRepository(t *testing.T) {
	base := provider(t)
	folder(t, nil)
	r := want(t, exitDone, "probe", base+"?verb=ListRecords&metadataPrefix=oai_dc")
	holds(t, "the proposal", r.stdout, "# An OAI-PMH repository", "oai_dc", "theses", "from: \""+base+"\"", "namespace: change-me.example.org")
	works(t, r.stdout, 3)

	// With a namespace, the proposal is for a file beside the configuration that is there.
	folder(t, files("sheaf.yaml", solo+"include: more.yaml\n", "more.yaml", "sources: {}\n"))
	r = want(t, exitDone, "probe", base)
	if strings.Contains(r.stdout, "namespace") {
		t.Errorf("a second namespace: %s", r.stdout)
	}
	if err := os.WriteFile("more.yaml", []byte(r.stdout), 0o640); err != nil {
		t.Fatal(err)
	}
	holds(t, "the check", want(t, exitDone, "config", "check").stdout, "2 sources")
}

const hits = `<!doctype html><title>Hits</title><p>%s</p><ol>
<li class="hit"><h3><a href="/d/1">First letter</a></h3><span class="when">March 3, 1921</span></li>
<li class="hit"><h3><a href="/d/2">Second letter</a></h3><span class="when">April 1921</span></li></ol>`

func TestProbeListing(t *testing.T) {
	folder(t, nil)
	site := serving(t, "text/html", fmt.Sprintf(hits, "1 - 2 of 2"))
	r := want(t, exitDone, "probe", site+"/search?q=mole&page=0")
	holds(t, "the proposal", r.stdout, "# A page that lists records", "/search?q=mole&page={page}", "first: 0", "row: li.hit", "First letter")
	works(t, r.stdout, 2)

	// The last page of three: the first is two pages before.
	site = serving(t, "text/html", fmt.Sprintf(hits, "5 - 6 of 6"))
	holds(t, "a later page", want(t, exitDone, "probe", site+"?page=9").stdout, "first: 7", "step: 1")
	holds(t, "a later row", want(t, exitDone, "probe", site+"?start=14").stdout, "first: 10", "step: 2")
	holds(t, "a page without a number", want(t, exitDone, "probe", site).stdout, "Put {page} into from:")
}

func TestProbeFile(t *testing.T) {
	dir := folder(t, files("saved [1].txt", letters, "page.html", fmt.Sprintf(hits, "1 - 2 of 2")))
	if err := os.Remove("sheaf.yaml"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"saved [1].txt", filepath.Join(dir, "page.html")} {
		works(t, want(t, exitDone, "probe", name, "--config", emptyConfig(t)).stdout, 2)
	}
	holds(t, "a wrong count", want(t, exitDone, "probe", "short.txt").stdout, "NOT as many as there are")
	holds(t, "no listing", want(t, exitFailed, "probe", "sheaf.yaml").stderr, "neither a MARC file, a file of records nor a page that lists records")
	holds(t, "no file", want(t, exitFailed, "probe", "nowhere.html").stderr, "no file nowhere.html", "https://")
}

// TestProbeFolder: a folder is of the kind that its files are of, whichever that is.
func TestProbeFolder(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"tables":       {map[string]string{"a.csv": "id,title\n1,One\n", "b.csv": "id,title\n2,Two\n"}, []string{"kind: files", "CSV", "2 rows"}},
		"MODS":         {map[string]string{"a.xml": `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>T</title></titleInfo><recordInfo><recordIdentifier>r1</recordIdentifier></recordInfo></mods>`}, []string{"kind: files", "recordInfo/recordIdentifier"}},
		"finding aids": {map[string]string{"a.xml": `<ead><eadheader><eadid>x</eadid></eadheader><archdesc level="fonds"><did><unittitle>T</unittitle></did><dsc><c id="c1" level="file"><did><unittitle>L</unittitle></did></c></dsc></archdesc></ead>`}, []string{"kind: files", "components"}},
		"MARC":         {map[string]string{"a.mrk": "=LDR  00000nam a2200000 a 4500\n=001  m2\n=245  10$aOne\n\n"}, []string{"kind: marc"}},
	} {
		dir := t.TempDir()
		for file, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o640); err != nil {
				t.Fatal(err)
			}
		}
		holds(t, name, want(t, exitDone, "probe", dir, "--config", emptyConfig(t)).stdout, c.want...)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "saved.xml"), []byte(`<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="badVerb">no</error></OAI-PMH>`), 0o640); err != nil {
		t.Fatal(err)
	}
	holds(t, "an error", want(t, exitFailed, "probe", dir, "--config", emptyConfig(t)).stderr, "neither a MARC file nor a file of records", "reports an error (badVerb)")
}

// emptyConfig is a configuration that says nothing.
func emptyConfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "empty.yaml")
	if err := os.WriteFile(path, []byte("gateway: {name: Nobody}\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProbeNothing(t *testing.T) {
	dir := folder(t, nil)
	site := serving(t, "text/html", "<!doctype html><h1>Welcome</h1><p>Nothing to see.</p>")
	refused(t, dir, exitFailed, []string{site, "neither an OAI-PMH repository, a MARC file nor a page", "No rows were found on the page. The base URL", "/oai/request"}, "probe", site)
	gone := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(gone.Close)
	refused(t, dir, exitFailed, []string{gone.URL, "HTTP 404", "Check the address"}, "probe", gone.URL)
}

// Whatever a source calls itself, the proposal is a configuration that says just that.
func TestProposalIsYAML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		title := wording.ClipLine(rapid.String().Draw(t, "title"), 200)
		row := `[data-x="` + rapid.StringMatching(`[a-z#.:\[\]=' >{}*&!%,-]{0,20}`).Draw(t, "row") + `"]` // a selector, whatever is in it
		file := rapid.StringMatching(`/[a-zA-Z0-9 '"\[\]?*{}#&é-]{0,30}[a-z]`).Draw(t, "file")
		p := &kinds.Proposal{Name: "probe", Found: []string{wording.Line(title)}, Keys: []kinds.Key{
			{Name: "title", Value: title}, {Name: "kind", Value: "listing"}, {Name: "from", Value: []string{config.Literal(file)}},
			{Name: "select", Value: []kinds.Key{{Name: "row", Value: row}, {Name: "title", Value: "h2"}}},
		}}
		var b strings.Builder
		if err := p.Write(&b, ""); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Parse("/probe.yaml", []byte(b.String()), app.ConfigOptions())
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		s := cfg.Sources["probe"]
		got, want := []string{s.Title, s.Settings.(*kinds.Listing).Select.Row, s.From[0]}, []string{title, row, filepath.Clean(config.Literal(file))}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s\n%s", diff, b.String())
		}
	})
}
