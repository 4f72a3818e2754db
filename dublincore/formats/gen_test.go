package formats_test

import (
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
)

// shared is the path of a file beside the module, for tests over real data.
func shared(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: %v", name, err)
		}
		t.Skipf("%s is missing: lay shared/ beside the module", name)
	}
	return path
}

var item = formats.Item{
	Identifier: "oai:gateway.example.org:letters/1%2F2",
	Page:       "https://gateway.example.org/records/letters/1%2F2?a=1&b=2",
	Provider:   "Example & Sons",
}

func format(t testing.TB, prefix string) *formats.Format {
	t.Helper()
	f, ok := formats.Named(prefix)
	if !ok {
		t.Fatalf("no format %s", prefix)
	}
	return f
}

// record makes a record of pairs of a term and a text.
func record(t testing.TB, pairs ...string) *dublincore.Record {
	t.Helper()
	r := &dublincore.Record{}
	for i := 0; i < len(pairs); i += 2 {
		term, ok := dublincore.TermNamed(pairs[i])
		if !ok {
			t.Fatalf("no term %s", pairs[i])
		}
		r.AddText(term, pairs[i+1])
	}
	return r
}

// texts makes what sources send: plain words, markup, other scripts, and bytes that are no text.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[A-Za-z0-9 ,.;:'()-]{1,40}`),
		rapid.SampledFrom([]string{"Khrushchev’s Speech", "Շնորհակալություն", "<b>bold</b> & co", "a\u0003b\ufffec",
			"x\r\ny\t", "]]>", "\u2028\u2029", "\xff\xfe", "𝄞", "\x00", "e\u0301", `"quoted\"`, "  padded  ", "\x7f", " \x01 "}),
		rapid.String(),
	)
}

// urls makes web addresses as they are met, and what only looks like one.
func urls() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"https://archive.example.org/d/1", "http://example.org:8080/a?b=c&d=%e9#e#f", "HTTPS://bücher.example/ä",
			"https://example.org/a b", "https://", "http://[::1]/", "http://a:b@c/", "https://example.org/100%", " https://example.org/x ",
			"https://example.org/{a}|[b]^`\\\"<>", "http://a:99999999999/", "https://example.org", "http://a_b.example/\u0003",
			"https://purl.org/x", "http://hdl.handle.net/1/2", "https://example.org/\xff"}),
		rapid.Map(texts(), func(s string) string { return "https://example.org/" + s }),
		rapid.Map(texts(), func(s string) string { return "http://" + s }),
	)
}

// plausible are texts that terms often have, so that generated records have formats at all.
var plausible = map[dublincore.Term]*rapid.Generator[string]{
	dublincore.Type: rapid.SampledFrom([]string{"Text", "StillImage", "PhysicalObject", "Dataset", "article", "Sound", "3D", "whatnot",
		"http://purl.org/coar/resource_type/c_18wz", "info:eu-repo/semantics/doctoralThesis", "newspaper", "Collection"}),
	dublincore.Format: rapid.SampledFrom([]string{"image/jpeg", "application/pdf", "model/gltf+json", "12 leaves", "text/", "video/\"mp4"}),
	dublincore.Rights: rapid.SampledFrom([]string{"http://rightsstatements.org/vocab/InC/1.0/", "http://rightsstatements.org/vocab/UND/1.0/",
		"CC BY 4.0", "info:eu-repo/semantics/openAccess", "All rights reserved", "http://creativecommons.org/licenses/by/3.0/xx/"}),
	dublincore.AccessRights: rapid.SampledFrom([]string{"http://purl.org/coar/access_right/c_abf2", "embargoed access", "with permission"}),
	dublincore.License: rapid.SampledFrom([]string{"http://creativecommons.org/licenses/by-nc/4.0/", "house rules",
		"http://creativecommons.org/publicdomain/zero/1.0/", "https://example.org/terms"}),
	dublincore.Issued:     dates(),
	dublincore.Created:    dates(),
	dublincore.Date:       dates(),
	dublincore.Available:  dates(),
	dublincore.Temporal:   dates(),
	dublincore.Identifier: identifiers(),
	dublincore.IsPartOf:   identifiers(),
	dublincore.Relation:   identifiers(),
	dublincore.Landing:    urls(),
	dublincore.Object:     urls(),
	dublincore.Thumbnail:  urls(),
	dublincore.Language:   rapid.SampledFrom([]string{"sqi", "sq", "Albanian", "zh-Hant"}),
}

func dates() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"1957-04", "195X", "1957/1961", "2019-05-12T10:11:12Z", "16XX", "../1960", "1957/..", "-0043", "Y12000",
		"ca. 1957", "soon", "1957~", "../..", "0999", "1957-21", "info:eu-repo/date/embargoEnd/2015-01-01"})
}

func identifiers() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"doi:10.5555/ABC", "https://doi.org/10.1000/182", "ISBN 3-16-148410-X", "ISSN 0378-5955", "hdl:1822/26740",
			"ark:/12148/bpt6k1", "urn:nbn:de:101:1-2", "MS 12", "http://purl.org/example/1", "https://orcid.org/0000-0002-1825-0097",
			"info:eu-repo/grantAgreement/EC/FP7/246686", "info:eu-repo/grantAgreement/EC/H2020/643410/EU/Open Access/OA2020",
			"info:eu-repo/grantAgreement///", "10.1000/<a>&\"b\""}),
		urls(),
	)
}

func value() *rapid.Generator[dublincore.Value] {
	return rapid.Custom(func(t *rapid.T) dublincore.Value {
		v := dublincore.Value{
			Term: rapid.SampledFrom(dublincore.Terms()).Draw(t, "term"),
			Lang: rapid.SampledFrom([]string{"", "", "en", "sq", "zh-Hant", "not a tag", `"`, "e-", "abcdefghi"}).Draw(t, "lang"),
			Scheme: rapid.SampledFrom([]string{"", "", "", "W3CDTF", "EDTF", "URI", "URI", "DCMIType", "ISO639-3", "LCSH", "DDC", "RFC3066",
				"Point", "invented", "\"<"}).Draw(t, "scheme"),
			Original: rapid.OneOf(rapid.Just(""), texts()).Draw(t, "original"),
		}
		text := texts()
		if usual, ok := plausible[v.Term]; ok && rapid.IntRange(0, 4).Draw(t, "usual") > 0 {
			text = usual
		} else if !ok && rapid.IntRange(0, 4).Draw(t, "a link") == 0 {
			text = urls()
		}
		v.Text = text.Draw(t, "text")
		return v
	})
}

// needed are the terms that the demanding formats ask for.
var needed = []dublincore.Term{dublincore.Title, dublincore.Creator, dublincore.Identifier, dublincore.Landing, dublincore.Issued, dublincore.Type,
	dublincore.Rights, dublincore.AccessRights, dublincore.Language, dublincore.DataProvider}

// records makes records: some of anything, some that have most of what the formats demand.
func records() *rapid.Generator[*dublincore.Record] {
	return rapid.Custom(func(t *rapid.T) *dublincore.Record {
		r := &dublincore.Record{Values: rapid.SliceOfN(value(), 0, 12).Draw(t, "values")}
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			return r
		}
		for _, term := range needed {
			if rapid.IntRange(0, 40).Draw(t, "leave out") == 0 {
				continue
			}
			v := value().Draw(t, "needed")
			v.Term, v.Text = term, "Something"
			if usual, ok := plausible[term]; ok {
				v.Text = usual.Draw(t, "text")
			}
			r.Values = append(r.Values, v)
		}
		return r
	})
}
