package main

import (
	"strings"
	"testing"
)

// What people do with commands is written down, with who and why, and a restored backup takes nothing of it back. What
// nobody needs to answer for is not.
func TestAudit(t *testing.T) {
	const first, second = "oai:test.example.org:box/1", "oai:test.example.org:box/2"
	folder(t, map[string]string{
		"box.csv": "id,title\n1,one\n2,two\n3,three\n", "box.map": "format csv\ntitle from title\n",
		"sheaf.yaml": "gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\nevents: {kind: none}\nsources: {box: {kind: files, from: box.csv, key: id, mapping: box.map}}\n",
	})
	holds(t, "nothing yet", want(t, exitDone, "audit").stdout, "Nobody has done anything")
	want(t, exitDone, "harvest", "box")
	want(t, exitDone, "backup", "monday.db")
	want(t, exitDone, "pause", "box", "--reason", "they move house", "--by", "ada")
	want(t, exitDone, "resume", "box")
	want(t, exitDone, "harvest", "box", "--full")
	want(t, exitDone, "withdraw", second, "--reason", "rights")
	want(t, exitDone, "restore-record", second)
	want(t, exitDone, "takedown", first, "--reason", "names a person", "--by", "ada")
	want(t, exitDone, "remap", "box", "--apply")
	want(t, exitDone, "restore", "monday.db")
	list := want(t, exitDone, "audit").stdout
	var got []string
	for line := range strings.Lines(want(t, exitDone, "audit", "--json").stdout) {
		_, rest, _ := strings.Cut(line, `"what":"`)
		what, _, _ := strings.Cut(rest, `"`)
		got = append(got, what)
	}
	if text := strings.Join(got, " "); text != "restore remap takedown readmit withdraw harvest resume pause backup" {
		t.Errorf("%s\n%s", text, list)
	}
	holds(t, "the list", list, "ada", "they move house", "names a person", first, "monday.db", "command", whoami(), "full")
	if one := want(t, exitDone, "audit", "--limit", "1").stdout; strings.Count(one, "\n") != 2 || !strings.Contains(one, "restore") {
		t.Errorf("the last one: %s", one)
	}
	holds(t, "none", want(t, exitUsage, "audit", "--limit", "0").stderr, "at least one")
}
