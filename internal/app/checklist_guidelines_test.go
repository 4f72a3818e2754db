package app_test

import (
	"fmt"
	"net/http"
	"net/url"
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

// Tests of the lines of the checklist that are the guidelines', which few follow, and of the traits of real clients.

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
