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

// An origin is read as encoding/json reads it, the plain ones and those with anything unusual in them.
func TestUnpackOrigin(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.StringMatching(`[a-zé:/.]{0,8}`), rapid.StringMatching(`[a"\\<&\n\x{2028}{},:]{0,6}`), rapid.String())
		o := pipeline.Origin{
			BaseURL: text.Draw(r, "base"), Identifier: text.Draw(r, "identifier"), Datestamp: text.Draw(r, "datestamp"),
			Format:     harvest.Format{Prefix: text.Draw(r, "prefix"), Namespace: text.Draw(r, "namespace"), Schema: text.Draw(r, "schema")},
			Harvested:  time.Unix(rapid.Int64Range(0, 4e9).Draw(r, "second"), rapid.SampledFrom([]int64{0, 5000}).Draw(r, "ns")).UTC(),
			Provenance: rapid.SampledFrom([][]byte{nil, nil, []byte("<x/>")}).Draw(r, "provenance"),
		}
		written, err := json.Marshal(&o)
		if err != nil {
			r.Fatal(err)
		}
		var got, want pipeline.Origin
		if err := json.Unmarshal(written, &want); err != nil {
			r.Fatal(err)
		}
		if err := UnpackOrigin(written, &got); err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("%s (-want +got):\n%s", written, diff)
		}
	})
	usual, err := json.Marshal(&pipeline.Origin{BaseURL: "https://a.example/oai", Identifier: "oai:a:1", Harvested: time.Unix(1, 0).UTC()})
	if err != nil {
		t.Fatal(err)
	}
	var o pipeline.Origin
	if n := testing.AllocsPerRun(10, func() { err = UnpackOrigin(usual, &o) }); err != nil || n > 5 {
		t.Errorf("the usual form is read the long way: %v allocations, %v", n, err)
	}
	for _, bad := range []string{``, `{`, `{"BaseURL":"a"`, `{"BaseURL":1}`, string(usual) + "}"} {
		if err := UnpackOrigin([]byte(bad), &o); err == nil {
			t.Errorf("%q is no origin", bad)
		}
	}
}
