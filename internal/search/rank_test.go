package search

import (
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// The better the place of the words, the better the hit; then the shorter title, then what came last.
func TestRanked(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	defer func() { _ = w.Close() }()
	english := value(dublincore.Language, "en")
	w.commit(
		record("title", value(dublincore.Title, "The old harbour of Durrës"), english),
		record("abstract", value(dublincore.Title, "Ports"), value(dublincore.Abstract, "harbour, harbour and harbour again"), english),
		record("form", value(dublincore.Title, "Maps of harbours"), english),
		record("exact", value(dublincore.Title, "Harbour")),
		record("newer", value(dublincore.Title, "The new harbour of Durrës"), english),
		record("subject", value(dublincore.Title, "Something else"), value(dublincore.Subject, "Vlorë -- Harbour"), english),
		record("both", value(dublincore.Title, "A letter from the harbour of Durrës"), value(dublincore.Spatial, "harbour"), english),
		record("neighbour", value(dublincore.Title, "Subharbour"), value(dublincore.Abstract, "a harbour"), english),
		record("signs", value(dublincore.Title, "港の関東大震災")),
		record("signs below", value(dublincore.Title, "写真"), value(dublincore.Abstract, "関東大震災")),
	)
	w.catchUp()
	for text, want := range map[string]string{
		"harbour":               "exact both newer title subject form neighbour abstract",
		"harbours":              "form newer title both neighbour subject abstract",
		"HARBOUR durres":        "both newer title",
		"durres harbour":        "both newer title",
		`"harbour of Durrës"`:   "newer title both",
		"harbo":                 "exact form newer title both neighbour subject abstract",
		"place:harbour":         "both",
		"大震災":                   "signs signs below",
		"-durres harbour":       "exact subject form neighbour abstract",
		"oai:gw.example:a/both": "both",
	} {
		if got := w.locals(Query{Text: text}); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
