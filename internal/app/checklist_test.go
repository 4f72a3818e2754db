package app_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// Tests of the lines of the checklist of what implementations get wrong that a whole gateway keeps, each with the
// number of its line. Those that the library keeps are tested in package oaipmh.

// gatewayOf is a gateway with a source of n records, a third of them deleted, in a set.
func gatewayOf(t *testing.T, n int, more string) (*running, *provider) {
	t.Helper()
	src := newProvider(t, 50)
	for i := range n {
		src.put(i, fmt.Sprintf("Paper %d", i), "a:b")
	}
	for i := 2; i < n; i += 3 {
		src.Delete(identifier(i))
	}
	g := start(t, configure(t, t.TempDir(), fmt.Sprintf("events: {kind: none}\nsources: {src: {kind: oai, from: '%s', overlap: 1h}}\n%s", src.url, more)), app.Options{})
	g.harvest(t, "src", false)
	return g, src
}

// request asks an endpoint in a way of one's own.
func request(t *testing.T, method, url, body string, header http.Header) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var from io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if from, err = gzip.NewReader(resp.Body); err != nil {
			t.Fatal(err)
		}
	}
	b, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

const allRecords = "verb=ListRecords&metadataPrefix=oai_dc"

var form = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

// 1 and 3. Dates include their own day, and their own second.
func TestLine01and03DatesAtTheGateway(t *testing.T) {
	g, src := gatewayOf(t, 6, "")
	waitFor(t, "the next second", func() bool {
		return clockOf(t, g) > submatches(g.ask(t, "verb", "ListIdentifiers", "metadataPrefix", "oai_dc"), `<datestamp>([^<]*)`)[5]
	})
	src.put(0, "Later")
	g.harvest(t, "src", false)
	stamps := submatches(g.ask(t, "verb", "ListIdentifiers", "metadataPrefix", "oai_dc"), `<datestamp>([^<]*)`)
	first, last := stamps[0], stamps[len(stamps)-1]
	if len(stamps) != 6 || first == last {
		t.Fatalf("datestamps %q", stamps)
	}
	for _, c := range [][2]string{
		{first, last}, {first[:10], last[:10]}, {"", last[:10]}, {last[:10], ""}, {last, ""}, {"", first}, {first, first}, {last, last}, {"2100-01-01", ""}, {"", "2000-01-01"},
	} {
		from, until := c[0], c[1]
		want := 0
		for _, s := range stamps {
			if s[:len(from)] >= from && (until == "" || s[:len(until)] <= until) {
				want++
			}
		}
		args := []string{"verb", "ListIdentifiers", "metadataPrefix", "oai_dc"}
		for name, value := range map[string]string{"from": from, "until": until} {
			if value != "" {
				args = append(args, name, value)
			}
		}
		body := g.ask(t, args...)
		if got := strings.Count(body, "<identifier>"); got != want || (got == 0) != strings.Contains(body, "noRecordsMatch") {
			t.Errorf("from %q until %q: %d records, want %d\n%s", from, until, got, want, body)
		}
	}
}

// 11. Tokens outlive a restart, a change of the key whose old one is kept, and nothing else.
func TestLine11TokensAndKeys(t *testing.T) {
	src := newProvider(t, 50)
	for i := range 9 {
		src.put(i, "Paper")
	}
	dir := t.TempDir()
	for name, key := range map[string]string{"first": "the first key that is long enough", "second": "another key that is long enough", "third": "a key of which nothing was ever made"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gateway := func(keys string) *running {
		return start(t, configure(t, dir, fmt.Sprintf("events: {kind: none}\noai: {page_size: 5, %s}\nsources: {src: {kind: oai, from: '%s'}}\n", keys, src.url)), app.Options{})
	}
	g := gateway("key_file: first")
	g.harvest(t, "src", false)
	token := tokenInBody.FindStringSubmatch(g.ask(t, "verb", "ListRecords", "metadataPrefix", "oai_dc"))[1]
	rest := g.ask(t, "verb", "ListRecords", "resumptionToken", token)
	if strings.Count(rest, "<record>") != 4 {
		t.Fatal(rest)
	}
	g.stop()
	for keys, want := range map[string]string{
		"key_file: first": "<record>",
		"key_file: second, old_key_files: [third, first]": "<record>",
		"key_file: second":                         "badResumptionToken",
		"key_file: second, old_key_files: [third]": "badResumptionToken",
	} {
		g := gateway(keys)
		if body := g.ask(t, "verb", "ListRecords", "resumptionToken", token); !strings.Contains(body, want) {
			t.Errorf("%s: no %s in\n%s", keys, want, body)
		}
		g.stop()
	}
}

// 13 and 14. Every way to ask is answered at the base URL, with and without a slash at its end, without a redirect.
func TestLine13and14WaysToAsk(t *testing.T) {
	g, _ := gatewayOf(t, 3, "")
	for _, path := range []string{"oai", "oai/"} {
		at := g.Addresses().Public + path
		for name, ask := range map[string]func() (*http.Response, string){
			"GET":                func() (*http.Response, string) { return request(t, "GET", at+"?"+allRecords, "", nil) },
			"POST":               func() (*http.Response, string) { return request(t, "POST", at, allRecords, form) },
			"POST without type":  func() (*http.Response, string) { return request(t, "POST", at, allRecords, nil) },
			"POST with the args": func() (*http.Response, string) { return request(t, "POST", at+"?"+allRecords, "", form) },
		} {
			resp, body := ask()
			if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/xml; charset=utf-8" || strings.Count(body, "<record>") != 3 {
				t.Errorf("%s %s: %s %v\n%s", name, path, resp.Status, resp.Header, body)
			}
		}
		resp, body := request(t, "GET", at+"?verb=No&verb=No&x=1", "", nil)
		if resp.StatusCode != 200 || !strings.Contains(body, `code="badVerb"`) || !strings.Contains(body, `code="badArgument"`) {
			t.Errorf("several errors: %s\n%s", resp.Status, body)
		}
		if resp, body := request(t, "HEAD", at+"?"+allRecords, "", nil); resp.StatusCode != 200 || body != "" || resp.ContentLength < 500 {
			t.Errorf("HEAD: %s, %d bytes of %d", resp.Status, len(body), resp.ContentLength)
		}
		if resp, _ := request(t, "OPTIONS", at, "", nil); resp.StatusCode != 204 || resp.Header.Get("Allow") != "GET, HEAD, POST, OPTIONS" {
			t.Errorf("OPTIONS: %s %v", resp.Status, resp.Header)
		}
		for _, method := range []string{"PUT", "DELETE", "PATCH"} {
			if resp, body := request(t, method, at, "", nil); resp.StatusCode != 405 || !strings.Contains(resp.Header.Get("Allow"), "POST") || strings.Contains(body, "<") {
				t.Errorf("%s: %s %v %s", method, resp.Status, resp.Header, body)
			}
		}
	}
}

// 19. A deleted record is a header, in every verb and in every set that it was in.
func TestLine19DeletedAtTheGateway(t *testing.T) {
	g, src := gatewayOf(t, 6, "")
	src.put(0, "Moved away", "c")
	g.harvest(t, "src", false)
	gone, moved := "oai:test.example.org:src/"+identifier(2), "oai:test.example.org:src/"+identifier(0)
	deleted := func(id, body string) bool {
		return strings.Contains(body, `<header status="deleted"><identifier>`+id+`<`)
	}
	for _, set := range []string{"", "src", "src:a", "src:a:b"} {
		for _, verb := range []string{"ListRecords", "ListIdentifiers"} {
			args := []string{"verb", verb, "metadataPrefix", "oai_dc"}
			if set != "" {
				args = append(args, "set", set)
			}
			body := g.ask(t, args...)
			if !deleted(gone, body) {
				t.Errorf("%s of %q: a deleted record is not there\n%s", verb, set, body)
			}
			if deleted(moved, body) != strings.HasPrefix(set, "src:a") {
				t.Errorf("%s of %q: of a record that left src:a:b\n%s", verb, set, body)
			}
		}
	}
	body := g.ask(t, "verb", "GetRecord", "metadataPrefix", "oai_dc", "identifier", gone)
	if !deleted(gone, body) || strings.Contains(body, "<metadata") || strings.Contains(body, "<about") {
		t.Error(body)
	}
}

// 22. Nothing that XML forbids reaches the wire, whatever a source sends; nor does HTML in Dublin Core.
func TestLine22NothingForbiddenReachesTheWire(t *testing.T) {
	need(t, []string{"xmllint"}, filepath.Join(shared, "xsd/oai-all.xsd"))
	src := newProvider(t, 50)
	hostile, err := oaitest.NewHostile(src.Memory, src.url)
	if err != nil {
		t.Fatal(err)
	}
	src.put(1, "A title with &lt;i&gt;markup&lt;/i&gt; &amp;amp; an ampersand")
	src.put(2, "Another")
	front := httptest.NewServer(hostile)
	defer front.Close()
	for _, fault := range []string{"control-character", "invalid-utf8", "bad-reference", "reference-fffe", "html-entity", "nested-declaration", "processing-instruction"} {
		if err := hostile.Play(fault); err != nil {
			t.Fatal(err)
		}
		g := start(t, configure(t, t.TempDir(), fmt.Sprintf("events: {kind: none}\nsources: {src: {kind: oai, from: '%s/oai'}}\n", front.URL)), app.Options{})
		if line := g.harvest(t, "src", false); line.Counts.Added != 2 {
			t.Fatalf("%s: %+v", fault, line.Counts)
		}
		body := g.ask(t, "verb", "ListRecords", "metadataPrefix", "oai_dc")
		validate(t, wrapper(t, "oai-all.xsd"), body, g.ask(t, "verb", "GetRecord", "metadataPrefix", "oai_dc", "identifier", "oai:test.example.org:src/"+identifier(1)))
		if strings.Count(body, "<?") != 1 || strings.Contains(body, "&lt;i&gt;") || !strings.Contains(body, "markup &amp; an ampersand") {
			t.Errorf("%s:\n%s", fault, body)
		}
	}
}

// 24. baseURL is what is configured, however the endpoint was reached; a URL with a query can't be one.
func TestLine24BaseURLAtTheGateway(t *testing.T) {
	cfg := configure(t, t.TempDir(), "events: {kind: none}\n")
	cfg.Gateway.URL = "https://gateway.example.org/some/where"
	g := start(t, cfg, app.Options{})
	_, body := request(t, "GET", "http://"+g.Addresses().Bound+"/oai?verb=Identify", "", http.Header{"X-Forwarded-Host": {"evil.example"}, "X-Forwarded-Proto": {"http"}})
	if strings.Count(body, "https://gateway.example.org/some/where/oai<") != 2 || strings.Contains(body, "evil") {
		t.Error(body)
	}
	for _, bad := range []string{"https://gateway.example.org/?key=1", "https://gateway.example.org/#top", "gateway.example.org"} {
		if _, err := config.Parse("sheaf.yaml", []byte("gateway: {url: '"+bad+"'}"), app.ConfigOptions()); err == nil || !strings.Contains(err.Error(), "url") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
