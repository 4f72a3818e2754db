package formats_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
)

func TestEDMType(t *testing.T) {
	tests := []struct {
		want  string
		pairs []string
	}{
		{"TEXT", []string{"type", "Text"}},
		{"TEXT", []string{"type", "telegram"}},
		{"IMAGE", []string{"type", "StillImage"}},
		{"IMAGE", []string{"type", "Map"}},
		{"VIDEO", []string{"type", "MovingImage"}},
		{"SOUND", []string{"type", "oral history"}},
		{"3D", []string{"type", "3D"}},
		{"", []string{"type", "PhysicalObject"}},
		{"IMAGE", []string{"type", "PhysicalObject", "thumbnail", "https://example.org/t.jpg"}},
		{"IMAGE", []string{"type", "PhysicalObject", "format", "clay", "format", "image/tiff"}},
		{"3D", []string{"type", "PhysicalObject", "format", "model/gltf+json", "thumbnail", "https://example.org/t.jpg"}},
		{"SOUND", []string{"type", "Collection", "type", "Sound"}},
		{"TEXT", []string{"type", "Collection", "format", "application/pdf"}},
		{"", []string{"type", "Dataset", "format", "application/zip"}},
		{"VIDEO", []string{"format", "video/mp4"}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.pairs, " "), func(t *testing.T) {
			if diff := cmp.Diff([]string{test.want}, written(t, "edm", record(t, test.pairs...), "edm:ProvidedCHO/edm:type")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEDMProvider: who delivers is whom the record names, else the gateway, else the holder itself.
func TestEDMProvider(t *testing.T) {
	r := record(t, "dataProvider", "Archive")
	for _, test := range []struct {
		name string
		item formats.Item
		want string
	}{
		{"", formats.Item{Identifier: "oai:a.b:c", Provider: "Gateway"}, "Gateway"},
		{"", formats.Item{Identifier: "oai:a.b:c", Provider: " "}, "Archive"},
		{"Aggregator", formats.Item{Identifier: "oai:a.b:c", Provider: "Gateway"}, "Aggregator"},
	} {
		with := r.Clone()
		with.AddText(dublincore.Provider, test.name)
		got := string(format(t, "edm").Append(nil, with, test.item))
		if !strings.Contains(got, "<edm:provider>"+test.want+"</edm:provider>") {
			t.Errorf("not %s:\n%s", test.want, got)
		}
	}
}

// TestMODSComesBack: what is written as MODS is read back by the mapping for MODS as what it was.
func TestMODSComesBack(t *testing.T) {
	r := record(t, "title", "Notes of a talk", "alternative", "Shënime", "creator", "Frashëri, Naim, 1846-1900", "contributor", "Meier, Jens",
		"subject", "Diplomacy", "description", "A note.", "abstract", "What it is about.", "tableOfContents", "1. One", "publisher", "Example Archive",
		"format", "image/jpeg", "extent", "3 p.", "medium", "paper", "spatial", "Tirana", "temporal", "Cold War", "source", "A ledger",
		"isPartOf", "Letters", "hasPart", "Page 1", "audience", "researchers", "landing", "https://example.org/d/1",
		"object", "https://example.org/d/1.pdf", "thumbnail", "https://example.org/t/1.jpg", "dataProvider", "Example Archive")
	for _, v := range []dublincore.Value{
		{Term: dublincore.Issued, Text: "1957-04", Scheme: "W3CDTF"},
		{Term: dublincore.Created, Text: "1957~", Scheme: "EDTF"},
		{Term: dublincore.DateCopyrighted, Text: "1957/1961", Scheme: "EDTF"},
		{Term: dublincore.Type, Text: "StillImage", Scheme: "DCMIType"},
		{Term: dublincore.Identifier, Text: "https://doi.org/10.1000/182", Scheme: "URI"},
		{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3"},
		{Term: dublincore.Rights, Text: "http://creativecommons.org/licenses/by/4.0/", Scheme: "URI"},
		{Term: dublincore.AccessRights, Text: "http://purl.org/coar/access_right/c_abf2", Scheme: "URI"},
	} {
		r.Add(v)
	}
	m, err := crosswalk.Builtin("mods")
	if err != nil {
		t.Fatal(err)
	}
	back, err := m.Apply(crosswalk.Input{Original: format(t, "mods").Append(nil, r, item)})
	if err != nil {
		t.Fatal(err)
	}
	type said struct {
		Term dublincore.Term
		Text string
	}
	list := func(r *dublincore.Record) (out []said) {
		r.Sort()
		for _, v := range r.Values {
			out = append(out, said{v.Term, v.Text})
		}
		return out
	}
	if diff := cmp.Diff(list(r), list(back.Record)); diff != "" {
		t.Error(diff)
	}
}

// TestMODSPage: the gateway's page stands in where there is no landing page, and is not called the
// object in its context.
func TestMODSPage(t *testing.T) {
	mods := format(t, "mods")
	got := string(mods.Append(nil, record(t, "title", "A"), item))
	if !strings.Contains(got, `<url usage="primary">https://gateway.example.org/records/letters/1%2F2?a=1&amp;b=2</url>`) {
		t.Error(got)
	}
	got = string(mods.Append(nil, record(t, "title", "A", "landing", "https://example.org/1"), item))
	if strings.Contains(got, "gateway.example.org/records") || !strings.Contains(got, `access="object in context">https://example.org/1<`) {
		t.Error(got)
	}
	got = string(mods.Append(nil, record(t, "title", "A"), formats.Item{Identifier: "oai:a.b:c"}))
	if strings.Contains(got, "<location>") {
		t.Error(got)
	}
}

// FuzzLink: what is written as a link is a URL of RFC 3986 that leads where the text led.
func FuzzLink(f *testing.F) {
	for _, s := range []string{"https://example.org/a?b=c&d#e", "http://bücher.example:80/ä%2f%zz", "https://example.org/#a#b", "http://a b/",
		"HTTP://x/\xff", "https://", "http://[::1]/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, link := range written(t, "edm", record(t, "landing", s), "ore:Aggregation/edm:isShownAt") {
			u, err := url.Parse(link)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				t.Fatalf("%q: %v", link, err)
			}
			if strings.Trim(link, "!#$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~") != "" || strings.Count(link, "#") > 1 {
				t.Fatalf("%q is no URI", link)
			}
			theirs, err := url.Parse(strings.TrimSpace(s))
			if err == nil && (theirs.Path != u.Path || theirs.Host != u.Host) {
				t.Fatalf("%q leads to %q, %q to %q", s, theirs, link, u)
			}
		}
	})
}
