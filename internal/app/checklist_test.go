package app_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	fetching "github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/oaipmh"
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

// 25 and 26. What is handed on has an identifier and datestamps of ours; where it is from is in the provenance, with the
// harvest that made this version, and whether this format was altered.
func TestLine25and26HandedOn(t *testing.T) {
	g := manyFormats(t)
	id := "oai:test.example.org:marc/" + identifier(1)
	harvested := regexp.MustCompile(`harvestDate="([^"]*)"`)
	dates := map[string]string{}
	for format, altered := range map[string]string{"oai_dc": "true", "oai_qdc": "true", "marc21": "false"} {
		body := g.ask(t, "verb", "GetRecord", "metadataPrefix", format, "identifier", id)
		stamp := submatches(body, `<header><identifier>`+regexp.QuoteMeta(id)+`</identifier><datestamp>([^<]*)`)
		inside := submatches(body, `(?s)<originDescription(.*?)</originDescription>`)
		if len(stamp) != 1 || len(inside) != 1 || !strings.Contains(inside[0], `altered="`+altered+`"`) || !strings.Contains(inside[0], "<identifier>"+identifier(1)+"</identifier>") ||
			!strings.Contains(inside[0], "<metadataNamespace>http://www.loc.gov/MARC21/slim</metadataNamespace>") || !strings.Contains(inside[0], "/oai</baseURL>") {
			t.Fatalf("%s:\n%s", format, body)
		}
		dates[format] = harvested.FindStringSubmatch(body)[1]
	}
	g.harvest(t, "marc", true) // nothing is new
	for format, date := range dates {
		if m := harvested.FindStringSubmatch(g.ask(t, "verb", "GetRecord", "metadataPrefix", format, "identifier", id)); m == nil || m[1] != date {
			t.Errorf("%s: harvested %v, and before %s", format, m, date)
		}
	}
}

// 26. What did not come by OAI-PMH has no provenance, which could not say from where.
func TestLine26NoProvenanceOfOtherSources(t *testing.T) {
	cfg, remove, err := app.Demo(app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	cfg.Listen.Public, cfg.Listen.Ops, cfg.Events.Kind = "127.0.0.1:0", "127.0.0.1:0", "none"
	g := start(t, cfg, app.Options{})
	g.harvest(t, "maps", false)
	if body := g.ask(t, "verb", "ListRecords", "metadataPrefix", "oai_dc"); strings.Contains(body, "<provenance") || !strings.Contains(body, "<metadata>") {
		t.Error(body)
	}
}

// 27. Identifiers are those that the one oai-identifier description promises, and its sample is there.
func TestLine27Identifiers(t *testing.T) {
	src := newProvider(t, 50)
	for i, odd := range []string{"oai:a.example:1", "http://hdl.handle.net/1/2", "plain", "with space", "é/ü", "percent%20%", "a:b:c", "q?x=1&y=2#z", `"quoted"<b>`} {
		src.Put(oaitest.Item{Identifier: odd, Metadata: map[string][]byte{"oai_dc": oaitest.SampleDC(fmt.Sprint("Paper ", i))}})
	}
	g := start(t, configure(t, t.TempDir(), fmt.Sprintf("events: {kind: none}\nsources: {src: {kind: oai, from: '%s'}}\n", src.url)), app.Options{})
	if line := g.harvest(t, "src", false); line.Counts.Added != 9 {
		t.Fatalf("%+v", line.Counts)
	}
	ids := submatches(g.ask(t, "verb", "ListIdentifiers", "metadataPrefix", "oai_dc"), `<identifier>([^<]*)`)
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 9 {
		t.Errorf("%q", ids)
	}
	for _, id := range ids {
		id = strings.ReplaceAll(id, "&amp;", "&")
		if err := oaipmh.CheckIdentifier(id); err != nil || !oaipmh.InSet(id, "oai:test.example.org") {
			t.Errorf("%q: %v", id, err)
		}
		if body := g.ask(t, "verb", "GetRecord", "metadataPrefix", "oai_dc", "identifier", id); !strings.Contains(body, "<metadata>") {
			t.Errorf("%q: %s", id, body)
		}
	}
	identify := g.ask(t, "verb", "Identify")
	sample := submatches(identify, `<sampleIdentifier>([^<]*)`)
	if strings.Count(identify, "<oai-identifier ") != 1 || len(sample) != 1 || !slices.Contains(ids, sample[0]) {
		t.Errorf("sample %q\n%s", sample, identify)
	}
	for _, bad := range []string{"localhost", "127.0.0.1", "under_score.example.org", "example.1org"} {
		if _, err := config.Parse("sheaf.yaml", []byte("gateway: {namespace: '"+bad+"'}"), app.ConfigOptions()); err == nil || !strings.Contains(err.Error(), "namespace") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// 28. The terms of the metadata are said of each record, of each set and of the repository; without any, nothing is said.
func TestLine28Rights(t *testing.T) {
	const ours, theirs = "https://creativecommons.org/publicdomain/zero/1.0/", "https://creativecommons.org/licenses/by/4.0/"
	g := manyFormats(t)
	record := func(source string) string {
		return g.ask(t, "verb", "GetRecord", "metadataPrefix", "oai_dc", "identifier", "oai:test.example.org:"+source+"/"+identifier(1))
	}
	for source, terms := range map[string]string{"dc": theirs, "marc": ours} {
		if got := submatches(record(source), `<rightsReference ref="([^"]*)"`); !slices.Equal(got, []string{terms}) {
			t.Errorf("a record of %s: %q", source, got)
		}
	}
	sets := g.ask(t, "verb", "ListSets")
	for source, terms := range map[string]string{"dc": theirs, "marc": ours} {
		set := submatches(sets, `(?s)(<setSpec>`+source+`</setSpec>.*?</set>)`)
		if len(set) != 1 || strings.Count(set[0], "<rightsManifest ") != 1 || !strings.Contains(set[0], `ref="`+terms+`"`) {
			t.Errorf("the set %s: %s", source, set)
		}
	}
	if got := submatches(g.ask(t, "verb", "Identify"), `<rightsReference ref="([^"]*)"`); len(got) != 2 || !slices.Contains(got, ours) || !slices.Contains(got, theirs) {
		t.Errorf("the repository: %q", got)
	}
	plain, _ := gatewayOf(t, 3, "")
	if body := plain.ask(t, "verb", "Identify") + plain.ask(t, "verb", "ListSets") + plain.ask(t, "verb", "ListRecords", "metadataPrefix", "oai_dc"); strings.Contains(body, "<rights") {
		t.Errorf("rights of nobody:\n%s", body)
	}
}

// 29. Friends are the sources that speak OAI-PMH, each once, a few dozen at most; an Identify with nothing optional is valid.
func TestLine29DescriptionsOfIdentify(t *testing.T) {
	need(t, []string{"xmllint"}, filepath.Join(shared, "xsd/oai-all.xsd"))
	text := "events: {kind: none}\nsources:\n"
	for i := range 40 {
		text += fmt.Sprintf("  s%02d: {kind: oai, from: 'http://s%d.example.org/oai?key=secret', every: 30d}\n", i, i/2)
	}
	g := start(t, configure(t, t.TempDir(), text), app.Options{})
	body := g.ask(t, "verb", "Identify")
	friends := submatches(between(body, "<friends ", "</friends>"), `<baseURL>([^<]*)`)
	if len(friends) != 20 || len(slices.Compact(slices.Clone(friends))) != 20 || strings.Contains(body, "secret") {
		t.Errorf("%d friends: %q", len(friends), friends)
	}
	text = strings.ReplaceAll(text, "?key=secret", "")
	for i := range 40 {
		text += fmt.Sprintf("  t%02d: {kind: oai, from: 'http://t%d.example.org/oai', every: 30d}\n", i, i)
	}
	many := start(t, configure(t, t.TempDir(), text), app.Options{})
	if n := strings.Count(between(many.ask(t, "verb", "Identify"), "<friends ", "</friends>"), "<baseURL>"); n < 20 || n > 36 {
		t.Errorf("%d friends of 60", n)
	}
	bare := start(t, configure(t, t.TempDir(), "events: {kind: none}\n"), app.Options{})
	identify := bare.ask(t, "verb", "Identify")
	if strings.Contains(identify, "<description") {
		t.Errorf("an empty gateway describes\n%s", identify)
	}
	validate(t, wrapper(t, "oai-all.xsd"), identify, body)
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}

// 30. Who obeys Retry-After gets everything.
func TestLine30WhoObeysGetsEverything(t *testing.T) {
	g, _ := gatewayOf(t, 12, "oai: {page_size: 4}\nlimits: {requests: 2, burst: 1, allow: []}\n")
	var waited int
	counting := counter{http.DefaultTransport, func(r *http.Response) {
		if r.StatusCode == http.StatusServiceUnavailable && regexp.MustCompile(`^[1-9]\d*$`).MatchString(r.Header.Get("Retry-After")) {
			waited++
		}
	}}
	s, err := oai.New(oai.Config{BaseURL: g.Addresses().Public + "oai"}, fetching.NewFetcher(fetching.Options{Transport: counting}))
	if err != nil {
		t.Fatal(err)
	}
	got, at := 0, fetching.Cursor("")
	for {
		page, err := s.Page(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		got += len(page.Items)
		if at = page.Next; page.Done {
			break
		}
	}
	if got != 12 || waited == 0 {
		t.Errorf("%d records, put off %d times", got, waited)
	}
}

// A counter sees answers.
type counter struct {
	http.RoundTripper
	see func(*http.Response)
}

func (c counter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(r)
	if err == nil {
		c.see(resp)
	}
	return resp, err
}

// The traits of real clients: each way of walking a list gives the same records.
func TestTraitsOfRealClients(t *testing.T) {
	g, _ := gatewayOf(t, 25, "oai: {page_size: 10}\n")
	at := g.Addresses().Public + "oai"
	walk := func(ask func(args string) string) (ids []string) {
		args := allRecords
		for range 10 {
			body := ask(args)
			ids = append(ids, submatches(body, `<identifier>(oai:test[^<]*)`)...)
			m := tokenInBody.FindStringSubmatch(body)
			if m == nil {
				break
			}
			args = "verb=ListRecords&resumptionToken=" + m[1] // as it came
		}
		return ids
	}
	get := func(base string, header http.Header) func(string) string {
		return func(args string) string { _, body := request(t, "GET", base+"?"+args, "", header); return body }
	}
	want := walk(get(at, nil))
	if len(want) != 25 {
		t.Fatalf("%d records", len(want))
	}
	for name, ask := range map[string]func(string) string{
		"POST only":           func(args string) string { _, body := request(t, "POST", at, args, form); return body },
		"TE":                  get(at, http.Header{"Te": {"deflate,gzip"}, "Connection": {"TE"}}),
		"gzip":                get(at, http.Header{"Accept-Encoding": {"gzip, deflate"}}),
		"a slash before ?":    get(at+"/", nil),
		"Accept of a library": get(at, http.Header{"Accept": {"text/xml; charset=utf-8, */*"}}),
		"Java":                get(at, http.Header{"Accept": {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}}),
		"tokens escaped": func(args string) string {
			v, err := url.ParseQuery(args)
			if err != nil {
				t.Fatal(err)
			}
			return get(at, nil)(v.Encode())
		},
	} {
		if d := cmp.Diff(want, walk(ask)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
