package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
)

const head = "gateway: {namespace: a.example.org, contact: a@example.org}\n"

// A national aggregator: two thousand sources of one group, fifty to a file.
func TestManySources(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "sheaf.yaml", head+"include: sources.d/*.yaml\ngroups: {g: {kind: oai, formats: [mods, oai_dc]}}\n")
	var want []string
	for i := range 40 {
		var b strings.Builder
		for j := range 50 {
			name := fmt.Sprintf("s%02d-%02d", i, j)
			want = append(want, name)
			fmt.Fprintf(&b, "%s: {group: g, from: https://%s.example.org/oai}\n", name, name)
		}
		write(t, fmt.Sprintf("sources.d/%02d.yaml", i), b.String())
	}
	c := load(t, "sheaf.yaml")
	if !slices.Equal(c.Names(), want) || len(c.Sources) != len(want) {
		t.Errorf("%d sources, the first %q; want %d in the order of the files", len(c.Sources), c.Names()[0], len(want))
	}
	for _, name := range want {
		s := c.Sources[name]
		if s.Kind != "oai" || len(s.Settings.(*kinds.OAI).Formats) != 2 || s.From[0] != "https://"+name+".example.org/oai" {
			t.Fatalf("%s: %+v", name, s)
		}
	}
}

func TestTooManyFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "sheaf.yaml", head+"include: d/*.yaml\n")
	for i := range 1001 {
		write(t, fmt.Sprintf("d/%04d.yaml", i), "")
	}
	problems := config.Check("sheaf.yaml", options)
	if len(problems) == 0 || !strings.Contains(problems[0].String(), "sheaf.yaml:2:10: include: is more than 1000 files or 16MiB together; d/0999.yaml and what follows is not read") {
		t.Errorf("problems: %v", problems)
	}
}

func TestDeepIncludes(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "sheaf.yaml", head+"include: 1.yaml\n")
	for i := range 20 {
		write(t, fmt.Sprintf("%d.yaml", i+1), fmt.Sprintf("include: %d.yaml\n", i+2))
	}
	equal(t, "problems", config.Check("sheaf.yaml", options).Error(),
		"8.yaml:1:1: include: goes deeper than 8 files; include them from the first file")
}

// A group that is wrong a thousand times over costs its sources nothing, and is told.
func TestHugeGroup(t *testing.T) {
	var b strings.Builder
	b.WriteString(head + "groups:\n  g:\n    kind: oai\n    context:\n")
	for i := range 4000 {
		fmt.Fprintf(&b, "      t%d: x\n", i)
	}
	b.WriteString("sources:\n")
	for i := range 4000 {
		fmt.Fprintf(&b, "  s%d: {group: g, from: https://example.org}\n", i)
	}
	_, err := config.Parse("sheaf.yaml", []byte(b.String()), config.Options{Kinds: options.Kinds})
	if err == nil {
		t.Fatal("accepted")
	}
	equal(t, "problem", err.Error(), "sheaf.yaml:6:7: groups.g.context: has more than 100 keys")
}
