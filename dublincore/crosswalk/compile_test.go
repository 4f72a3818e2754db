package crosswalk

import (
	"os"
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

// TestAgreement compiles the mappings that the design shows.
func TestAgreement(t *testing.T) {
	design, err := os.ReadFile(shared(t, "DESIGN.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, block := range strings.Split(string(design), "```") {
		if strings.HasPrefix(block, "\nformat ") {
			found++
			if _, err := Compile("DESIGN.md", []byte(block)); err != nil {
				t.Errorf("%v in:\n%s", err, block)
			}
		}
	}
	if found == 0 {
		t.Error("the design shows no mapping")
	}
}
