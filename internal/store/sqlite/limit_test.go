package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No statement has a plain LIMIT ?, for which it would be planned anew each time that it is run (see each).
func TestLimitsDoNotPlanAnew(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	bounded := 0
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") || name == "sql.go" {
			continue
		}
		if strings.Contains(string(b), "LIMIT ?") {
			t.Errorf("%s has a plain LIMIT ?", name)
		}
		bounded += strings.Count(string(b), "LIMIT 0 + ?")
	}
	if bounded == 0 {
		t.Error("no statement has a bound LIMIT: this test looks for the wrong text")
	}
}
