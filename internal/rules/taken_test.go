package rules

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
)

// TestTaken: the Dublin Core of another gateway comes out byte by byte as it went in, and what this program does not know
// is told.
func TestTaken(t *testing.T) {
	whole := `{"title":[{"value":"Über <of> & more","lang":"de"}],"publisher":[{"value":"P","from":"context"}],"created":[{"value":"1903-05","scheme":"EDTF","original":"May 1903"}]}`
	res, err := taken([]byte(whole), nil)
	if err != nil || len(res.Record.Notes)+len(res.Notes) != 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	var again, want dublincore.Record
	_ = want.UnmarshalJSON([]byte(whole)) // as above
	if err := again.UnmarshalJSON(res.Record.AppendJSON(nil)); err != nil || !cmp.Equal(again.Values, want.Values) {
		t.Errorf("%v: %s", err, cmp.Diff(want.Values, again.Values))
	}
	context := dublincore.Value{Term: dublincore.Rights, Text: "R", From: dublincore.Context}
	if res, err = taken([]byte(whole), []dublincore.Value{context}); err != nil || len(res.Record.All(dublincore.Rights)) != 1 || len(res.Trace) != 4 {
		t.Errorf("with context: %+v, %v", res, err)
	}
	res, err = taken([]byte(`{"title":[{"value":"T"}],"smell":[{"value":"harbour"}]}`), nil)
	if err != nil || len(res.Record.Notes) != 1 || res.Record.Notes[0] != (dublincore.Note{Kind: dublincore.UnknownElement, Text: "smell"}) {
		t.Errorf("an unknown term: %+v, %v", res, err)
	}
	for _, bad := range []string{`{"title":`, `[]`, `{"title":["T"]}`, ``} {
		if _, err := taken([]byte(bad), nil); !errors.Is(err, crosswalk.ErrMalformed) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := taken([]byte(`{}`), nil); !errors.Is(err, crosswalk.ErrEmpty) {
		t.Errorf("nothing: %v", err)
	}
	res, err = taken([]byte(`{"title":[{"value":"a\u0000b\ud800"}]}`), nil)
	if err != nil || strings.ContainsAny(res.Record.Text(dublincore.Title), "\x00") {
		t.Errorf("controls: %+v, %v", res, err)
	}
}
