package site

import (
	"fmt"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// nine are the records of the archive's listing, with their dates as written and as understood.
var nine = []struct{ written, date, title string }{
	{"June 7, 1960", "1960-06-07", "Memorandum of Conversation with Comrade Mao Zedong in Hangzhou (7 June 1960)"},
	{"April 1957", "1957-04", "Handwritten Notes from Khrushchev’s Talks with the Albanian Delegation"},
	{"April 1957", "1957-04", "Khrushchev’s Speech at the Lunch Organized in Honor of the Albanian Government and Party Delegation, Moscow"},
	{"April 15, 1957", "1957-04-15", "Memorandum of Conversation with Soviet Leaders on Party-Related Issues"},
	{"December 26, 1956", "1956-12-26", "Memorandum of Meeting with Khrushchev, Moscow"},
	{"June 6, 1959", "1959-06-06", "Notes taken during a Meeting between Enver Hoxha and Choe Yong-geon"},
	{"June 23, 1961", "1961-06-23", "Telegram from Gaqo Paze, the Albanian Ambassador in GDR to the Ministry of Foreign Affairs of Albania"},
	{"June 26, 1964", "1964-06-26", "Report on the 1st and 2nd Conference of Non-Aligned Countries"},
	{"July 26, 1961", "1961-07-26", "Report on the 1st conference of the non-aligned countries of September 1st, 1961 sent by Tahmaz Beqari, the Albanian ambassador in Belgrade, to the Ministry of Foreign Affairs of Albania"},
}

func listing(t testing.TB) *memory {
	m := &memory{epoch: 7}
	for i, doc := range nine {
		r := &dublincore.Record{}
		r.Add(dublincore.Value{Term: dublincore.Title, Text: doc.title, Lang: "en"})
		r.Add(dublincore.Value{Term: dublincore.Abstract, Text: fmt.Sprintf("What document %d is about.", i+1), Lang: "en"})
		r.Add(dublincore.Value{Term: dublincore.Created, Text: doc.date, Scheme: "W3CDTF", Original: doc.written})
		r.Add(dublincore.Value{Term: dublincore.Type, Text: "Text", Scheme: "DCMIType"})
		r.Add(dublincore.Value{Term: dublincore.Type, Text: "report"})
		r.Add(dublincore.Value{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3", From: dublincore.Context})
		r.Add(dublincore.Value{Term: dublincore.Rights, Text: "http://rightsstatements.org/vocab/CNE/1.0/", From: dublincore.Context})
		rec := m.add(t, "cold-war", fmt.Sprintf("doc-%d", i+1), r)
		if i == 8 {
			rec.Notes = notes(t,
				dublincore.Note{Term: dublincore.Created, Kind: dublincore.Warning, Text: "the title has a later date"},
				dublincore.Note{Term: dublincore.Created, Kind: dublincore.Normalized, Text: doc.written})
		}
	}
	return m
}

func notes(t testing.TB, all ...dublincore.Note) []byte {
	t.Helper()
	b, err := dublincore.MarshalNotes(all)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newSite(m *memory) *memorySite {
	return &memorySite{m, Options{
		Name: "Example Archive", URL: "https://gateway.example", Library: m,
		Titles: map[string]string{"cold-war": "Documents on Albania"}, Events: "nats://127.0.0.1:4222",
	}}
}

type memorySite struct {
	*memory
	Options
}

func TestNineRecords(t *testing.T) {
	var written, machine, titles, summaries []string
	for i, doc := range nine {
		written, titles = append(written, doc.written), append(titles, doc.title)
		machine = append(machine, doc.date)
		summaries = append(summaries, fmt.Sprintf("What document %d is about.", i+1))
	}
	h := New(newSite(listing(t)).Options)
	doc := see(t, h, "/search?source=cold-war", 200,
		in("head title", hasText("Documents on Albania: results 1 – 9 of 9 – Example Archive")),
		in("h1", hasText("Documents on Albania")),
		in(".results", hasText("Results: 1 – 9 of 9")),
		texts("main h2", "Documents"),
		texts("article .date", written...),
		texts("article h3", titles...),
		texts("article .summary", summaries...),
		times(`article h3 a[lang="en"]`, 9),
		times("ol.list > li", 9),
		none(".pages"),
		in("form", in("label[for=source]"), in("option[value=cold-war]", attr("selected", ""))),
		in(`link[rel="canonical"]`, attr("href", "https://gateway.example/search?source=cold-war")),
	)
	doc.Find("article time").Each(func(i int, e *goquery.Selection) {
		if got := e.AttrOr("datetime", ""); got != machine[i] {
			t.Errorf("date %d is %q for machines, want %q", i+1, got, machine[i])
		}
	})
	doc.Find("article h3 a").Each(func(i int, e *goquery.Selection) {
		see(t, h, e.AttrOr("href", ""), 200, in("h1", hasText(nine[i].title)))
	})
}

func TestRecordPage(t *testing.T) {
	m := listing(t)
	m.records[8].Origin.Identifier = "the source's own"
	see(t, New(newSite(m).Options), "/records/cold-war/doc-9", 200,
		in("h1", attr("lang", "en"), hasText(nine[8].title)),
		texts("section[aria-labelledby=description] dt", "Title", "Abstract", "Date created", "Type", "Language", "Rights"),
		texts("#term-type ~ dd .value", "Text", "report", "Albanian", "Copyright not evaluated"),
		texts(".record .from", "context", "context"),
		times(".legend", 1),
		texts(".original", "written "+nine[8].written),
		in(`.value a`, attr("href", "http://rightsstatements.org/vocab/CNE/1.0/")),
		texts(".warning", "Warning: Date created: the title has a later date"),
		texts("section[aria-labelledby=notes] li", "Date created: normalized: "+nine[8].written),
		in(`section[aria-labelledby=about] a[href="https://gateway.example/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai%3Aarchive.example%3Acold-war%2Fdoc-9"]`),
		in(`link[rel="canonical"]`, attr("href", "https://gateway.example/records/cold-war/doc-9")),
		in(`link[rel="alternate"][type="application/xml"]`, attr("title", "Dublin Core (oai_dc)")),
		texts("section[aria-labelledby=about] dd", "oai:archive.example:cold-war/doc-9", "Documents on Albania", "the source's own",
			"cold-war", "1", "4 March 2026, 05:06:07 UTC", "Dublin Core (oai_dc)"),
	)
}
