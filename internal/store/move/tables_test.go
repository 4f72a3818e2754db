package move

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every table of the log in PostgreSQL is filled, with every column; except those that say how that database is written.
func TestTables(t *testing.T) {
	schema, err := os.ReadFile("../postgres/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string][]string{}, map[string][]string{}
	for _, m := range regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\);`).FindAllStringSubmatch(string(schema), -1) {
		for line := range strings.Lines(m[2]) {
			if word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word != "" && word != "--" && word != "PRIMARY" && word != "UNIQUE" {
				want[m[1]] = append(want[m[1]], word)
			}
		}
		slices.Sort(want[m[1]])
	}
	delete(want, "counter") // made of the others
	for _, ofThis := range []string{"writer", "gateway", "lease"} {
		delete(want, ofThis)
	}
	for _, beside := range []string{"hook", "letter"} { // in a file of their own beside SQLite; a gateway brings them along when it starts
		delete(want, beside)
	}
	for _, table := range tables {
		got[table.name] = slices.Sorted(slices.Values(table.columns))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-schema.sql +filled\n%s", diff)
	}
}

// A place is read as it was written, whatever bytes a key has.
func TestPlace(t *testing.T) {
	row := []any{int64(-7), "a \"b\"\n \x00\xff 12", nil, int64(1 << 60)}
	got, err := parsePlace(placeOf(row, []int{0, 1, 3}))
	if diff := cmp.Diff([]any{row[0], row[1], row[3]}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if none, err := parsePlace(""); none != nil || err != nil {
		t.Error(none, err)
	}
}
