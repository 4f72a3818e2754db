package files_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
)

// corpus is the folder of real files beside the module. Tests over it are skipped where it is missing, but fail in CI.
func corpus(t *testing.T) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the shared files are needed in CI: %v", err)
		}
		t.Skipf("no shared files here: %v", err)
	}
	return path
}

// marcxml says of each MARCXML file of the corpus how many records go through, how many items are rejected, and whether
// records may be missing. For ISO 2709 the manifest counts the records; rejected has those that can't be used.
var marcxml = map[string]struct {
	good, rejected int
	short          bool
}{
	"Catmandu-MARC--broken.xml": {good: 10}, "aggregator--long-record.xml": {good: 1},
	"marc-perl--invalid.xml":                   {rejected: 1, short: true}, // fields outside a record
	"marc4j--chabon-missing-datafield-tag.xml": {good: 1}, "marc4j--chabon-missing-subfield-code.xml": {good: 1},
	"reservoir--small-bad-entities.xml": {}, "ruby-marc--messed_up_leader.xml": {good: 1}, "ruby-marc--non-numeric.xml": {good: 1},
}

// rejected counts, by their reasons, the records in ISO 2709 that can't be used.
var rejected = map[string]map[string]int{
	"marc4j--bad_hathi_records.mrc":                    {"too_large": 1},
	"marc4j--bad_oversize_field_bad_directory.mrc":     {"malformed": 1},
	"marc4j--bad_too_long_plus_2.mrc":                  {"too_large": 1},
	"marc4j--pride-and-prejudice-with-many-errors.mrc": {"malformed": 85, "no_identifier": 33},
	"pymarc--1251.dat":                                 {"malformed": 6},
	"pymarc--bad_records.mrc":                          {"malformed": 3, "no_identifier": 5},
}

// TestCorpus: every record of every file is an item, or is rejected by itself.
func TestCorpus(t *testing.T) {
	manifest, err := os.ReadFile(filepath.Join(corpus(t), "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	counted := regexp.MustCompile(`(\d+) records \(0x1D\)$`)
	for line := range strings.Lines(string(manifest)) {
		columns := strings.Split(strings.TrimSpace(line), "\t")
		folder, name, _ := strings.Cut(columns[0], "/")
		if folder != "mrc" && folder != "marcxml" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := source(t, files.Config{From: []string{filepath.Join(corpus(t), folder, name)}, Complete: true})
			p := walk(t, "", func() *files.Source { return s })
			bad := map[string]int{}
			for _, item := range p.items {
				if _, reason, is := strings.Cut(item, ": "); is {
					bad[reason]++
				}
			}
			if folder == "marcxml" {
				want, known := marcxml[name]
				if !known {
					t.Fatal("a new file: say in marcxml what comes of it")
				}
				if n := bad["malformed"]; n != want.rejected || len(p.items)-n != want.good || p.short != want.short {
					t.Errorf("%v, short %v", p.items, p.short)
				}
				return
			}
			n, err := strconv.Atoi(counted.FindStringSubmatch(columns[len(columns)-1])[1])
			if err != nil || len(p.items) != n || p.short {
				t.Errorf("%d items of %d records, short %v, %v", len(p.items), n, p.short, err)
			}
			for _, reason := range []string{"malformed", "too_large", "no_identifier"} {
				if bad[reason] != rejected[name][reason] {
					t.Errorf("%d are %s, want %d", bad[reason], reason, rejected[name][reason])
				}
			}
		})
	}
}

// TestUNIMARC: what a record is, its fields say, and not the kind of source.
func TestUNIMARC(t *testing.T) {
	for name, want := range map[string]string{"pymarc--testunimarc.dat": "unimarc", "qa-catalogue--serial.bnr.1993.mrc": "unimarc", "marc-perl--cjk1.marc": "marc21"} {
		page, err := source(t, files.Config{From: []string{filepath.Join(corpus(t), "mrc", name)}}).Page(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Items {
			if got := page.Items[i].Format.Prefix; got != want {
				t.Errorf("a record of %s is %s", name, got)
			}
		}
	}
}

// TestURL: a file on a server is read as one on the disk; a page for people is no file.
func TestURL(t *testing.T) {
	body, status := xmlOf(t, "a", "b"), http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	fetcher := harvest.NewFetcher(harvest.Options{Attempts: 1, Reach: harvest.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	same := func() *files.Source {
		s, err := files.New(files.Config{From: []string{server.URL + "/export?token=secret"}}, fetcher)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	p := walk(t, "", same)
	gives(t, "the file", p, "a", "b")
	if strings.Contains(string(p.next), "secret") {
		t.Error("the cursor holds the URL")
	}
	gives(t, "the same file again", walk(t, p.next, same))
	for what, b := range map[harvest.Kind]string{harvest.HTML: "<!DOCTYPE html><title>Log in</title>", harvest.Truncated: ""} {
		body = []byte(b)
		if _, err := same().Page(t.Context(), p.next); harvest.KindOf(err) != what {
			t.Errorf("%q: %v", b, err)
		}
	}
	body = gzipped(export("A", "c"))
	gives(t, "another file, compressed", walk(t, p.next, same), "c")
}
