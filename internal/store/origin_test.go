package store

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An origin is read and written as encoding/json does it, the plain ones and those with anything unusual in them.
func TestOrigin(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.StringMatching(`[a-zé:/.]{0,8}`), rapid.StringMatching(`[a"\\<&\n\x{2028}{},:]{0,6}`), rapid.String())
		o := pipeline.Origin{
			BaseURL: text.Draw(r, "base"), Identifier: text.Draw(r, "identifier"), Datestamp: text.Draw(r, "datestamp"),
			Format:     harvest.Format{Prefix: text.Draw(r, "prefix"), Namespace: text.Draw(r, "namespace"), Schema: text.Draw(r, "schema")},
			Harvested:  time.Unix(rapid.Int64Range(-3e9, 4e9).Draw(r, "second"), rapid.SampledFrom([]int64{0, 5000}).Draw(r, "ns")).In(rapid.SampledFrom([]*time.Location{time.UTC, time.UTC, time.FixedZone("", 3600)}).Draw(r, "zone")),
			Provenance: rapid.SampledFrom([][]byte{nil, nil, {}, []byte("<x/>")}).Draw(r, "provenance"),
		}
		written, err := json.Marshal(&o)
		if err != nil {
			r.Fatal(err)
		}
		if packed, err := PackOrigin(&o); err != nil || packed != string(written) {
			r.Fatalf("%v %s, want %s", err, packed, written)
		}
		var got, want pipeline.Origin
		if err := json.Unmarshal(written, &want); err != nil {
			r.Fatal(err)
		}
		if err := UnpackOrigin(string(written), &got); err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("%s (-want +got):\n%s", written, diff)
		}
	})
	plain := &pipeline.Origin{BaseURL: "https://a.example/oai", Identifier: "oai:a:1", Harvested: time.Unix(1, 0).UTC()}
	usual, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	var o pipeline.Origin
	text := string(usual)
	if n := testing.AllocsPerRun(10, func() { err = UnpackOrigin(text, &o) }); err != nil || n > 0 {
		t.Errorf("the usual form is read the long way: %v allocations, %v", n, err)
	}
	if n := testing.AllocsPerRun(10, func() { _, err = PackOrigin(plain) }); err != nil || n > 2 {
		t.Errorf("the usual form is written the long way: %v allocations, %v", n, err)
	}
	for _, year := range []int{-1, 10000} {
		if text, err := PackOrigin(&pipeline.Origin{Harvested: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
			t.Errorf("%s is no date that can be read again", text)
		}
	}
	for _, bad := range []string{``, `{`, `{"BaseURL":"a"`, `{"BaseURL":1}`, text + "}"} {
		if err := UnpackOrigin(bad, &o); err == nil {
			t.Errorf("%q is no origin", bad)
		}
	}
}

func BenchmarkPackOrigin(b *testing.B) {
	o := &pipeline.Origin{BaseURL: "https://repository.example.org/oai", Identifier: "oai:repository.example.org:item/1234", Datestamp: "2026-01-01T00:00:00Z",
		Format:    harvest.Format{Prefix: "oai_dc", Namespace: "http://www.openarchives.org/OAI/2.0/oai_dc/", Schema: "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"},
		Harvested: time.Unix(1e9, 0).UTC()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := PackOrigin(o); err != nil {
			b.Fatal(err)
		}
	}
}
