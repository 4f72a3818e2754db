package oaipmh_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
	"pgregory.net/rapid"
)

// element checks a builder that gives an error.
func element(t *testing.T) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

func TestDescriptionsAreValid(t *testing.T) {
	needSchemas(t)
	must := element(t)
	rights := must(oaipmh.DescribeRights([]string{"https://creativecommons.org/publicdomain/zero/1.0/"}))
	m := filled(3)
	m.Identity.Descriptions = [][]byte{
		must(oaipmh.DescribeIdentifiers("archive.example.org", id(1))),
		must(oaipmh.DescribeFriends([]string{"https://a.example.org/oai?x=1&y=2", "http://b.example.org/"})),
		must(oaipmh.DescribeFriends(nil)),
		must(oaipmh.DescribeBranding(oaipmh.Branding{URL: "https://example.org/i.png", Link: "https://example.org/", Title: `A & "B"`, Width: 16, Height: 16})),
		must(oaipmh.DescribeBranding(oaipmh.Branding{URL: "https://example.org/i.png"})),
		rights,
	}
	m.PutSet(oaipmh.Set{Spec: "all", Name: "All & sundry", Descriptions: [][]byte{dc("A set"), rights}})
	earlier := &oaipmh.Origin{BaseURL: "http://b.example.org/oai", Identifier: "oai:b:1", Datestamp: "2020-01-02", Namespace: "http://example.org/ns", Harvested: start}
	m.Put(oaitest.Item{Identifier: id(50), Metadata: map[string][]byte{"oai_dc": dc("x")}, About: [][]byte{
		oaipmh.AppendProvenance(nil, &oaipmh.Origin{BaseURL: "https://a.example.org/oai?a=1&b=2", Identifier: "oai:a:<1> é",
			Datestamp: " 2020-01-02T03:04:05Z\n", Namespace: "http://example.org/ns", Harvested: start, Altered: true, Earlier: earlier}),
		oaipmh.AppendRights(nil, "https://creativecommons.org/publicdomain/zero/1.0/"),
	}})
	h := serve(t, m, oaipmh.Options{})
	if got := strings.Count(get(t, h, "verb=Identify"), "<description>"); got != 6 {
		t.Errorf("%d descriptions", got)
	}
	wantIn(t, get(t, h, "verb=ListSets"), "<setDescription>", "All &amp; sundry")
	wantIn(t, get(t, h, "verb=GetRecord&metadataPrefix=oai_dc&identifier="+id(50)),
		`harvestDate="2024-05-06T07:08:09Z" altered="true"`, `altered="false"`, "</originDescription></originDescription></provenance></about>",
		"<datestamp>2020-01-02T03:04:05Z</datestamp>", "oai:a:&lt;1&gt; é", "<rightsReference ref=")
}

func TestProvenanceLeavesOutWhatTheSchemaRefuses(t *testing.T) {
	good := oaipmh.Origin{BaseURL: "http://a.example.org/oai", Identifier: "oai:a:1", Datestamp: "2020-01-02", Namespace: "http://example.org/ns", Harvested: start}
	bad := map[string]func(*oaipmh.Origin){
		"no datestamp":         func(o *oaipmh.Origin) { o.Datestamp = "" },
		"a datestamp of sorts": func(o *oaipmh.Origin) { o.Datestamp = "last week" },
		"no base URL":          func(o *oaipmh.Origin) { o.BaseURL = "" },
		"control character":    func(o *oaipmh.Origin) { o.Identifier = "oai:a:\x03" },
		"no harvest date":      func(o *oaipmh.Origin) { o.Harvested = time.Time{} },
	}
	for name, spoil := range bad {
		o := good
		spoil(&o)
		if got := oaipmh.AppendProvenance(nil, &o); got != nil {
			t.Errorf("%s: %s", name, got)
		}
		outer := good
		outer.Earlier = &o
		if got := strings.Count(string(oaipmh.AppendProvenance(nil, &outer)), "<originDescription "); got != 1 {
			t.Errorf("%s as the earlier one: %d origins", name, got)
		}
	}
	for id, want := range map[string]string{"oai:x.org:100%": "oai:x.org:100%25", "oai:x.org:1%20#a#b": "oai:x.org:1%20#a%23b", "oai:x.org:1#a": "oai:x.org:1#a", "%zz": "%25zz"} {
		o := good
		o.Identifier = id
		if got := string(oaipmh.AppendProvenance(nil, &o)); !strings.Contains(got, "<identifier>"+want+"</identifier>") {
			t.Errorf("%s: %s", id, got)
		}
	}
	loop := good
	loop.Earlier = &loop
	if got := strings.Count(string(oaipmh.AppendProvenance(nil, &loop)), "<originDescription "); got != 16 {
		t.Errorf("an endless chain gave %d origins", got)
	}
}

func TestDescriptionsRefuse(t *testing.T) {
	for name, call := range map[string]func() ([]byte, error){
		"localhost":           func() ([]byte, error) { return oaipmh.DescribeIdentifiers("localhost", "oai:localhost:1") },
		"an address":          func() ([]byte, error) { return oaipmh.DescribeIdentifiers("127.0.0.1", "oai:127.0.0.1:1") },
		"sample of another":   func() ([]byte, error) { return oaipmh.DescribeIdentifiers("a.example", "oai:b.example:1") },
		"friend without host": func() ([]byte, error) { return oaipmh.DescribeFriends([]string{"http:oai"}) },
		"icon without URL":    func() ([]byte, error) { return oaipmh.DescribeBranding(oaipmh.Branding{}) },
		"no rights":           func() ([]byte, error) { return oaipmh.DescribeRights(nil) },
		"rights in words":     func() ([]byte, error) { return oaipmh.DescribeRights([]string{"all rights reserved"}) },
	} {
		if got, err := call(); err == nil {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestCheckIdentifier(t *testing.T) {
	for s, want := range map[string]bool{
		"oai:archive.example.org:source/a%2Fb": true,
		"oai:a.b:;/?:@&=+$,%-_.!~*'()":         true,
		"oai:a.b:":                             false,
		"oai:a.b":                              false,
		"oai:a:1":                              false,
		"oai:a.1b:1":                           false,
		"oai:a..b:1":                           false,
		"oai:a.b:é":                            false,
		"oai:a.b:x y":                          false,
		"OAI:a.b:1":                            false,
		"http://a.b/1":                         false,
	} {
		if err := oaipmh.CheckIdentifier(s); (err == nil) != want {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// 20. The grammar and the hierarchy of sets.
func TestSetSpec(t *testing.T) {
	for s, want := range map[string]bool{
		"a": true, "a:b:c": true, "A-z_.!~*'()9": true,
		"": false, ":": false, "a:": false, ":a": false, "a::b": false, "a b": false, "é": false, "a%20": false, "a/b": false,
	} {
		if got := oaipmh.ValidSetSpec(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		spec := rapid.StringMatching(`[a-z]{1,3}(:[a-z]{1,3}){0,4}`).Draw(t, "spec")
		above := oaipmh.SetAncestors(spec)
		if len(above) != strings.Count(spec, ":") {
			t.Fatalf("%q: %q", spec, above)
		}
		for _, a := range above {
			if !oaipmh.ValidSetSpec(a) || !oaipmh.InSet(spec, a) || oaipmh.InSet(a, spec) || oaipmh.InSet(spec+"x", spec) {
				t.Fatalf("%q is not above %q", a, spec)
			}
		}
	})
}
