package dublincore

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestNotMapped: any names come out of the note as they went in, as far as there was room for them.
func TestNotMapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.SampledFrom([]string{"590", "245$c", "a, b", "and 3 more", "\"x", " ", ", ", "`b`"}), rapid.StringMatching(`[a-z/$]{1,12}`), rapid.StringN(1, 20, 60))
		names := rapid.SliceOfNDistinct(name, 0, 60, rapid.ID).Draw(t, "names")
		n := NotMappedNote(names)
		got := NotMappedNames(n.Text)
		if len(got) > len(names) || !slices.Equal(got, names[:len(got)]) || len(names) > 0 && len(got) == 0 {
			t.Fatalf("%q are %q in %q", names, got, n.Text)
		}
		if len(n.Text) > 1000 {
			t.Fatalf("a note of %d bytes", len(n.Text))
		}
	})
}
