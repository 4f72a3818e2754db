package pipeline

import "testing"

// The bits are in logs: they never change.
func TestFormatBits(t *testing.T) {
	got := map[string]Formats{}
	(MODS | EDM | OpenAIRE).Each(func(one Formats, prefix string) { got[prefix] = one })
	for prefix, bit := range map[string]Formats{"mods": 1, "edm": 2, "oai_openaire": 4} {
		if got[prefix] != bit {
			t.Errorf("%s is %d, want %d", prefix, got[prefix], bit)
		}
	}
}
