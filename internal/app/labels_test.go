package app

import (
	"fmt"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// Of more sources than have series of their own, the last by name are counted together.
func TestLabels(t *testing.T) {
	cfg := &config.Config{Sources: map[string]*config.Source{}}
	for i := range maxLabelled + 5 {
		cfg.Sources[fmt.Sprintf("s%03d", i)] = &config.Source{}
	}
	l, series := newLabels(cfg), map[string]bool{}
	for name := range cfg.Sources {
		series[l.of(name)] = true
	}
	if len(series) != maxLabelled+1 || l.of("s199") != "s199" || l.of("s200") != "other" {
		t.Errorf("%d series; s199 is %s, s200 is %s", len(series), l.of("s199"), l.of("s200"))
	}
}
