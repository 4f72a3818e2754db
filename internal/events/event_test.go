package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/nats-io/nats.go"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A parsed is an event as a consumer reads it.
type parsed struct {
	SpecVersion, ID, Source, Type, Subject, Time, DataContentType, Sequence, DataRef string
	Data                                                                             struct {
		Identifier, Source, Epoch, Seq, Prev string
		Version                              int64
		Operation, Reason, Datestamp, Hash   string
		Sets, Formats                        []string
		Links                                struct{ OAI, Page, JSON string }
		Record                               json.RawMessage
		Title, Date                          *string
	}
}

func (p parsed) seq() int64  { n, _ := strconv.ParseInt(p.Data.Seq, 10, 64); return n }
func (p parsed) prev() int64 { n, _ := strconv.ParseInt(p.Data.Prev, 10, 64); return n }

func parse(t testing.TB, data []byte) parsed {
	t.Helper()
	var p parsed
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, data)
	}
	return p
}

type parsedNotice struct {
	SpecVersion, ID, Source, Type, Subject, Time string
	Data                                         json.RawMessage
}

func parseNotice(t testing.TB, data []byte) (p parsedNotice) {
	t.Helper()
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, data)
	}
	return p
}

func TestEvent(t *testing.T) {
	e := changejson.NewEventEncoder("https://gateway.example.org/", func(source string) bool { return source == "private" })
	long := `{"title":[{"value":"` + strings.Repeat("x", changejson.MaxRecord) + `"}]}`
	for name, tt := range map[string]struct {
		change func(*pipeline.Event)
		check  func(p parsed) bool
	}{
		"live": {func(*pipeline.Event) {}, func(p parsed) bool {
			return p.ID == "oai:gateway.example.org:cold-war/8@1.8" && p.Type == "sheaf.record.upserted.v1" && p.DataRef == "" &&
				p.Source == "https://gateway.example.org/sources/cold-war" && p.Subject == "oai:gateway.example.org:cold-war/8" &&
				p.Time == "2024-04-01T08:00:08Z" && p.Sequence == "00000000000000000008" && p.Data.Seq == "8" && p.Data.Prev == "7" &&
				p.Data.Epoch == "1" && p.Data.Version == 1 && p.Data.Reason == "" && string(p.Data.Record) == string(change(8).DC) &&
				slices.Equal(p.Data.Sets, []string{"cold-war"}) && slices.Equal(p.Data.Formats, []string{"oai_dc", "listing"}) &&
				p.Data.Hash == strings.Repeat("0", 64) && p.Data.Title == nil && p.Data.Date == nil && p.Data.Links.JSON == ""
		}},
		"links": {func(e *pipeline.Event) { e.Identifier = "oai:gateway.example.org:cold-war/a/b%20c?d&e=f" }, func(p parsed) bool {
			return p.Data.Links.Page == "https://gateway.example.org/records/cold-war/a/b%2520c%3Fd&e=f" &&
				p.Data.Links.OAI == "https://gateway.example.org/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai%3Agateway.example.org%3Acold-war%2Fa%2Fb%2520c%3Fd%26e%3Df"
		}},
		"oai_dc at the source": {func(e *pipeline.Event) { e.Origin.Format.Prefix = "oai_dc" }, func(p parsed) bool {
			return slices.Equal(p.Data.Formats, []string{"oai_dc"})
		}},
		"deleted": {func(e *pipeline.Event) { e.Deleted = pipeline.Absent }, func(p parsed) bool {
			return p.Type == "sheaf.record.deleted.v1" && p.Data.Operation == "deleted" && p.Data.Reason == "absent" && p.Data.Record == nil &&
				p.DataRef == "" && *p.Data.Title == "Report no. 8 on the harbour" && *p.Data.Date == "1957-04" && len(p.Data.Formats) == 0
		}},
		"withdrawn": {func(e *pipeline.Event) { e.Deleted = pipeline.Withdrawn }, func(p parsed) bool {
			return p.Data.Reason == "withdrawn" && p.Data.Title == nil && p.Data.Date == nil && p.Data.Record == nil
		}},
		"taken down": {func(e *pipeline.Event) { e.Deleted = pipeline.Takedown }, func(p parsed) bool {
			return p.Data.Reason == "takedown" && p.Data.Title == nil && p.Data.Date == nil && p.Data.Record == nil
		}},
		"pointed to": {func(e *pipeline.Event) { e.Source = "private" }, func(p parsed) bool {
			return p.Data.Record == nil && p.DataRef == p.Data.Links.OAI && p.Data.Links.JSON == "https://gateway.example.org/api/v1/records/private/8"
		}},
		"pointed to, deleted": {func(e *pipeline.Event) { e.Source, e.Deleted = "private", pipeline.Absent }, func(p parsed) bool {
			return p.Data.Record == nil && p.Data.Title == nil && p.Data.Date == nil && p.Data.Links.JSON == ""
		}},
		"large": {func(e *pipeline.Event) { e.DC = []byte(long) }, func(p parsed) bool {
			return p.Data.Record == nil && p.DataRef == p.Data.Links.OAI && len(p.Data.Sets) == 1 && p.Data.Links.JSON != ""
		}},
		"large, deleted": {func(e *pipeline.Event) { e.DC, e.Deleted = []byte(long), pipeline.Absent }, func(p parsed) bool {
			return p.Data.Record == nil && len(*p.Data.Title) < 310 && strings.HasSuffix(*p.Data.Title, "x…")
		}},
		"very many sets": {func(e *pipeline.Event) { e.Sets = slices.Repeat([]string{"a-set-with-a-name"}, 100_000) }, func(p parsed) bool {
			return p.Data.Sets == nil && p.Data.Record == nil && p.DataRef == p.Data.Links.OAI && p.Data.Links.JSON != "" && p.Data.Seq == "8"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			ev := change(8)
			tt.change(&ev)
			data := e.AppendEvent([]byte("before"), &ev, 1<<20)
			data, found := bytes.CutPrefix(data, []byte("before"))
			if !found || !tt.check(parse(t, data)) || len(data) > 1<<20 {
				t.Errorf("it is %s", data)
			}
			if f := conform(schemaOf(t, "record"), object(t, data), ""); f != nil {
				t.Errorf("it is not as the schema says: %v", f)
			}
		})
	}
}

// Subjects, partitions, and what becomes of names that can't stand in them.
func TestSubject(t *testing.T) {
	n := newNames("SHEAF")
	for want, ev := range map[string]pipeline.Event{
		"sheaf.v1.records.cold-war.p" + fmt.Sprintf("%02d", fnv1a("oai:gateway.example.org:cold-war/8")%16) + ".upserted": change(8),
		"sheaf.v1.records.a_b_.p05.upserted": {Record: pipeline.Record{Source: "a.b*"}},
		"sheaf.v1.records._.p05.deleted":     {Record: pipeline.Record{Deleted: pipeline.Absent}},
	} {
		if got := string(n.appendSubject(nil, &ev, changejson.Operation(&ev))); got != want {
			t.Errorf("the subject is %s, want %s", got, want)
		}
	}
}

// fnv1a is the hash as its authors write it down.
func fnv1a(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// Whatever stands in a record, its event is JSON, as the schema says, and says what the record says.
func TestAnyEvent(t *testing.T) {
	e := changejson.NewEventEncoder("https://gateway.example.org", nil)
	schema := schemaOf(t, "record")
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Custom(func(rt *rapid.T) string { return string(rapid.SliceOf(rapid.Byte()).Draw(rt, "bytes")) }))
		var r dublincore.Record
		for _, s := range rapid.SliceOfN(text, 0, 4).Draw(rt, "values") {
			r.Values = append(r.Values, dublincore.Value{Term: dublincore.Title, Text: s, Lang: "en", Original: s, From: dublincore.Curated})
		}
		ev := pipeline.Event{Epoch: rapid.Int64Min(1).Draw(rt, "epoch"), Prev: rapid.Int64Min(0).Draw(rt, "prev"), Record: pipeline.Record{
			Identifier: "x" + text.Draw(rt, "identifier"), Source: text.Draw(rt, "source"), Seq: rapid.Int64Min(1).Draw(rt, "seq"),
			Version: rapid.Int64Range(1, 1<<50).Draw(rt, "version"), Datestamp: firstDay,
			Deleted: rapid.SampledFrom([]pipeline.Reason{pipeline.Live, pipeline.Live, pipeline.Absent, pipeline.SourceDeleted, pipeline.Takedown, pipeline.Withdrawn, pipeline.SourceRetired}).Draw(rt, "deleted"),
			Sets:    rapid.SliceOf(text).Draw(rt, "sets"), Origin: pipeline.Origin{Format: harvest.Format{Prefix: text.Draw(rt, "format")}},
			DC: r.AppendJSON(nil),
		}}
		data := e.AppendEvent(nil, &ev, 1<<20)
		if f := conform(schema, object(t, data), ""); f != nil {
			rt.Fatalf("not as the schema says: %v\n%s", f, data)
		}
		p := parse(t, data)
		if p.Data.Identifier != strings.ToValidUTF8(ev.Identifier, "\ufffd") && utf8.ValidString(ev.Identifier) {
			rt.Errorf("the identifier %q became %q", ev.Identifier, p.Data.Identifier)
		}
		if p.seq() != ev.Seq || p.prev() != ev.Prev || p.ID != string(changejson.AppendEventID(nil, &ev)) {
			rt.Errorf("seq %d after %d became %d after %d, id %q", ev.Seq, ev.Prev, p.seq(), p.prev(), p.ID)
		}
		page, err := url.Parse(p.Data.Links.Page)
		_, local, cut := strings.Cut(ev.Identifier, "/")
		if !cut {
			local = ev.Identifier
		}
		if err != nil || local != "" && pipeline.LocalOf(strings.TrimPrefix(page.Path, "/records/"+ev.Source+"/")) != pipeline.LocalOf(local) {
			rt.Errorf("the page's path is %q: %v", page.Path, err)
		}
	})
}

// appendString against encoding/json.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "a\"b\\c", "\x00\x1f\n\r\t", "å∑𝄞", "\xff\xc3(", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(wording.AppendJSON(nil, s), &got); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	})
}

// The broker's answers come over the network.
func FuzzParseAck(f *testing.F) {
	c := &Client{names: newNames("SHEAF")}
	for _, s := range []string{
		`{"stream":"SHEAF_RECORDS", "seq":12}`, `{"stream":"SHEAF_RECORDS", "seq":12,"duplicate": true}`, `{"stream":"OTHER", "seq":12}`,
		`{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 5"},"stream":"SHEAF_RECORDS","seq":0}`,
		`{"stream":"SHEAF_RECORDS", "seq":99999999999999999999}`, `{"stream":"SHEAF_RECORDS", "seq":007}`, `{`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a := c.parseAck(&nats.Msg{Data: data})
		if a.err != nil {
			return
		}
		var want struct {
			Stream string
			Seq    uint64
			Error  any
		}
		if err := json.Unmarshal(data, &want); err != nil || want.Stream != "SHEAF_RECORDS" || want.Seq != a.seq || want.Error != nil {
			t.Errorf("%q was taken for number %d", data, a.seq)
		}
	})
}
