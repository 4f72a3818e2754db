package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const mapConfig = `gateway: {name: Test, namespace: test.example.org, contact: test@example.org}
data: data
sources:
  rows: {kind: listing, from: rows.txt, canonical: rows, mapping: ours.map, corrections: fixes.csv, context: {publisher: Harbour Archive}}
`

const rowsText = `1 - 3 of 3

March 3, 1921

Letter on the Closing of the Old Mole

The timber is rotten.

April 1921

Minutes of the Board

The board hears the report.

June 14, 1921

港の記録 Records of the Port

Soundings in fathoms, taken in the summer.
`

func mapFolder(t *testing.T) {
	t.Helper()
	t.Setenv("COLUMNS", "100")
	folder(t, map[string]string{
		"sheaf.yaml": mapConfig, "rows.txt": rowsText, "ours.map": "include listing.map\n",
		"fixes.csv": "identifier,term,old value,new value,who,why\n",
	})
	want(t, exitDone, "harvest", "rows")
}

func rewrite(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
}

// changing are parts of an output that differ from run to run, or with each revision of the built-in rules.
var changing = regexp.MustCompile(`rules [0-9a-f]{16}| in [0-9.]+m?s|measured [-0-9: Z]+;`)

func stable(s string) []byte {
	return []byte(changing.ReplaceAllStringFunc(s, func(m string) string {
		word, _, _ := strings.Cut(strings.TrimSpace(m), " ")
		return map[bool]string{true: " ", false: ""}[m[0] == ' '] + word + " …"
	}))
}

// What a metadata person does: look at an original, change the rules and the corrections, see what would
// change, apply it, look again.
func TestMapAndRemap(t *testing.T) {
	file, err := filepath.Abs("testdata/remap.txtar")
	if err != nil {
		t.Fatal(err)
	}
	mapFolder(t)
	var archive txtar.Archive
	step := func(code int, args ...string) {
		t.Helper()
		r := want(t, code, args...)
		archive.Files = append(archive.Files, txtar.File{Name: "sheaf " + strings.Join(args, " "), Data: stable(r.stdout)})
	}
	step(exitDone, "map", "rows", "--limit", "3")
	id := records(t, want(t, exitDone, "export").stdout)[0].Identifier
	rewrite(t, "ours.map", "include listing.map\nreplace landing is \"https://archive.example.org/\" | url\n")
	rewrite(t, "fixes.csv", "identifier,term,old value,new value,who,why\n"+
		id+",title,Letter on the Closing of the Old Mole,Letter on the Old Mole,ann,short\n"+id+",subject,Ships,Boats,ann,\n")
	step(exitDone, "remap", "rows")
	step(exitDone, "remap", "rows", "--apply", "--rate", "0")
	step(exitDone, "remap", "rows")
	step(exitDone, "map", "rows", "--id", id)
	rewrite(t, "ours.map", "format mods\ntitle from titleInfo/title\n")
	step(exitLook, "remap", "rows")
	step(exitLook, "map", "rows")
	golden(t, file, string(txtar.Format(&archive)))
}

// Rules that can't read a source put its items into quarantine, where a remap with better rules doesn't look:
// it says so, and what brings them.
func TestRemapTellsOfQuarantine(t *testing.T) {
	const told = "not looked at: 3 items in quarantine; sheaf quarantine retry --source rows tries them by the rules"
	folder(t, map[string]string{
		"sheaf.yaml": mapConfig, "rows.txt": rowsText, "ours.map": "include mods.map\n",
		"fixes.csv": "identifier,term,old value,new value,who,why\n",
	})
	want(t, exitLook, "harvest", "rows")
	rewrite(t, "ours.map", "include listing.map\n")
	holds(t, "a remap", want(t, exitDone, "remap", "rows", "--apply").stdout, told)
	holds(t, "for programs", want(t, exitDone, "remap", "rows", "--json").stdout, `"quarantined": 3`)
	want(t, exitDone, "quarantine", "retry", "--source", "rows")
	if r := want(t, exitDone, "remap", "rows", "--apply"); strings.Contains(r.stdout, "quarantine") {
		t.Errorf("after they were tried again: %s", r.stdout)
	}
}

// What a librarian does: write a rule for a set, see what would come into it, let it happen, over all sources.
func TestSetsCommands(t *testing.T) {
	file, err := filepath.Abs("testdata/sets.txtar")
	if err != nil {
		t.Fatal(err)
	}
	mapFolder(t)
	var archive txtar.Archive
	step := func(code int, args ...string) {
		t.Helper()
		r := want(t, code, args...)
		archive.Files = append(archive.Files, txtar.File{Name: "sheaf " + strings.Join(args, " "), Data: append(stable(r.stdout), stable(r.stderr)...)})
	}
	const second = "  more: {kind: listing, from: rows.txt, canonical: more}\n"
	rewrite(t, "sheaf.yaml", mapConfig+second+"sets:\n  board:\n    where: titel has board and created befor 1950\n")
	step(exitUsage, "config", "check")
	rewrite(t, "sheaf.yaml", mapConfig+second+"sets:\n  board:\n    where: title has board and created before 1950\n")
	step(exitDone, "config", "check")
	step(exitDone, "harvest", "more", "--dry-run")
	step(exitDone, "harvest", "more")
	step(exitDone, "remap", "rows", "more")
	step(exitDone, "remap", "--all", "--apply")
	rewrite(t, "sheaf.yaml", mapConfig+second)
	step(exitDone, "remap", "--all")
	golden(t, file, string(txtar.Format(&archive)))

	var reports []pipeline.RemapReport
	for d := json.NewDecoder(strings.NewReader(want(t, exitDone, "remap", "--all", "--json").stdout)); d.More(); {
		var r pipeline.RemapReport
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		reports = append(reports, r)
	}
	if len(reports) != 2 || reports[0].Source != "rows" || reports[1].Source != "more" || reports[1].Sets[0].Leave != 1 {
		t.Errorf("%+v", reports)
	}
}

func TestMapJSON(t *testing.T) {
	mapFolder(t)
	rewrite(t, "one.json", `{"date":"May 1922","title":"A Plan","link":"https://archive.example.org/9"}`)
	var e rules.Explained
	if err := json.Unmarshal([]byte(want(t, exitDone, "map", "rows", "one.json", "--json").stdout), &e); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, v := range e.Values {
		if v.Term.String() == "created" {
			found = true
			if v.Value != "1922-05" || len(v.Rules) != 1 || v.Rules[0].Line == 0 || v.Rules[0].Field != "date" || v.Rules[0].Input != "May 1922" {
				t.Errorf("%+v", v)
			}
		}
	}
	if !found || e.Error != "" {
		t.Errorf("%+v", e)
	}
	var report pipeline.RemapReport
	if err := json.Unmarshal([]byte(want(t, exitDone, "remap", "rows", "--json").stdout), &report); err != nil || report.Already != 3 {
		t.Errorf("%+v, %v", report, err)
	}
}

const findingAid = `<ead><eadheader><eadid>7</eadid></eadheader>
<archdesc level="fonds"><did><unittitle>Papers of a harbour master</unittitle><unitid>F 7</unitid>
<origination><persname>Meier, Jens</persname></origination><repository><corpname>Harbour Archive</corpname></repository></did>
<accessrestrict><p>Closed until 2030.</p></accessrestrict>
<dsc><c01 id="s1" level="series"><did><unittitle>Letters</unittitle></did>
<c02 level="file"><did><unittitle>Of 1921</unittitle><unitdate>1921 March 3-April 5</unitdate></did></c02></c01>
<c01 level="item"><did><unittitle>A chart</unittitle></did></c01></dsc></archdesc></ead>
`

// Of a finding aid, the components are shown with what they inherit.
func TestMapFindingAid(t *testing.T) {
	file, err := filepath.Abs("testdata/mapead.txtar")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("COLUMNS", "100")
	config, _, _ := strings.Cut(mapConfig, "  rows:")
	folder(t, map[string]string{"sheaf.yaml": config + "  papers: {kind: oai, from: 'https://archive.example.org/oai', formats: [ead], mapping: ead}\n", "7.xml": findingAid})
	var archive txtar.Archive
	for _, args := range [][]string{{"map", "papers", "7.xml"}, {"map", "papers", "7.xml", "--limit", "1"}} {
		r := want(t, exitDone, args...)
		archive.Files = append(archive.Files, txtar.File{Name: "sheaf " + strings.Join(args, " "), Data: stable(r.stdout)})
	}
	golden(t, file, string(txtar.Format(&archive)))
	lines := strings.Split(strings.TrimSpace(want(t, exitDone, "map", "papers", "7.xml", "--json").stdout), "\n")
	var last mapped
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || len(lines) != 4 || last.Component != "2 (item)" || last.Error != "" {
		t.Errorf("%d lines, the last %+v, %v", len(lines), last, err)
	}
}

func TestMapMistakes(t *testing.T) {
	mapFolder(t)
	for _, test := range []struct {
		code int
		says string
		args []string
	}{
		{exitUsage, `no source "nobody"`, []string{"map", "nobody"}},
		{exitUsage, `no source "nobody"`, []string{"remap", "nobody"}},
		{exitUsage, `no source "nobody"`, []string{"remap", "rows", "nobody"}},
		{exitUsage, "which source? Name one or several", []string{"remap"}},
		{exitUsage, "leave the names away", []string{"remap", "rows", "--all"}},
		{exitUsage, `no source "nobody"`, []string{"quality", "nobody"}},
		{exitUsage, "from 1 to 100", []string{"map", "rows", "--limit", "101"}},
		{exitUsage, "not both", []string{"map", "rows", "rows.txt", "--id", "x"}},
		{exitUsage, "--rate -1", []string{"remap", "rows", "--rate=-1"}},
		{exitFailed, "there is no record x", []string{"map", "rows", "--id", "x"}},
		{exitFailed, "no such file", []string{"map", "rows", "nothing.xml"}},
		{exitFailed, "write nowhere/q.html", []string{"quality", "rows", "--html", "nowhere/q.html"}},
	} {
		if r := sheaf(t, test.args...); r.code != test.code || !strings.Contains(r.stderr, test.says) {
			t.Errorf("sheaf %v: exit status %d, %q; want %d, %q", test.args, r.code, r.stderr, test.code, test.says)
		}
	}
	rewrite(t, "ours.map", "include listing.map\ntitel from title\n")
	if r := sheaf(t, "remap", "rows"); r.code != exitUsage || !strings.Contains(r.stderr, "ours.map:2") {
		t.Errorf("rules with a mistake: %+v", r)
	}
	rewrite(t, "ours.map", "include listing.map\n")
	rewrite(t, "fixes.csv", "identifier,term,old,new,who\n")
	if r := sheaf(t, "remap", "rows"); r.code != exitUsage || !strings.Contains(r.stderr, `fixes.csv:1: the column "why" is missing`) {
		t.Errorf("corrections without a column: %+v", r)
	}
}

func TestQuality(t *testing.T) {
	mapFolder(t)
	holds(t, "the report", want(t, exitDone, "quality", "rows").stdout, "3 records", "title", "PROBLEMS")
	holds(t, "what is said of the page", want(t, exitDone, "quality", "rows", "--html", "q.html").stdout, "3 records measured", "q.html")
	page, err := os.ReadFile("q.html")
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "the page", string(page), "<html", "Quality of rows")
	var q quality.Survey
	if err := json.Unmarshal([]byte(want(t, exitDone, "quality", "rows", "--json").stdout), &q); err != nil || q.Report.Records != 3 || len(q.Rules) != 1 {
		t.Errorf("%+v, %v", q, err)
	}
	rewrite(t, "ours.map", "include listing.map\ndrop title\n")
	rewrite(t, "rows.txt", strings.ReplaceAll(rowsText, "Minutes of the Board", "Minutes of a Board"))
	want(t, exitDone, "harvest", "rows")
	two := want(t, exitDone, "quality", "rows").stdout
	var q2 quality.Survey
	if err := json.Unmarshal([]byte(want(t, exitDone, "quality", "rows", "--json").stdout), &q2); err != nil || len(q2.Rules) != 2 || !q2.Rules[0].Present || q2.Rules[0].Records != 1 {
		t.Errorf("two versions: %+v, %v", q2.Rules, err)
	}
	holds(t, "the report on the earlier one", want(t, exitDone, "quality", "rows", "--rules", q.Rules[0].Version[:8]).stdout, "3 records", q.Rules[0].Version)
	holds(t, "what is said of none", want(t, exitUsage, "quality", "rows", "--rules", "nothing").stderr, q.Rules[0].Version)
	holds(t, "the report on two versions", two, "rules: 2 versions", "BY VERSION OF THE RULES", "(now)", "ALL TOGETHER")
}

func TestWrap(t *testing.T) {
	for _, line := range []string{"", "short", "  indented words that go on and on", "港の記録港の記録港の記録", "onewordthatismuchtoolongforit", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301"} {
		for columns := 2; columns < 40; columns++ {
			parts := wrap(line, columns)
			for i, p := range parts {
				if cells(p) > columns {
					t.Errorf("%q in %d columns: part %d, %q, has %d", line, columns, i, p, cells(p))
				}
			}
			if got, want := strings.Join(strings.Fields(strings.Join(parts, "")), ""), strings.Join(strings.Fields(line), ""); got != want {
				t.Errorf("%q in %d columns came to %q", line, columns, parts)
			}
		}
	}
}

// What people have in a file is rather a page than an original: its items are shown.
func TestMapPage(t *testing.T) {
	mapFolder(t)
	explained := func(code int, args ...string) (all []rules.Explained) {
		t.Helper()
		for line := range strings.Lines(want(t, code, append([]string{"map"}, args...)...).stdout) {
			var e rules.Explained
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		return all
	}
	if all := explained(exitDone, "rows", "rows.txt", "--limit", "2", "--json"); len(all) != 2 || all[1].Error != "" || len(all[1].Values) == 0 {
		t.Errorf("a page of results: %+v", all)
	}
	rewrite(t, "nothing.txt", "no page at all\n")
	if all := explained(exitLook, "rows", "nothing.txt", "--json"); len(all) != 1 || !strings.Contains(all[0].Error, "empty_page") {
		t.Errorf("no page: %+v", all)
	}
	rewrite(t, "sheaf.yaml", "gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\nsources:\n  repo: {kind: oai, from: 'https://repository.example.org/oai'}\n")
	const dc = `<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>One</dc:title></oai_dc:dc></metadata>`
	const record = `<record><header><identifier>oai:a:1</identifier><datestamp>2020-01-01</datestamp></header>` + dc + `</record>`
	rewrite(t, "response.xml", `<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2020-01-01T00:00:00Z</responseDate><request>https://repository.example.org/oai</request><ListRecords>`+
		`<record><header status="deleted"><identifier>oai:a:0</identifier><datestamp>2020-01-01</datestamp></header></record>`+record+record+`</ListRecords></OAI-PMH>`)
	all := explained(exitDone, "repo", "response.xml", "--json", "--limit", "5")
	if len(all) != 2 || all[0].Identifier != "oai:a:1" || all[0].Error != "" || len(all[0].Values) != 1 || all[0].Values[0].Value != "One" {
		t.Errorf("a response: %+v", all)
	}
	rewrite(t, "none.xml", `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="noRecordsMatch"/></OAI-PMH>`)
	if r := sheaf(t, "map", "repo", "none.xml"); r.code != exitFailed || !strings.Contains(r.stderr, "no item") {
		t.Errorf("a response without records: %+v", r)
	}
}
