package sqlite

import (
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// TestPlans: no page of a list is sorted, and none looks through more than its own range. A plan
// that sorts gives the same answers, a thousand times slower.
func TestPlans(t *testing.T) {
	s := open(t, t.TempDir(), &handClock{})
	f := newFeed(t, s, "a")
	f.fill(s, 300, 0)
	f.fill(s, 300, 1)
	queries := map[string]string{
		"everything":          listing{&store.Range{}}.query(),
		"a set":               listing{&store.Range{SetKey: 1}}.query(),
		"made":                listing{&store.Range{Format: 2, Made: "mods"}}.query(),
		"native":              listing{&store.Range{Format: 2}}.query(),
		"made, of a set":      listing{&store.Range{SetKey: 1, Format: 2, Made: "mods"}}.query(),
		"native, of a set":    listing{&store.Range{SetKey: 1, Format: 2}}.query(),
		"a silent set":        listing{&store.Range{SetKey: 1, Silent: true}}.query(),
		"made, of such":       listing{&store.Range{SetKey: 1, Silent: true, Format: 2, Made: "mods"}}.query(),
		"read":                selectPage,
		"changes":             changesQuery(&pipeline.Wanted{OAIDC: true, Original: true}),
		"changes of a set":    changesQuery(&pipeline.Wanted{OAIDC: true, Set: "a"}),
		"changes of a source": changesQuery(&pipeline.Wanted{Source: "a"}),
		"back in a source":    changesQuery(&pipeline.Wanted{Down: true, Source: "a"}),
		"back":                changesQuery(&pipeline.Wanted{Down: true}),
		"back in a set":       changesQuery(&pipeline.Wanted{Down: true, Set: "a"}),
		"entries":             entriesQuery,
		"originals":           originalsQuery,
		"digest":              selectUndigested,
		"browse":              browseQuery("", false),
		"browse a source":     browseQuery("a", false),
		"browse back":         browseQuery("", true),
		"back, of a source":   browseQuery("a", true),
		"checked":             selectChecked,
	}
	err := s.snapshot(t.Context(), func(conn *sqlite.Conn, _ pipeline.Head) error {
		for name, query := range queries {
			var plan []string
			if err := each(conn, "EXPLAIN QUERY PLAN "+query, nil, func(r *sqlite.Stmt) error {
				plan = append(plan, r.ColumnText(3))
				return nil
			}); err != nil {
				return err
			}
			p := strings.Join(plan, "\n")
			if strings.Contains(p, "TEMP B-TREE") || strings.Contains(p, "SCAN") {
				t.Errorf("%s:\n%s", name, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
