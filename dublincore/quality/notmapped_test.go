package quality

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// TestNotMapped: fields that no rule looks at are counted one by one, in each part and in all parts together.
func TestNotMapped(t *testing.T) {
	one, two := NewMeter(time.Time{}, nil), NewMeter(time.Time{}, nil)
	for i, names := range [][]string{{"590", "245$c"}, {"245$c"}, {"a, b"}} {
		m := []*Meter{one, two}[i%2]
		m.Add(strconv.Itoa(i), &dc.Record{Notes: []dc.Note{dc.NotMappedNote(names)}})
	}
	one.Merge(two)
	want := []Unmapped{
		{"245$c", 2, []Sample{{Identifier: "0"}, {Identifier: "1"}}},
		{"590", 1, []Sample{{Identifier: "0"}}},
		{"a, b", 1, []Sample{{Identifier: "2"}}},
	}
	got := one.Report().NotMapped
	for i := range got {
		slices.SortFunc(got[i].Samples, func(a, b Sample) int { return strings.Compare(a.Identifier, b.Identifier) })
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var text, page strings.Builder
	if err := errors.Join(one.Report().WriteText(&text), one.Report().WriteHTML(&page, Page{})); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{text.String(), page.String()} {
		if !strings.Contains(s, "245$c") || !strings.Contains(s, "a, b") {
			t.Errorf("the report does not name them:\n%s", s)
		}
	}
}
