package syndication

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/resourcesync"
)

// A harvester of ResourceSync, begun at the dump, gets every record from the packages.
func TestResourceDump(t *testing.T) {
	w := newWorld(t)
	for n := range 7 {
		w.commit(live(n+1, string(rune('a'+n))))
	}
	w.commit(gone(2))
	root := w.onTheWeb(t)
	w.partSize = 3
	asked := []string{}
	fetcher := harvest.NewFetcher(harvest.Options{
		Reach: harvest.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Transport: noted{&asked},
	})
	s, err := resourcesync.New(resourcesync.Config{From: root + resourceDumpPath}, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := harvested(t, s, "")
	got = slices.DeleteFunc(got, func(one string) bool { return one == "2 gone" })
	if !slices.Equal(got, []string{"1 a", "3 c", "4 d", "5 e", "6 f", "7 g"}) {
		t.Errorf("the dump gave %q", got)
	}
	for _, path := range []string{packagesPath + "1.zip", packagesPath + "2.zip", packagesPath + "3.zip"} {
		if !slices.Contains(asked, path) {
			t.Errorf("%s was not asked for, but %q", path, asked)
		}
	}
}

// noted is a transport that notes what is asked for.
type noted struct{ paths *[]string }

func (n noted) RoundTrip(r *http.Request) (*http.Response, error) {
	*n.paths = append(*n.paths, r.URL.Path)
	return http.DefaultTransport.RoundTrip(r)
}

// A file of a package is what its address answers, byte for byte, and the manifest is as its schema says.
func TestResourcePackage(t *testing.T) {
	w := newWorld(t)
	w.commit(live(1, "ä < b"), live(2, "two"))
	root := w.onTheWeb(t)
	get := func(address string) []byte {
		res, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(address, res.Status, err)
		}
		return body
	}
	body := get(root + packagesPath + "1.zip")
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	entries, _, err := w.log.Entries(t.Context(), 0, 10, 10, false)
	if err != nil || len(entries) != 2 || len(files) != 3 {
		t.Fatal(entries, len(files), err)
	}
	for _, e := range entries {
		local := e.Identifier[len("oai:gw.example:"):]
		if served := get(root + "/records/" + local + "?as=oai_dc"); !bytes.Equal(served, files["resources/"+string(rune('0'+e.Number))+".xml"]) {
			t.Errorf("%s is served as %s", e.Identifier, served)
		}
	}
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
	file := filepath.Join(t.TempDir(), "manifest.xml")
	if err := os.WriteFile(file, files["manifest.xml"], 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", filepath.Join(schemas, "rs-all.xsd"), file)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(schemas, "catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
