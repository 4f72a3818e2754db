package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The provider of a source is the data provider of its records, unless its context says another.
func TestProviderOfRecords(t *testing.T) {
	for context, name := range map[string]string{"": "Harbour Library", "dataProvider: Town Library, ": "Town Library"} {
		dir := folder(t, files())
		text := strings.Replace(good, "context: {", "provider: {name: Harbour Library}, context: {"+context, 1)
		if err := os.WriteFile(filepath.Join(dir, "sheaf.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, exitDone, "harvest", "letters")
		out := want(t, exitDone, "export", "--source", "letters").stdout
		if n := strings.Count(out, name); n == 0 || n != strings.Count(out, `"dataProvider"`) {
			t.Errorf("the data provider is not %s everywhere in\n%s", name, out)
		}
	}
}
