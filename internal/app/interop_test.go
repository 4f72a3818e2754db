package app_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const shared = "../../../shared"

// missing skips a test that needs something of the machine; where everything must be there, it fails.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// need looks for programs and files.
func need(t *testing.T, programs []string, files ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			missing(t, "%s is not on this machine", p)
		}
	}
	for _, f := range files {
		if _, err := os.Stat(f); err != nil {
			missing(t, "%v", err)
		}
	}
}

// process starts a program that runs until the test ends.
func process(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said: %s", name, said.String())
		}
	})
}

// catmandu starts a real third-party provider with n records on loopback.
func catmandu(t *testing.T, n int) (base string) {
	t.Helper()
	script := filepath.Join(shared, "peers/catmandu/provider.pl")
	need(t, []string{"perl"}, script)
	if err := exec.Command("perl", "-MDancer::Plugin::Catmandu::OAI", "-e", "1").Run(); err != nil {
		missing(t, "the Perl module Dancer::Plugin::Catmandu::OAI is not on this machine")
	}
	port := freeport.Port(t)
	process(t, "perl", script, strconv.Itoa(port), strconv.Itoa(n))
	waitFor(t, "the provider to listen", func() bool {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return fmt.Sprintf("http://127.0.0.1:%d/oai", port)
}

// fromCatmandu is a gateway that has harvested such a provider.
func fromCatmandu(t *testing.T, n int) *running {
	t.Helper()
	base := catmandu(t, n)
	g := start(t, configure(t, t.TempDir(), embedded+"oai: {page_size: 100}\n"+fmt.Sprintf("sources: {peer: {kind: oai, from: '%s', domain: catmandu.example.org}}\n", base)), app.Options{})
	got := g.harvest(t, "peer", false)
	want := pipeline.Counts{Added: int64(n - n/50), Deleted: int64(n / 50)}
	if got.Counts.Added != want.Added || got.Counts.Deleted != want.Deleted || got.Counts.Rejected != 0 {
		t.Fatalf("harvested %+v, want %+v", got.Counts, want)
	}
	return g
}

// A real provider is harvested in full, then incrementally, with its sets and deletions.
func TestHarvestOfCatmandu(t *testing.T) {
	const n = 1200
	g := fromCatmandu(t, n)
	if again := g.harvest(t, "peer", false); again.Counts.Changes() != 0 {
		t.Errorf("the incremental harvest changed %+v", again.Counts)
	}
	if again := g.harvest(t, "peer", true); again.Counts.Changes() != 0 || again.Counts.Unchanged != n {
		t.Errorf("the second full harvest found %+v", again.Counts)
	}
	rec, err := g.Record(t.Context(), "oai:test.example.org:peer/17")
	if err != nil {
		t.Fatal(err)
	}
	if got := titleOf(rec.DC); got != "Título 17 — 東京 & <b>bold</b>" && got != "Título 17 — 東京 & bold" {
		t.Errorf("title %q", got)
	}
	if strings.Join(rec.Sets, " ") != "peer peer:odd" || rec.Origin.Identifier != "oai:catmandu.example.org:17" {
		t.Errorf("sets %q, origin %q", rec.Sets, rec.Origin.Identifier)
	}
}

// oai_pmh, of HTTP::OAI, reads the gateway back in full.
func TestReadByHTTPOAI(t *testing.T) {
	const n = 1200
	need(t, []string{"oai_pmh"})
	g := fromCatmandu(t, n)
	out := output(t, "oai_pmh", "--request", "ListRecords", "--metadataPrefix", "oai_dc", g.Addresses().Public+"oai")
	all, deleted := strings.Count(out, "\nidentifier: oai:test.example.org:peer/")+strings.Count(out, "\fidentifier: oai:test.example.org:peer/"), strings.Count(out, "status: deleted")
	if strings.HasPrefix(out, "identifier:") {
		all++
	}
	if all != n || deleted != n/50 {
		t.Errorf("oai_pmh read %d records, %d of them deleted; there are %d and %d", all, deleted, n, n/50)
	}
}

// Catmandu reads the gateway back in full.
func TestReadByCatmandu(t *testing.T) {
	const n = 1200
	need(t, []string{"catmandu"})
	g := fromCatmandu(t, n)
	out := output(t, "catmandu", "convert", "OAI", "--url", g.Addresses().Public+"oai", "--metadataPrefix", "oai_dc", "to", "YAML")
	if got := strings.Count(out, "_id: oai:test.example.org:peer/"); got != n {
		t.Errorf("Catmandu read %d records of %d", got, n)
	}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, problems.String())
	}
	return string(out)
}

var tokenInBody = regexp.MustCompile(`<resumptionToken[^>]*>([^<]+)</resumptionToken>`)

// Every kind of response validates against the schemas.
func TestResponsesAreValid(t *testing.T) {
	schema := filepath.Join(shared, "xsd/oai-all.xsd")
	need(t, []string{"xmllint"}, schema)
	src := newProvider(t, 10)
	for i := range 25 {
		src.put(i, fmt.Sprintf("Title %d &amp; &lt;markup&gt; — Ελληνικά", i), "a:b", "c")
	}
	src.Delete(identifier(3))
	g := start(t, configure(t, t.TempDir(), embedded+"oai: {page_size: 10}\n"+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', overlap: 1h, rights: 'https://creativecommons.org/publicdomain/zero/1.0/'}}\n", src.url)), app.Options{})
	g.harvest(t, "src", false)
	src.put(5, "Title 5 has left a set", "c")
	g.harvest(t, "src", false)
	some := "oai:test.example.org:src/" + identifier(4)
	gone := "oai:test.example.org:src/" + identifier(3)
	dir := t.TempDir()
	var files []string
	save := func(query string) (body []byte) {
		t.Helper()
		resp, err := http.Get(g.Addresses().Public + "oai?" + query)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err = io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %v", query, resp.Status, err)
		}
		file := filepath.Join(dir, fmt.Sprintf("%02d.xml", len(files)))
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		return body
	}
	for _, query := range []string{
		"verb=Identify", "verb=ListMetadataFormats", "verb=ListMetadataFormats&identifier=" + url.QueryEscape(some), "verb=ListSets",
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + url.QueryEscape(some),
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + url.QueryEscape(gone),
		"verb=ListIdentifiers&metadataPrefix=oai_dc", "verb=ListRecords&metadataPrefix=oai_dc&set=src:a", "verb=ListRecords&metadataPrefix=oai_dc&from=2000-01-01&until=2100-01-01",
		"verb=ListRecords&metadataPrefix=oai_dc&until=2000-01-01", "verb=ListRecords&metadataPrefix=nothing", "verb=ListRecords", "verb=Nothing", "",
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=none", "verb=ListRecords&resumptionToken=none", "verb=GetRecord&metadataPrefix=oai_dc&identifier=invalid%22%3C%00id",
	} {
		save(query)
	}
	for next := "verb=ListRecords&metadataPrefix=oai_dc"; next != ""; {
		body := save(next)
		if m := tokenInBody.FindSubmatch(body); m != nil {
			next = "verb=ListRecords&resumptionToken=" + string(m[1])
		} else {
			next = ""
		}
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", append([]string{"--nonet", "--noout", "--schema", schema}, files...)...)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(shared, "xsd/catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if len(files) < 20 {
		t.Errorf("only %d responses were looked at", len(files))
	}
}
