package crosswalk

import (
	"slices"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// TestLostCharacters: what could not be read is said.
func TestLostCharacters(t *testing.T) {
	const record = "00069nam  2200037   4500245002600000\x1e10\x1faForests \x1b$1!0!!*F\x1b(B\x1e\x1d"
	m, err := Builtin("marc21")
	if err != nil {
		t.Fatal(err)
	}
	res, err := m.Apply(Input{Original: []byte(record)})
	if err != nil {
		t.Fatal(err)
	}
	note := dublincore.Note{Kind: dublincore.CharactersLost, Text: "245$a Forests 一\ufffd"}
	if got := textsOf(res.Record, dublincore.Title); !slices.Equal(got, []string{"Forests 一\ufffd"}) || !slices.Contains(res.Notes, note) {
		t.Errorf("titles %q, notes %v", got, res.Notes)
	}
}
