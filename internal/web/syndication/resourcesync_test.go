package syndication

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/resourcesync"
	"github.com/sheaf-gateway/sheaf/internal/web/site"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// onTheWeb serves the doors and the pages of the records.
func (w *world) onTheWeb(t *testing.T) string {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	w.Door = New(Options{Name: "Gate", URL: server.URL, Log: w.log, Limits: free{}})
	for _, path := range Paths {
		mux.Handle(path, w.Door.Handler())
	}
	mux.Handle("/", site.New(site.Options{Name: "Gate", URL: server.URL, Library: w.log}))
	return server.URL
}

// harvested is what a harvester of ResourceSync gets from a cursor on: the ends of the identifiers with the titles, and the
// cursor to go on from.
func harvested(t *testing.T, s *resourcesync.Source, from harvest.Cursor) (got []string, next harvest.Cursor) {
	t.Helper()
	for {
		page, err := s.Page(t.Context(), from)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			if item.Rejected != nil {
				t.Fatal(item.Rejected)
			}
			local := item.Key[strings.LastIndexByte(strings.TrimSuffix(item.Key, "?as=oai_dc"), '/')+1:]
			what := "gone"
			if !item.Deleted {
				_, rest, _ := strings.Cut(string(item.Original), "<dc:title")
				_, rest, _ = strings.Cut(rest, ">")
				what, _, _ = strings.Cut(rest, "<")
			}
			got = append(got, strings.TrimSuffix(local, "?as=oai_dc")+" "+what)
		}
		if from = page.Next; page.Done {
			slices.Sort(got)
			return got, from
		}
	}
}

// A harvester of ResourceSync, begun at the host, gets every record, and then what has changed.
func TestResourceSync(t *testing.T) {
	w := newWorld(t)
	w.commit(live(1, "one"), live(2, "two"), live(3, "three"))
	w.commit(gone(2))
	fetcher := harvest.NewFetcher(harvest.Options{Reach: harvest.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	root := w.onTheWeb(t)
	w.partSize = 2 // so that there are two parts
	s, err := resourcesync.New(resourcesync.Config{From: root}, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	got, next := harvested(t, s, "")
	got = slices.DeleteFunc(got, func(one string) bool { return one == "2 gone" })
	if !slices.Equal(got, []string{"1 one", "3 three"}) {
		t.Errorf("at first: %q", got)
	}
	time.Sleep(1100 * time.Millisecond) // times have seconds
	w.commit(live(1, "one again"), gone(3), live(4, "four"))
	got, _ = harvested(t, s, next)
	got = slices.DeleteFunc(got, func(one string) bool { return one == "2 gone" }) // what fell into the second of the list comes again
	if !slices.Equal(got, []string{"1 one again", "3 gone", "4 four"}) {
		t.Errorf("then: %q", got)
	}
}

// The documents are as the schemas of ResourceSync say.
func TestResourceSyncSchemas(t *testing.T) {
	schemas, err := filepath.Abs("../../../../shared/xsd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		missing(t, "no xmllint: install libxml2-utils")
	}
	if _, err := os.Stat(schemas); err != nil {
		missing(t, "no schemas: "+err.Error())
	}
	w := newWorld(t)
	w.commit(live(1, "one"), live(2, "two"))
	w.commit(gone(2), live(1, "one again"))
	for path, schema := range map[string]string{
		wellKnownPath: "rs-all.xsd", capabilityListPath: "rs-all.xsd", resourceListPath: "rs-index.xsd", resourcePartsPath + "1.xml": "rs-all.xsd", changeListPath: "rs-all.xsd", resourceDumpPath: "rs-all.xsd",
	} {
		file := filepath.Join(t.TempDir(), "answer.xml")
		res := w.get(path)
		if res.StatusCode != http.StatusOK {
			t.Fatal(path, res.Status)
		}
		answer, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := answer.ReadFrom(res.Body); err != nil {
			t.Fatal(err)
		}
		answer.Close()
		cmd := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", filepath.Join(schemas, schema), file)
		cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(schemas, "catalog.xml"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
	for _, path := range []string{resourcePartsPath + "0.xml", resourcePartsPath + "x.xml", resourcePartsPath + "1", resourcesPath, resourcesPath + "dump.xml", packagesPath + "0.zip", packagesPath + "2.zip", packagesPath + "1.xml"} {
		if res := w.get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// A change list that does not reach back to the beginning has every change of the time that it says.
func TestWholeSeconds(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(int64(n), 0).UTC() }
	var changes []pipeline.Record
	for _, n := range []int{9, 9, 8, 7, 7} {
		changes = append(changes, pipeline.Record{Datestamp: at(n)})
	}
	if got, from := wholeSeconds(changes); len(got) != 3 || !from.Equal(at(8)) {
		t.Errorf("%d changes from %v", len(got), from)
	}
	if got, from := wholeSeconds(changes[:2]); len(got) != 0 || !from.Equal(at(10)) {
		t.Errorf("%d changes from %v", len(got), from)
	}
}
