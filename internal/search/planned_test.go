package search

import (
	"fmt"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What is asked of the index for each record and each value is planned once: planning took longer than all else that writing a
// record takes.
func TestPlannedOnce(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "index"))
	planned := map[string]int{}
	if err := w.writer.SetAuthorizer(sqlite.AuthorizeFunc(func(a sqlite.Action) sqlite.AuthResult {
		planned[a.String()]++
		return sqlite.AuthResultOK
	})); err != nil {
		t.Fatal(err)
	}
	batch := func(revision int) {
		var changes []pipeline.Change
		for i := range 20 {
			changes = append(changes, record(fmt.Sprint(i),
				value(dublincore.Title, fmt.Sprintf("Letter %d, revision %d", i, revision)),
				value(dublincore.Creator, fmt.Sprintf("Author %d of %d", i, revision))))
		}
		w.commit(changes...)
		w.catchUp()
	}
	batch(1)
	batch(2) // the first that forgets something
	for a := range planned {
		delete(planned, a)
	}
	batch(3)
	for action, n := range planned {
		t.Errorf("planned again, %d times: %s", n, action)
	}
}
