package oaipmh_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

func TestLine13ErrorsAre200AndTheTrailingSlashIsAnswered(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	for _, path := range []string{"/oai", "/oai/"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path+"?verb=Nonsense", nil))
		if w.Code != 200 || w.Header().Get("Content-Type") != "text/xml; charset=utf-8" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		wantErrors(t, w.Body.String(), "badVerb")
	}
}

func TestLine14BadArguments(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	for query, codes := range map[string][]string{
		"":                                      {"badVerb"},
		"verb=":                                 {"badVerb"},
		"verb=listrecords":                      {"badVerb"},
		"verb=Identify&verb=Identify":           {"badVerb"},
		"verb=Identify&verb=ListSets":           {"badVerb"},
		"verb=No&colour=red&from=":              {"badArgument", "badArgument", "badVerb"},
		"verb=Identify&colour=red":              {"badArgument"},
		"verb=Identify&set=all":                 {"badArgument"},
		"verb=Identify&":                        nil,
		"&verb=Identify":                        nil,
		"verb=ListRecords":                      {"badArgument"},
		"verb=ListRecords&metadataPrefix=":      {"badArgument"},
		"verb=GetRecord":                        {"badArgument", "badArgument"},
		"verb=GetRecord&metadataPrefix=oai_dc":  {"badArgument"},
		"verb=GetRecord&identifier=" + id(1):    {"badArgument"},
		"verb=ListMetadataFormats&identifier=":  {"badArgument"},
		"verb=ListSets&resumptionToken=":        {"badArgument"},
		records + "&metadataPrefix=oai_dc":      {"badArgument"},
		records + "&set=all&set=all":            {"badArgument"},
		records + "&set=":                       {"badArgument"},
		records + "&set=a%20b":                  {"badArgument"},
		records + "&identifier=" + id(1):        {"badArgument"},
		records + "&from=%ff":                   {"badArgument"},
		records + "&from=%00":                   {"badArgument"},
		records + "&from=%zz":                   {"badArgument"},
		records + "&%zz=1":                      {"badArgument"},
		records + "&%00=1":                      {"badArgument"},
		records + "&from=1&until=2&colour=red":  {"badArgument", "badArgument", "badArgument"},
		"verb=ListRecords&metadataPrefix=a%2Fb": {"badArgument"},
		"verb=Identify&identifier=%EF%BF%BE":    {"badArgument"},
		"verb=ListRecords&metadataPrefix=oai_dc" + strings.Repeat("&x=1", 40): append(slices.Repeat([]string{"badArgument"}, 30), "badArgument"),
	} {
		body := get(t, h, query)
		wantErrors(t, body, codes...)
		if codes != nil {
			wantIn(t, body, "<request>"+base+"</request>")
		}
	}
}

func TestLine14PostIsLikeGet(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	post := func(query, form, contentType string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/oai?"+query, strings.NewReader(form))
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const form = "application/x-www-form-urlencoded"
	want := get(t, serve(t, filled(3), oaipmh.Options{}), records)
	for _, w := range []*httptest.ResponseRecorder{
		post("", records, form), post("", records, form+"; charset=UTF-8"), post("", records, ""), post(records, "", form), post("", records+"\r\n", form),
	} {
		body := w.Body.String()
		if d := cmp.Diff(between(want, "<request", ""), between(body, "<request", "")); d != "" {
			t.Error(d)
		}
	}
	wantErrors(t, post(records, records, form).Body.String(), "badVerb", "badArgument")
	for want, w := range map[int]*httptest.ResponseRecorder{
		http.StatusUnsupportedMediaType:  post("", "{}", "application/json"),
		http.StatusRequestEntityTooLarge: post("", strings.Repeat("x", 65<<10), form),
		http.StatusRequestURITooLong:     post(strings.Repeat("x", 65<<10), "", form),
	} {
		if w.Code != want || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%d, not %d", w.Code, want)
		}
	}
}

func TestLine15RequestAttributes(t *testing.T) {
	needSchemas(t)
	h := serve(t, filled(3), oaipmh.Options{})
	wantIn(t, get(t, h, records+"&set=all&from=2024-01-01&until=2030-01-01"),
		`<request verb="ListRecords" metadataPrefix="oai_dc" from="2024-01-01" until="2030-01-01" set="all">`+base+`</request>`)
	wantIn(t, get(t, h, "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:%3C%22%26"), `identifier="oai:x:&lt;&#34;&amp;"`, "idDoesNotExist")
	wantIn(t, get(t, h, "verb=ListRecords&resumptionToken=%3C%3E"), `resumptionToken="&lt;&gt;"`, "badResumptionToken")
	for _, odd := range []string{"%0a", "a%25zz", "%23%23", "%20x", "http://[x", "::", "%3Cscript%3E"} {
		body := get(t, h, "verb=GetRecord&metadataPrefix=oai_dc&identifier="+odd)
		wantErrors(t, body, "idDoesNotExist")
		wantNot(t, body, "<script")
	}
}

func TestLine16TheTokenIsExclusive(t *testing.T) {
	h := serve(t, filled(25), oaipmh.Options{PageSize: 10})
	token := tokenOf(get(t, h, records))
	wantErrors(t, get(t, h, records+"&resumptionToken="+token), "badArgument")
	wantErrors(t, get(t, h, records+"&resumptionToken=x"), "badArgument", "badResumptionToken")
	wantErrors(t, get(t, h, "verb=GetRecord&resumptionToken="+token), "badArgument", "badArgument", "badArgument")
}

func TestLine17Formats(t *testing.T) {
	m := filled(3)
	m.Available = []oaipmh.Format{oaitest.OAIDC, {Prefix: "mods", Schema: "http://www.loc.gov/standards/mods/v3/mods-3-7.xsd", Namespace: "http://www.loc.gov/mods/v3"}}
	m.Put(oaitest.Item{Identifier: id(7)})
	h := serve(t, m, oaipmh.Options{})
	for query, code := range map[string]string{
		"verb=ListRecords&metadataPrefix=marc":                     "cannotDisseminateFormat",
		"verb=ListRecords&metadataPrefix=mods":                     "noRecordsMatch",
		"verb=GetRecord&metadataPrefix=mods&identifier=" + id(1):   "cannotDisseminateFormat",
		"verb=GetRecord&metadataPrefix=marc&identifier=" + id(1):   "cannotDisseminateFormat",
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + id(8): "idDoesNotExist",
		"verb=ListMetadataFormats&identifier=" + id(8):             "idDoesNotExist",
		"verb=ListMetadataFormats&identifier=" + id(7):             "noMetadataFormats",
	} {
		wantErrors(t, get(t, h, query), code)
	}
	wantNot(t, get(t, h, "verb=ListMetadataFormats&identifier="+id(1)), "mods")
	wantIn(t, get(t, h, "verb=ListMetadataFormats"), "mods", "oai_dc")
}

func TestLine17SeveralErrorsOfTheRepository(t *testing.T) {
	h := serve(t, &failing{filled(3), errors.Join(oaipmh.ErrNoSuchFormat, oaipmh.ErrNoSuchSet)}, oaipmh.Options{})
	wantErrors(t, get(t, h, records+"&set=x"), "cannotDisseminateFormat", "noRecordsMatch")
}

func TestLine18IdentifiersDependOnThePrefix(t *testing.T) {
	m := filled(3)
	m.Available = []oaipmh.Format{oaitest.OAIDC, {Prefix: "other", Schema: "http://example.org/s", Namespace: "http://example.org/n"}}
	m.Put(oaitest.Item{Identifier: id(7), Metadata: map[string][]byte{"other": []byte("<x xmlns='http://example.org/n'/>")}})
	h := serve(t, m, oaipmh.Options{})
	got := all(get(t, h, "verb=ListIdentifiers&metadataPrefix=other"), "<identifier>", "<")
	if d := cmp.Diff([]string{id(7)}, got); d != "" {
		t.Error(d)
	}
	wantNot(t, get(t, h, "verb=ListIdentifiers&metadataPrefix=oai_dc"), id(7))
}

func TestLine19DeletedRecordsAreHeadersOnly(t *testing.T) {
	deleted := oaipmh.Record{Identifier: id(1), Datestamp: start, Sets: []string{"a", "b"}, Deleted: true, Metadata: dc("x"), About: [][]byte{dc("y")}}
	h := serve(t, one{deleted}, oaipmh.Options{})
	for _, query := range []string{records, "verb=ListIdentifiers&metadataPrefix=oai_dc", "verb=GetRecord&metadataPrefix=oai_dc&identifier=" + id(1)} {
		body := get(t, h, query)
		wantIn(t, body, `<header status="deleted">`, "<setSpec>a</setSpec><setSpec>b</setSpec>")
		wantNot(t, body, "<metadata", "<about")
	}
	m := filled(20)
	h = serve(t, m, oaipmh.Options{})
	wantIn(t, get(t, h, "verb=Identify"), "<deletedRecord>persistent</deletedRecord>")
	wantIn(t, get(t, h, records+"&set=all:odd"), `<header status="deleted"><identifier>`+id(9))
	// A record that left its format.
	m.Put(oaitest.Item{Identifier: id(2)})
	wantIn(t, get(t, h, "verb=GetRecord&metadataPrefix=oai_dc&identifier="+id(2)), `status="deleted"`)
}

func TestLine19LeavingASetIsDeletedThereOnly(t *testing.T) {
	m := filled(4)
	m.Put(oaitest.Item{Identifier: id(1), Sets: []string{"new"}, Metadata: map[string][]byte{"oai_dc": dc("x")}})
	h := serve(t, m, oaipmh.Options{})
	wantIn(t, get(t, h, records+"&set=all:odd"), `<header status="deleted"><identifier>`+id(1))
	wantNot(t, get(t, h, records+"&set=new"), "deleted")
	wantNot(t, get(t, h, records), "deleted")
}

// one is a repository of one record.
type one struct{ rec oaipmh.Record }

func (o one) Clock(context.Context) (time.Time, error) { return start, nil }
func (o one) Identify(context.Context) (*oaipmh.Identity, error) {
	return &oaipmh.Identity{Head: start, Name: "one", AdminEmails: []string{"a@example.org"}, EarliestDatestamp: start}, nil
}
func (o one) Formats(context.Context, string) (*oaipmh.Formats, error) {
	return &oaipmh.Formats{Head: start, Formats: []oaipmh.Format{oaitest.OAIDC}}, nil
}
func (o one) Sets(context.Context, string, func(*oaipmh.Set) bool) (time.Time, error) {
	return start, nil
}
func (o one) Get(context.Context, string, string) (*oaipmh.Record, time.Time, error) {
	return &o.rec, start, nil
}
func (o one) List(_ context.Context, _ *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	offer(&o.rec)
	return &oaipmh.Listing{Head: start}, nil
}

func TestLine20Sets(t *testing.T) {
	m := filled(4)
	for _, s := range []string{"x:y:z", "b", "a"} {
		m.PutSet(oaipmh.Set{Spec: s, Name: "Set " + s})
	}
	h := serve(t, m, oaipmh.Options{PageSize: 3})
	var specs []string
	for _, p := range walk(t, h, "verb=ListSets") {
		specs = append(specs, all(p, "<setSpec>", "<")...)
	}
	if d := cmp.Diff([]string{"a", "all", "all:even", "all:odd", "b", "x", "x:y", "x:y:z"}, specs); d != "" {
		t.Error(d)
	}
	if got := walk(t, h, records+"&set=all"); len(got) != 2 {
		t.Errorf("set=all has %d pages", len(got))
	}
	wantErrors(t, get(t, h, records+"&set=unknown"), "noRecordsMatch")
	wantErrors(t, get(t, h, records+"&set=al"), "noRecordsMatch")
	wantErrors(t, get(t, serve(t, one{}, oaipmh.Options{}), "verb=ListSets"), "noSetHierarchy")
}

func TestLine21EmptyContainersAreLeftOut(t *testing.T) {
	needSchemas(t)
	m := filled(1)
	m.PutSet(oaipmh.Set{Spec: "a", Name: "A", Descriptions: [][]byte{nil, []byte(" ")}})
	m.Identity.Descriptions = [][]byte{nil}
	h := serve(t, m, oaipmh.Options{})
	wantNot(t, get(t, h, "verb=ListSets"), "setDescription")
	wantNot(t, get(t, h, "verb=Identify"), "<description")
}

func TestLine22ForbiddenCodePointsNeverReachTheWire(t *testing.T) {
	needSchemas(t)
	for name, c := range map[string]struct{ in, want string }{
		"control character":  {"a\x03b", "a\uFFFDb"},
		"at a word's end":    {"aaaaaaa\x1f", "aaaaaaa\uFFFD"},
		"U+FFFE":             {"a\uFFFEb", "a\uFFFDb"},
		"surrogate":          {"a\xED\xA0\x80b", "a\uFFFD\uFFFD\uFFFDb"},
		"not UTF-8":          {"a\xFFb", "a\uFFFDb"},
		"reference":          {"a&#x3;b", "a\uFFFDb"},
		"decimal reference":  {"a&#65535;b", "a\uFFFDb"},
		"huge reference":     {"a&#x110000;b", "a\uFFFDb"},
		"good things":        {"a&#xe9;&#10;é東\tb\uFFFD\uFFFC", "a&#xe9;&#10;é東\tb\uFFFD\uFFFC"},
		"nested declaration": {`a<?xml version="1.0"?>b`, "ab"},
	} {
		rec := oaipmh.Record{Identifier: "oai:a\x03:1", Datestamp: start, Metadata: dc(c.in)}
		var seen oaipmh.Observation
		h := serve(t, one{rec}, oaipmh.Options{Observe: func(_ *http.Request, o oaipmh.Observation) { seen = o }})
		wantIn(t, get(t, h, records), ">"+c.want+"<", "oai:a\uFFFD:1")
		if (seen.Repaired == 0) != (name == "good things") {
			t.Errorf("%s: %d repaired", name, seen.Repaired)
		}
	}
	for _, lead := range []string{"\uFEFF", "\n ", `<?xml version="1.0" encoding="UTF-8"?>` + "\n", "\uFEFF<?xml version='1.0'?>"} {
		h := serve(t, one{oaipmh.Record{Identifier: id(1), Datestamp: start, Metadata: append([]byte(lead), dc("x")...)}}, oaipmh.Options{})
		if body := get(t, h, records); strings.Count(body, "<?xml") != 1 || strings.Contains(body, "\uFEFF") {
			t.Errorf("%q: %s", lead, body)
		}
	}
}

func TestLine24BaseURLExactly(t *testing.T) {
	h, err := oaipmh.NewHandler(filled(1), oaipmh.Options{BaseURL: "https://a.example.org:8443/Some%20Where/", Keys: [][]byte{testKey}})
	if err != nil {
		t.Fatal(err)
	}
	wantIn(t, get(t, h, "verb=Identify"), `<request verb="Identify">https://a.example.org:8443/Some%20Where/</request>`,
		"<baseURL>https://a.example.org:8443/Some%20Where/</baseURL>")
}
