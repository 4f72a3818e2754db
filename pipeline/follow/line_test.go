package follow

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// sameAsJSON fails if readChange reads a line as anything else than encoding/json does.
func sameAsJSON(t interface {
	Helper()
	Fatalf(string, ...any)
}, line string) (read bool) {
	t.Helper()
	got, read := readChange(line)
	if !read {
		return false
	}
	var want Change
	if err := json.Unmarshal([]byte(line), &want); err != nil {
		t.Fatalf("%q was read, and is no change: %v", line, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q is not read as encoding/json does: %s", line, diff)
	}
	return true
}

// writtenLine is a line of any record, as a gateway writes it.
func writtenLine(t *rapid.T) string {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zé<>&"\\/ \n\t\x00-\x1f]{0,40}`), rapid.Just("\xff\u2028\U0001f4da"))
	moment := rapid.Map(rapid.Int64Range(0, 253402300799), func(s int64) time.Time { return time.Unix(s, 0) })
	number := rapid.Int64Range(1, 1<<53)
	var dc dublincore.Record
	for range rapid.IntRange(0, 40).Draw(t, "values") {
		dc.Add(dublincore.Value{
			Term: rapid.SampledFrom(dublincore.Terms()).Draw(t, "term"), Text: text.Draw(t, "value"), Lang: rapid.SampledFrom([]string{"", "en", "sq-Latn"}).Draw(t, "lang"),
			Scheme: rapid.SampledFrom([]string{"", "W3CDTF"}).Draw(t, "scheme"), Original: text.Draw(t, "original"),
			From: rapid.SampledFrom([]dublincore.Authority{dublincore.Extracted, dublincore.Context, dublincore.Curated}).Draw(t, "from"),
		})
	}
	ev := pipeline.Event{Epoch: number.Draw(t, "epoch"), Prev: number.Draw(t, "prev"), Record: pipeline.Record{
		Identifier: "oai:example.org:" + text.Draw(t, "local"), Source: text.Draw(t, "source"), Seq: number.Draw(t, "seq"), Version: number.Draw(t, "version"),
		Datestamp: moment.Draw(t, "datestamp"), Deleted: rapid.SampledFrom([]pipeline.Reason{pipeline.Live, pipeline.Absent, pipeline.Takedown}).Draw(t, "deleted"),
		Sets: rapid.SliceOfN(text, 0, 4).Draw(t, "sets"), DC: dc.AppendJSON(nil), OAIDC: []byte(text.Draw(t, "oai_dc")),
	}}
	ev.Origin.Format.Prefix = rapid.SampledFrom([]string{"oai_dc", "marc21"}).Draw(t, "format")
	enc := changejson.NewEncoder("https://gateway.example.org/")
	return string(enc.AppendLine(nil, &ev, changejson.Extras{
		OAIDC: rapid.Bool().Draw(t, "with oai_dc"), Seen: rapid.SampledFrom([]int64{0, 7, pipeline.MaxCursor}).Draw(t, "seen"),
	}))
}

// TestReadChange: what gateways write is read without encoding/json, as the same. What came damaged is too, or is left to
// encoding/json.
func TestReadChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := writtenLine(t)
		if !sameAsJSON(t, line) || !sameAsJSON(t, strings.TrimSuffix(line, "\n")) {
			t.Fatalf("%q is left to encoding/json", line)
		}
		at := rapid.IntRange(0, len(line)).Draw(t, "at")
		end := min(len(line), at+rapid.IntRange(0, 30).Draw(t, "length"))
		sameAsJSON(t, line[:at])
		sameAsJSON(t, line[:at]+line[end:])
		sameAsJSON(t, line[:end]+line[at:]) // a part twice
		put := rapid.SampledFrom([]string{`"`, `\`, `\u`, `\ud800`, ` `, "\n", "\x00", `,`, `0`, `1`, `-`, `null`, `{}`, `[]`, `}`, `]`, "\xff", `,"title":"x"`, `,"origin":{}`}).Draw(t, "put")
		sameAsJSON(t, line[:at]+put+line[at:])
		sameAsJSON(t, line[:at]+put+line[end:])
	})
}

const exampleLine = `{"identifier":"oai:example.org:a/1","source":"a","epoch":"1","seq":"2","prev":"1","version":3,"operation":"upserted","datestamp":"2026-05-01T00:00:00Z","hash":"00","links":{"oai":"https://example.org/oai","page":"https://example.org/records/a/1"},"sets":["a","b"],"formats":["oai_dc"],"record":{"title":[{"value":"N\u00f6te\ts","lang":"en"}],"date":[{"value":"1957-04","scheme":"W3CDTF","original":"April 1957","from":"context"}]},"oai_dc":"<x a=\"b\"/>"}`

// TestReadChangeLeaves: what encoding/json reads in its own way, or refuses, is left to it.
func TestReadChangeLeaves(t *testing.T) {
	if !sameAsJSON(t, exampleLine) {
		t.Fatal("the example itself is left")
	}
	for _, change := range [][2]string{
		{`"date":[`, `"title":[`},       // one term twice
		{`"version":3`, `"version":03`}, // no JSON
		{`"seq":"2"`, `"seq":"-2"`},     //
		{`"seq":"2"`, `"seq":"99999999999999999999"`},
		{`"datestamp":"2026-05`, `"datestamp":"2026\u002d05`}, // its escapes mean themselves
		{`"datestamp":"2026-05`, `"datestamp":"2026-13`},
		{`"source":"a"`, `"source":"\ud83d"`}, // half of a pair
		{`"source":"a"`, `"source":"\x"`},
		{`"source":"a"`, `"Source":"a"`},
		{`"source":"a"`, `"source":null`},
		{`"source":"a"`, `"more":1,"source":"a"`},
		{`"operation":"upserted"`, `"operation":"merged"`},
		{`"oai_dc":`, `"original":{"format":"x","data":""},"oai_dc":`},
		{`"sets":["a",`, `"sets":["a" ,`},
		{`"sets":["a",`, `"sets":["a"`},
		{`{"value":"1957-04"`, `{"lang":"en","value":"1957-04"`},
	} {
		line := strings.Replace(exampleLine, change[0], change[1], 1)
		if line == exampleLine || sameAsJSON(t, line) {
			t.Errorf("%s is not left to encoding/json", line)
		}
	}
}

// FuzzReadChange: whatever a line is, what is read of it is what encoding/json reads.
func FuzzReadChange(f *testing.F) {
	f.Add(exampleLine + "\n")
	f.Add(`{"identifier":"oai:example.org:a/1","source":"a","epoch":"1","seq":"2","prev":"1","version":3,"operation":"deleted","reason":"absent","datestamp":"2026-05-01T00:00:00Z","hash":"00","links":{"oai":"","page":""},"sets":[],"formats":[],"title":"x","date":"1957"}`)
	f.Fuzz(func(t *testing.T, line string) { sameAsJSON(t, line) })
}

// BenchmarkReadChange reads a line of usual size, with oai_dc as dumps have it.
func BenchmarkReadChange(b *testing.B) {
	var dc dublincore.Record
	for _, v := range []dublincore.Value{
		{Term: dublincore.Title, Text: "Harbours and bridges: a survey of the coast no. 17"}, {Term: dublincore.Creator, Text: "Author 17, Smith"},
		{Term: dublincore.Creator, Text: "Author 18, Jones"}, {Term: dublincore.Subject, Text: "harbours"}, {Term: dublincore.Subject, Text: "bridges -- coast"},
		{Term: dublincore.Description, Text: strings.Repeat("What was found on the coast & inland. ", 10)}, {Term: dublincore.Date, Text: "1957-04", Scheme: "W3CDTF", Original: "April 1957"},
		{Term: dublincore.Type, Text: "Text", Scheme: "DCMIType"}, {Term: dublincore.Language, Text: "eng", Scheme: "ISO639-3", Original: "en"},
		{Term: dublincore.Identifier, Text: "https://synthetic.example.org/items/17", Scheme: "URI"}, {Term: dublincore.Rights, Text: "http://rightsstatements.org/vocab/InC/1.0/", Scheme: "URI"},
	} {
		dc.Add(v)
	}
	ev := pipeline.Event{Epoch: 1_700_000_000, Prev: 16, Record: pipeline.Record{
		Identifier: "oai:example.org:synthetic/17", Source: "synthetic", Seq: 17, Version: 2, Datestamp: time.Unix(1_700_000_000, 0), Sets: []string{"synthetic", "synthetic:a"},
		DC: dc.AppendJSON(nil), OAIDC: dc.AppendOAIDC(nil),
	}}
	enc := changejson.NewEncoder("https://gateway.example.org/")
	line := string(enc.AppendLine(nil, &ev, changejson.Extras{OAIDC: true}))
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := readChange(line); !ok {
			b.Fatal("it is left to encoding/json")
		}
	}
}
