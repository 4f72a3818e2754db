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
	if gone := l.Know(append([]string{"a", "b"}, names[1:]...)); len(gone) != 1 || gone[0] != "s000" || l.of("s199") != "s199" || l.of("a") != "a" || l.of("b") != "other" || l.of("s000") != "other" {
		t.Errorf("when s000 is gone and a and b are new: %q are not in use; s199 is %s, a is %s, b is %s", gone, l.of("s199"), l.of("a"), l.of("b"))
	}
}
