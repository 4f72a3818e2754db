package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// An archivist brings a finding aid: the probe knows it, what it proposes works, and the dry run, the map and the harvest
// say the same of it.
func TestFindingAid(t *testing.T) {
	dir := folder(t, map[string]string{"7.xml": strings.Replace(findingAid, "<unittitle>A chart</unittitle>", "<unitid>9</unitid><unittitle>A chart</unittitle>", 1)})
	p := want(t, exitDone, "probe", "7.xml").stdout
	holds(t, "the proposal", p, "A finding aid in EAD with 4 records", "kind: files", "components: all", dir)
	config, _, _ := strings.Cut(p, "sources:")
	if !strings.Contains(config, "namespace") {
		t.Fatalf("no gateway in the proposal:\n%s", p)
	}
	if err := os.WriteFile("sheaf.yaml", []byte("gateway: {namespace: gw.example.org, contact: a@example.org}\nevents: {kind: none}\nsources:\n  aids: {kind: files, from: 7.xml, components: all}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dry := want(t, exitDone, "harvest", "aids", "--dry-run").stdout
	holds(t, "the dry run", dry, "oai:gw.example.org:aids/7\n", "oai:gw.example.org:aids/7/s1\n", "oai:gw.example.org:aids/7/9\n", "isPartOf", "bibliographicCitation F 7 / 9")
	lines := strings.Split(strings.TrimSpace(want(t, exitDone, "map", "aids", "7.xml", "--json", "--limit", "100").stdout), "\n")
	var titles, shown []string
	for _, line := range lines {
		var one mapped
		if err := json.Unmarshal([]byte(line), &one); err != nil || one.Error != "" {
			t.Fatalf("%v: %s", err, line)
		}
		for _, v := range one.Values {
			if v.Term.String() == "title" {
				titles = append(titles, v.Value)
			}
		}
	}
	for line := range strings.Lines(dry) {
		if title, is := strings.CutPrefix(line, "  title "); is {
			shown = append(shown, strings.TrimSpace(title))
		}
	}
	if len(titles) != 4 || !slices.Equal(titles, shown) {
		t.Errorf("the map shows %q, the dry run %q", titles, shown)
	}
	holds(t, "the harvest", want(t, exitDone, "harvest", "aids").stdout, "4 new, 0 changed")
	holds(t, "a component", want(t, exitDone, "map", "aids", "--id", "oai:gw.example.org:aids/7/9").stdout, "A chart", "Papers of a harbour")
}
