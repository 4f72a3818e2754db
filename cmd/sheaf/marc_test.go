package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// marcFile is a file of records in ISO 2709: pairs of an identifier and a title. One without a title is deleted.
func marcFile(t *testing.T, pairs ...string) string {
	t.Helper()
	var out []byte
	for i := 0; i < len(pairs); i += 2 {
		rec := marc.Record{Leader: "00000nam a2200000 a 4500", Fields: []marc.Field{{Tag: "001", Data: pairs[i]}, {Tag: "003", Data: "Lib"},
			{Tag: "245", Ind1: '0', Ind2: '0', Subfields: []marc.Subfield{{Code: 'a', Text: pairs[i+1]}}}}}
		if pairs[i+1] == "" {
			rec.Leader = "00000dam a2200000 a 4500"
			rec.Fields = rec.Fields[:2]
		}
		var err error
		if out, err = rec.AppendISO2709(out); err != nil {
			t.Fatal(err)
		}
	}
	return string(out)
}

// TestMARC: a librarian brings an export: the probe knows it, what it proposes works, and the next export is told from
// the one before.
func TestMARC(t *testing.T) {
	dir := folder(t, map[string]string{"export/1.mrc": marcFile(t, "1", "A letter", "2", "Two letters", "3", "Three letters") + "broken\x1e\x1d"})
	for _, place := range []string{"export", "export/1.mrc"} {
		p := want(t, exitDone, "probe", place)
		holds(t, "the proposal", p.stdout, "(ISO 2709) with 3 records", "A letter", "1 record or file can't be used", "kind: marc", filepath.Join(dir, "export"))
		if err := os.WriteFile("sheaf.yaml", []byte(p.stdout), 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, exitDone, "config", "check")
		if err := os.Remove("sheaf.yaml"); err != nil { // a proposal beside a configuration is only a part of one
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("sheaf.yaml", []byte("gateway: {namespace: gw.example.org, contact: a@example.org}\nsources:\n  cat: {kind: marc, from: export}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, "what would come", want(t, exitDone, "harvest", "cat", "--dry-run", "--limit", "2").stdout, "oai:gw.example.org:cat/(Lib)1", "A letter")
	holds(t, "the harvest", want(t, exitLook, "harvest", "cat").stdout, "cat: complete: 3 new, 0 changed, 0 deleted, 0 unchanged, 1 rejected")
	holds(t, "the harvest again", want(t, exitDone, "harvest", "cat").stdout, "0 new, 0 changed, 0 deleted, 0 unchanged, 0 rejected")
	if err := os.WriteFile("export/2.mrc", []byte(marcFile(t, "2", "Two other letters", "1", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, "an update", want(t, exitDone, "harvest", "cat").stdout, "cat: complete: 0 new, 1 changed, 1 deleted, 0 unchanged, 0 rejected")
	holds(t, "a record", want(t, exitDone, "map", "cat", "--id", "oai:gw.example.org:cat/(Lib)2").stdout, "Two other letters", "245")
	holds(t, "a file", want(t, exitDone, "map", "cat", "export/2.mrc").stdout, "Two other letters")
}

// TestMARCOnServer: a file at a URL is known too, compressed as well.
func TestMARCOnServer(t *testing.T) {
	folder(t, nil)
	site := serving(t, "application/octet-stream", marcFile(t, "1", "A letter", "2", "Two letters"))
	p := want(t, exitDone, "probe", site+"/export.mrc")
	holds(t, "the proposal", p.stdout, "A MARC file (ISO 2709) with 2 records: "+site)
	works(t, p.stdout, 2)
}

// TestCompleteMARC: an export of everything that has far less than the one before is not believed until a person says so.
func TestCompleteMARC(t *testing.T) {
	var many []string
	for n := range 30 {
		many = append(many, strconv.Itoa(n), "A letter")
	}
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: gw.example.org, contact: a@example.org}\nsources:\n  cat: {kind: marc, from: export.mrc, complete: true, key: \"001\"}\n",
		"export.mrc": marcFile(t, many...),
	})
	holds(t, "the harvest", want(t, exitDone, "harvest", "cat").stdout, "30 new")
	if err := os.WriteFile("export.mrc", []byte(marcFile(t, many[:6]...)), 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, "a small export", want(t, exitLook, "harvest", "cat").stdout, "incomplete", "of the 30 records that the source had, only 3 came again")
	holds(t, "the next harvest", want(t, exitLook, "harvest", "cat").stdout, "incomplete")
	holds(t, "a person's word", want(t, exitDone, "harvest", "cat", "--accept").stdout, "complete: 0 new, 0 changed, 0 deleted, 3 unchanged")
	holds(t, "what is absent stays", want(t, exitDone, "export").stdout, "oai:gw.example.org:cat/29")
}

// TestItemWithoutIdentifierProvesNothing: an export of everything in which one record has no identifier does not show which
// records are gone: that is said by the harvest, by the status, and by the list of runs, until the record has one.
func TestItemWithoutIdentifierProvesNothing(t *testing.T) {
	const head = "id,title\n1,One\n2,Two\n3,Three\n4,Four\n5,Five\n"
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: gw.example.org, contact: a@example.org}\nevents: {kind: none}\nsources:\n  box: {kind: files, from: box.csv, key: id, mapping: box.map, complete: true, absent: {delete_after: 1}}\n",
		"box.csv":    head, "box.map": "format csv\ntitle from title\n",
	})
	holds(t, "the harvest", want(t, exitDone, "harvest", "box").stdout, "5 new")
	rewrite(t, "box.csv", strings.Replace(head, "5,Five\n", ",Nameless\n", 1))
	const why = "nothing shows which records are gone"
	r := want(t, exitLook, "harvest", "box")
	holds(t, "a nameless record", r.stdout, "0 deleted", "1 rejected", why, "absent: deletes nothing")
	holds(t, "the status", want(t, exitLook, "status").stdout, why, "absent: deletes nothing")
	holds(t, "the runs", want(t, exitDone, "runs", "box").stdout, "absent: deletes nothing")
	rewrite(t, "box.csv", strings.Replace(head, "5,Five\n", "", 1))
	r = want(t, exitDone, "harvest", "box")
	holds(t, "without it", r.stdout, "1 deleted")
	if strings.Contains(r.stdout, "absent:") {
		t.Errorf("it is still said that nothing is proven:\n%s", r.stdout)
	}
}

// TestUNIMARC: MARCXML of UNIMARC has the namespace of MARC 21, and is mapped by its own rules all the same.
func TestUNIMARC(t *testing.T) {
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: gw.example.org, contact: a@example.org}\nsources:\n  cat: {kind: marc, from: \"*.xml\"}\n",
		"export.xml": `<collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader>00000cam0 2200000   450 </leader><controlfield tag="001">17</controlfield>` +
			`<datafield tag="100" ind1=" " ind2=" "><subfield code="a">20190315d2019    m  y0frey50      ba</subfield></datafield>` +
			`<datafield tag="200" ind1="1" ind2=" "><subfield code="a">Le palais</subfield><subfield code="f">Ismail Kadaré</subfield></datafield>` +
			`<datafield tag="210" ind1=" " ind2=" "><subfield code="a">Paris</subfield><subfield code="c">Gallimard</subfield></datafield></record></collection>`,
	})
	holds(t, "the probe", want(t, exitDone, "probe", "export.xml").stdout, "A MARC file (MARCXML) with 1 record:", "UNIMARC      1 record", "Le palais")
	holds(t, "the harvest", want(t, exitDone, "harvest", "cat").stdout, "1 new", "0 rejected")
	for _, r := range []result{want(t, exitDone, "map", "cat"), want(t, exitDone, "map", "cat", "export.xml")} {
		holds(t, "the mapping", r.stdout, "format unimarc", "title  Le palais", "publisher  Gallimard", "issued  2019")
	}
}

// TestMARCInAnotherEncoding: a librarian's export calls itself Unicode and is Latin-1. Without a word of that its records go
// to quarantine, with the remedy; the probe proposes it, and with it they come through.
func TestMARCInAnotherEncoding(t *testing.T) {
	latin1 := strings.NewReplacer("Caf#", "Caf\xe9", "#t#", "\xe9t\xe9")
	const config = "gateway: {namespace: gw.example.org, contact: a@example.org}\nsources:\n  cat: {kind: marc, from: a.mrc%s}\n"
	folder(t, map[string]string{
		"sheaf.yaml": strings.Replace(config, "%s", "", 1),
		"a.mrc":      latin1.Replace(marcFile(t, "1", "Caf# de l'#t#", "2", "Plain")),
	})
	holds(t, "the harvest", want(t, exitLook, "harvest", "cat").stdout, "1 new", "1 rejected")
	holds(t, "the reason", want(t, exitLook, "quarantine", "list").stdout, "another encoding than UTF-8", "encoding: says which")
	holds(t, "the proposal", want(t, exitDone, "probe", "a.mrc").stdout, "with 2 records", "windows-1252", "Café", "encoding: windows-1252")
	if err := os.WriteFile("sheaf.yaml", []byte(strings.Replace(config, "%s", ", encoding: windows-1252", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, "the harvest with it", want(t, exitDone, "harvest", "cat").stdout, "1 new", "1 unchanged, 0 rejected")
	holds(t, "the record", want(t, exitDone, "show", "oai:gw.example.org:cat/(Lib)1").stdout, "Café de l'été")
	holds(t, "the quarantine", want(t, exitDone, "quarantine", "list").stdout, "Nothing")
}
