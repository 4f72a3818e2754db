package crosswalk

import (
	"strings"
	"testing"
)

func TestBuiltins(t *testing.T) {
	for _, name := range BuiltinNames() {
		t.Run(name, func(t *testing.T) {
			m, err := Builtin(name)
			if err != nil {
				t.Fatal(err)
			}
			if m.Format() != strings.TrimSuffix(name, ".map") || len(m.Version()) != 16 {
				t.Errorf("format %q, version %q", m.Format(), m.Version())
			}
		})
	}
}
