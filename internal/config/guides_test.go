package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// TestConfigurationsOfGuides: each configuration that a guide shows, whole or a part, has keys and kinds that there are, where
// they belong. Files that it names are not here, and a part lacks what stands elsewhere.
func TestConfigurationsOfGuides(t *testing.T) {
	wrong := regexp.MustCompile(`unknown key|is not used by kind|is not a known kind|belongs to one source|needs keys below it|needs names below it`)
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, path := range append(paths, "../../README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range strings.Split(string(text), "```") {
			yaml, is := strings.CutPrefix(block, "yaml\n")
			if i%2 == 0 || !is {
				continue
			}
			shown++
			problems := config.Check(configuration(t, yaml), options)
			for _, p := range problems {
				if wrong.MatchString(p.String()) {
					t.Errorf("%s shows\n%s%v", path, yaml, p)
				}
			}
		}
	}
	if shown < 30 {
		t.Errorf("the guides show %d configurations", shown)
	}
}

// configuration writes a file of what a guide shows. What is indented is a part of a source, or of the sources.
func configuration(t *testing.T, yaml string) (path string) {
	t.Helper()
	switch len(yaml) - len(strings.TrimLeft(yaml, " ")) {
	case 2:
		yaml = "sources:\n" + yaml
	case 4:
		yaml = "sources:\n  shown:\n" + yaml
	}
	path = filepath.Join(t.TempDir(), "sheaf.yaml")
	write(t, path, yaml)
	return path
}
