package config_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
)

// options are what a program might know.
var options = config.Options{
	Kinds:    kinds.Configurable(),
	Terms:    []string{"title", "publisher", "language", "rights", "spatial", "tableOfContents", "dataProvider"},
	Mappings: []string{"listing.map", "oai_dc.map"},
	Condition: func(where string) (out []config.Mistake) {
		for n, line := range strings.Split(where, "\n") {
			if at := strings.Index(line, "wrong"); at >= 0 {
				out = append(out, config.Mistake{Line: n + 1, Column: at + 1, Message: "this is wrong"})
			}
		}
		return out
	},
}

// good copies testdata/good to a folder where its secret is nobody else's to read, and goes there.
func good(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/good")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "password"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	return dir
}

// load loads a file that has to be good.
func load(t *testing.T, path string) *config.Config {
	t.Helper()
	c, err := config.Load(path, options)
	if err != nil {
		t.Fatalf("%s is refused:\n%v", path, err)
	}
	if len(c.Warnings) > 0 {
		t.Errorf("%s: warnings:\n%v", path, c.Warnings)
	}
	return c
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	zones := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	networks := cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
	if d := cmp.Diff(want, got, zones, networks); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestSmallArchive(t *testing.T) {
	dir := good(t)
	c := load(t, "archive.yaml")
	equal(t, "gateway", c.Gateway, config.Gateway{Name: "Test Archive", URL: "https://gateway.example.org",
		Namespace: "gateway.example.org", Contact: "metadata@example.org", Zone: time.UTC})
	equal(t, "base URL", c.Gateway.BaseURL(), "https://gateway.example.org/oai")
	equal(t, "data", c.Data, filepath.Join(dir, "data"))
	equal(t, "names", c.Names(), []string{"cold-war"})
	equal(t, "source", c.Sources["cold-war"], &config.Source{
		Title:    "Letters on Albania",
		Kind:     "listing",
		From:     []string{filepath.Join(dir, "saved/*.txt")},
		Every:    7 * 24 * time.Hour,
		Deadline: 24 * time.Hour, StuckAfter: 30 * time.Minute,
		Mapping: config.Mapping{Name: "listing.map"},
		Context: map[string][]string{"publisher": {"Test Archive"}, "language": {"sqi", "no"}, "rights": {"http://rightsstatements.org/vocab/CNE/1.0/"}},
		Events:  "record",
		Settings: &kinds.Listing{
			Pages:  kinds.Pages{First: 0, Step: 1, Max: 10_000},
			Select: kinds.Select{Row: ".result", Date: ".date", Title: "h3", Summary: "#main .text"},
			Robots: "obey",
		},
		HTTP: config.HTTP{Timeout: 5 * time.Minute},
	})
}

func TestUniversity(t *testing.T) {
	dir := good(t)
	c := load(t, "university.yaml")
	equal(t, "data", c.Data, filepath.Join(dir, "sheaf-data"))
	equal(t, "zone", c.Gateway.Zone.String(), "Europe/Paris")
	r := c.Sources["repository"]
	equal(t, "formats", r.Settings.(*kinds.OAI).Formats, []string{"mods", "qdc", "oai_dc"})
	equal(t, "every", r.Every, 6*time.Hour)
	equal(t, "password", r.HTTP.Password.Value(), "hunter2")
	equal(t, "headers", r.HTTP.Headers, map[string]string{"X-Client": "7"})
	equal(t, "events", r.Events, "pointer")
	m := c.Sources["catalogue"]
	equal(t, "from", m.From, []string{"/srv/export/*.txt", filepath.Join(dir, "more/[a-c]*.txt")})
	equal(t, "at", m.At.String(), "02:30")
	equal(t, "canonical", m.Settings.(*kinds.Listing).Canonical, "the-catalogue")
	equal(t, "was", m.Was, []string{"opac", "old-catalogue"})
}

func TestAggregator(t *testing.T) {
	dir := good(t)
	c := load(t, "aggregator.yaml")
	equal(t, "proxies", c.Listen.TrustedProxies, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")})
	equal(t, "store", c.Store.Kind, "sqlite")
	equal(t, "urls", c.Events.URLs, []string{"tls://n1:4222", "tls://n2:4222"})
	equal(t, "replicas on a cluster", c.Events.Replicas, 3)
	equal(t, "keep", c.Events.Keep, config.Keep{Age: 30 * 24 * time.Hour, Bytes: 200e9})
	equal(t, "credentials", c.Events.Credentials.File, filepath.Join(dir, "password"))
	equal(t, "oai", c.OAI, config.OAI{PageSize: 500, PageBytes: 2 << 20, Cache: 16 << 20, SelfProbe: 30 * time.Second, Rights: "https://creativecommons.org/publicdomain/zero/1.0/"})
	equal(t, "limits", c.Limits, config.Limits{Requests: 20, Burst: 100, RecordsPerMinute: 60_000, Concurrency: 4, Total: 512, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	equal(t, "names", c.Names(), []string{"lyon", "nantes", "brest"})
	equal(t, "included", c.Include, []string{"sources.d/lyon.yaml", "sources.d/sets.yaml"})

	lyon := c.Sources["lyon"]
	equal(t, "kind, from the group", lyon.Kind, "oai")
	equal(t, "every, from the defaults", lyon.Every, 24*time.Hour)
	equal(t, "context, put together", lyon.Context, map[string][]string{"language": {"fra"}, "rights": {"http://rightsstatements.org/vocab/CNE/1.0/"}})
	equal(t, "provider", lyon.Provider, config.Provider{Name: "Lyon", URL: "https://lyon.example.fr"})
	equal(t, "window", lyon.Window.String(), "20:00-06:00")

	equal(t, "sets", c.Sets, map[string]*config.Set{
		"photographs": {Title: "Photographs", Description: map[string][]string{"publisher": {"Photographs and postcards"}, "rights": {"one", "two"}},
			Where: "type is StillImage and created before 1950", Leaving: "silent"},
		"letters-1": {Where: `type is Text and title has "letter"`, Leaving: "deleted"},
	})

	nantes := c.Sources["nantes"]
	equal(t, "formats, a list is replaced", nantes.Settings.(*kinds.OAI).Formats, []string{"oai_dc"})
	if nantes.Window != nil {
		t.Errorf("window: null leaves %v", nantes.Window)
	}
	equal(t, "context, one taken out", nantes.Context, map[string][]string{})

	brest := c.Sources["brest"]
	equal(t, "from, beside the included file", brest.From, []string{filepath.Join(dir, "sources.d/brest.txt")})
	equal(t, "canonical, as written", brest.Settings.(*kinds.Listing).Canonical, "001")
	equal(t, "every", brest.Every, 90*time.Minute)
}

// The examples of the design: each is good, or is one line short of it where it is a fragment. What this release
// has not got is refused, and nothing else.
func TestDesignExamples(t *testing.T) {
	design, err := os.ReadFile("../../../shared/DESIGN.md")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("the design is not beside this checkout: ", err)
	}
	_, section, _ := strings.Cut(string(design), "\n## 6. Configuration\n")
	section, _, _ = strings.Cut(section, "\n## ")
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(examples) != 3 {
		t.Fatalf("the design has %d examples; want 3", len(examples))
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret"), "a secret of some length")
	write(t, filepath.Join(dir, "sources.d", "lyon.yaml"), "lyon: {group: dspace, from: https://lyon.example.fr/oai}\n")
	for i, e := range examples {
		text := regexp.MustCompile(`/run/secrets/[a-z.]+`).ReplaceAllLiteralString(e[1], "secret")
		if !strings.Contains(text, "\ngateway:") {
			text += "\ngateway: {namespace: gateway.example.org, contact: metadata@example.org}\n"
		}
		path := filepath.Join(dir, fmt.Sprintf("example-%d.yaml", i))
		write(t, path, text)
		for _, p := range config.Check(path, options) {
			if !strings.Contains(p.Message, "is not in this release") {
				t.Errorf("example %d: %v", i, p)
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDefault(t *testing.T) {
	c := config.Default()
	equal(t, "data", c.Data, "sheaf-data")
	equal(t, "public", c.Listen.Public, "127.0.0.1:8080")
	equal(t, "ops", c.Listen.Ops, "127.0.0.1:8081")
	equal(t, "events", c.Events.Listen, "127.0.0.1:4222")
	equal(t, "namespace", c.Gateway.Namespace, "")

	// A file that says nothing is the same, but for the data folder, which is beside it.
	for _, empty := range []string{"", "\ufeff", "# nothing yet\n", "---\n", "sources:\n", "gateway: {}\ndefaults:\ngroups: {}\n"} {
		got, err := config.Parse("/etc/sheaf/sheaf.yaml", []byte(empty), options)
		if err != nil {
			t.Fatalf("%q: %v", empty, err)
		}
		equal(t, "data beside the file", got.Data, "/etc/sheaf/sheaf-data")
		equal(t, "gateway", got.Gateway, c.Gateway)
		equal(t, "listen", got.Listen, c.Listen)
		equal(t, "store", got.Store, c.Store)
		equal(t, "events", got.Events, c.Events)
		equal(t, "oai", got.OAI, c.OAI)
		equal(t, "sources", got.Names(), nil)
	}
}

// A mapping beside the configuration goes before a built-in one of the same name.
func TestMappingOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "listing.map"), "format listing\n")
	text := "gateway: {namespace: a.example}\nsources: {x: {kind: listing, from: a.txt, mapping: listing.map}}\n"
	c, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), options)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "mapping", c.Sources["x"].Mapping, config.Mapping{Name: "listing.map", File: filepath.Join(dir, "listing.map")})
}

// A folder whose name looks like a pattern is still that folder.
func TestFilesBesideOddFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[1]*?")
	write(t, filepath.Join(dir, "one.txt"), "")
	text := "gateway: {namespace: a.example}\nsources: {x: {kind: listing, from: '*.txt'}}\n"
	c, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), options)
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(c.Sources["x"].From[0])
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "files", found, []string{filepath.Join(dir, "one.txt")})
}
