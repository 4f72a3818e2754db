package main

import (
	"strings"
	"testing"
)

// What a person takes down or withdraws is handed on no more, and is listed; only what was withdrawn comes back.
func TestTakedownAndWithdrawal(t *testing.T) {
	const first, second = "oai:test.example.org:box/1", "oai:test.example.org:box/2"
	folder(t, map[string]string{
		"box.csv": "id,title\n1,SECRET\n2,HIDDEN\n3,open\n", "box.map": "format csv\ntitle from title\n",
		"sheaf.yaml": "gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\nevents: {kind: none}\nsources: {box: {kind: files, from: box.csv, key: id, mapping: box.map}}\n",
	})
	want(t, exitDone, "harvest", "box")
	holds(t, "nothing yet", want(t, exitDone, "takedown", "--list").stdout, "Nothing is kept out")
	holds(t, "without a reason", want(t, exitUsage, "takedown", first).stderr, "--reason")
	holds(t, "the takedown", want(t, exitDone, "takedown", first, "--reason", "names a person", "--by", "ada").stdout, first+" is taken down")
	holds(t, "the withdrawal", want(t, exitDone, "withdraw", second).stdout, "restore-record "+second)
	holds(t, "what nobody has", want(t, exitDone, "takedown", "oai:test.example.org:box/9", "--reason", "never").stdout, "is not in the log; it is kept out if it comes")
	for _, format := range []string{"ndjson", "oai_dc"} {
		if out := want(t, exitDone, "export", "--format", format).stdout; strings.Contains(out, "SECRET") || strings.Contains(out, "HIDDEN") || !strings.Contains(out, "open") {
			t.Errorf("%s: %s", format, out)
		}
	}
	holds(t, "the list", want(t, exitDone, "takedown", "--list").stdout, first, "takedown", "ada", "names a person", second, "withdrawn")
	holds(t, "the list in JSON", want(t, exitDone, "takedown", "--list", "--json").stdout, `"how":"withdrawn"`, `"upstream":"1"`)
	holds(t, "for good", want(t, exitFailed, "restore-record", first).stderr, "not withdrawn")
	holds(t, "what nobody has", want(t, exitFailed, "restore-record", "oai:test.example.org:box/7").stderr, "there is no record")
	holds(t, "it comes back", want(t, exitDone, "restore-record", second).stdout, second+" is served again")
	holds(t, "the harvest", want(t, exitDone, "harvest", "box", "--full").stdout, "0 new, 0 changed", "1 kept out")
	if src := status(t).Sources[0]; src.Records != 2 || src.Deleted != 1 {
		t.Errorf("%+v", src)
	}
}
