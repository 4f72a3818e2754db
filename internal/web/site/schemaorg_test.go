package site

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// What pages say as linked data is held to schema.org's own vocabulary, which schema-dts has as types: a property that a type
// does not have, or a value that a property does not take, is an error of TypeScript. Both come from npm (npm ci in
// schemaorg).
func TestLinkedData(t *testing.T) {
	if testing.Short() {
		t.Skip("TypeScript reads the whole vocabulary twice")
	}
	compiler, vocabulary := filepath.Join("schemaorg", "node_modules", "typescript", "bin", "tsc"), filepath.Join("schemaorg", "node_modules", "schema-dts", "dist", "schema.d.ts")
	for _, file := range []string{compiler, vocabulary} {
		if _, err := os.Stat(file); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	vocabulary, err := filepath.Abs(strings.TrimSuffix(vocabulary, ".d.ts"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, data ...string) (complaints string) {
		t.Helper()
		var b strings.Builder
		fmt.Fprintf(&b, "import type * as schema from %q;\n", vocabulary)
		for i, d := range data {
			var is struct {
				Type string `json:"@type"`
			}
			if err := json.Unmarshal([]byte(d), &is); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "export const r%d: schema.WithContext<schema.%sLeaf> = %s;\n", i, is.Type, spaced(d))
		}
		file := filepath.Join(t.TempDir(), "pages.ts")
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "node", compiler, "--noEmit", "--strict", "--skipLibCheck", file).CombinedOutput()
		if err != nil && len(out) == 0 {
			t.Fatal(err)
		}
		return string(out)
	}

	m := &memory{epoch: 1}
	for i, kind := range append([]string{"", "Text", "PhysicalObject"}, slices.Sorted(maps.Keys(schemaTypes))...) {
		dc := titled("A record")
		for _, term := range dublincore.Terms() { // several each, since two values are a list
			for _, text := range []string{"A value", "Another, value", "https://creativecommons.org/licenses/by/4.0/"} {
				if term != dublincore.Type && term != dublincore.Created {
					dc.Add(dublincore.Value{Term: term, Text: text, Lang: "sq"})
				}
			}
		}
		dc.AddText(dublincore.Created, []string{"1957-04-07", "1957-04", "1957/1961", "1957-04~", "-0043"}[i%5])
		dc.AddText(dublincore.Type, kind)
		m.add(t, "all", fmt.Sprint(i), dc)
	}
	m.add(t, "all", "little", titled("Nothing else"))
	h := New(newSite(m).Options)
	var data []string
	for i := range m.records {
		data = append(data, see(t, h, recordPath(namespace, m.records[i].Identifier), 200).Find("script").Text())
	}
	collections := boxes(t)
	for _, path := range []string{"/sources/new", "/sets/old:box"} {
		data = append(data, see(t, collections, path, 200).Find("script").Text())
	}
	for _, want := range []string{`"dateCreated":"1957-04-07"`, `"dateCreated":"1957-04"`, `"creator":["A value",{"@type":"Person","familyName":"Another","givenName":"value"`} {
		if !strings.Contains(strings.Join(data[:2], ""), want) {
			t.Errorf("%s is missing in %s", want, data[:2])
		}
	}
	if complaints := check(t, data...); complaints != "" {
		t.Errorf("linked data against the vocabulary of schema.org:\n%.3000s\n%s", complaints, data[0])
	}
	// The check itself finds what is wrong.
	wrong := []string{
		`{"@context": "https://schema.org", "@type": "CreativeWork", "titel": "x"}`, `{"@context": "https://schema.org", "@type": "Document", "name": "x"}`,
		`{"@context": "https://schema.org", "@type": "CreativeWork", "creator": [{"@type": "Place", "name": "x"}]}`,
	}
	complaints := check(t, wrong...)
	for i, w := range wrong {
		if !strings.Contains(complaints, fmt.Sprintf("pages.ts(%d,", i+2)) { // behind the import
			t.Errorf("the check takes %s: %.2000s", w, complaints)
		}
	}
}
