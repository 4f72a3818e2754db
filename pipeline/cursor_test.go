package pipeline_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What a door hands out is read back as it was, and there is one spelling of each cursor.
func TestCursorText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := pipeline.Cursor{Epoch: rapid.Int64Min(1).Draw(t, "epoch"), Seq: rapid.Int64Min(0).Draw(t, "seq")}
		if got, err := pipeline.ParseCursor(c.String()); err != nil || got != c {
			t.Errorf("%v is read as %v, %v", c, got, err)
		}
	})
	for _, s := range []string{"", ".", "1", "1.", ".1", "0.1", "-1.1", "1.-1", "+1.1", "1.+1", "01.1", "1.01", "1.1.1", " 1.1", "1.1 ", "1,1", "9223372036854775808.1"} {
		if c, err := pipeline.ParseCursor(s); err == nil {
			t.Errorf("%q is read as %v", s, c)
		}
	}
}
