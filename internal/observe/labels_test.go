package observe

import (
	"fmt"
	"testing"
)

// Of more sources than have series of their own, the last by name are counted together.
func TestLabels(t *testing.T) {
	var names []string
	for i := range maxLabelled + 5 {
		names = append(names, fmt.Sprintf("s%03d", i))
	}
	l, series := NewLabels(names), map[string]bool{}
	for _, name := range names {
		series[l.of(name)] = true
	}
	if len(series) != maxLabelled+1 || l.of("s199") != "s199" || l.of("s200") != "other" {
		t.Errorf("%d series; s199 is %s, s200 is %s", len(series), l.of("s199"), l.of("s200"))
	}
}
