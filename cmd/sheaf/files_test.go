package main

import (
	"archive/zip"
	"bytes"
	"os"
	"strings"
	"testing"
)

// What sheaf probe proposes for a file works: the configuration is good, a harvest brings every record, and
// sheaf map shows what becomes of the file.
func TestFilesFromProbeToHarvest(t *testing.T) {
	sheet := func() string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for name, content := range map[string]string{
			"xl/workbook.xml":            `<workbook xmlns:r="urn:r"><sheets><sheet name="Liste" sheetId="1" r:id="rId1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c t="str"><v>Signatur</v></c><c t="str"><v>Titel</v></c></row>` +
				`<row><c><v>1</v></c><c t="str"><v>Brief</v></c></row><row><c><v>2</v></c><c t="str"><v>Karte</v></c></row></sheetData></worksheet>`,
		} {
			f, err := w.Create(name)
			if err == nil {
				_, err = f.Write([]byte(content))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for file, test := range map[string]struct {
		content, found, mapped string
		records                string
	}{
		"list.csv":    {"Call number;Main title;Author;Date;Subjects\nA 1;\"Letter to \"\"M\"\"\";\"Hoxha, E.; Shehu, M.\";April 1957;Albania\nA 2;Map;;1961;\n", "A CSV file with 5 columns and 2 rows", `title  Letter to "M"`, "2 new"},
		"sheet.xlsx":  {sheet(), "A spreadsheet with 2 columns and 2 rows", "title  Brief", "2 new"},
		"rows.jsonl":  {"{\"id\":1,\"title\":\"Brief\"}\n{\"id\":2,\"title\":\"Karte\"}\n{\"id\":3,\"title\":\"Foto\"}\n", "A file with an object of JSON a line with 3 records", "title  Brief", "3 new"},
		"export.json": {`{"export":{"rows":[{"id":"a","title":"Brief"},{"id":"b","title":"Karte"}]}}`, "A file in JSON with 2 records", "title  Brief", "2 new"},
		"mods.xml": {`<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods><titleInfo><title>Brief</title></titleInfo><recordInfo><recordIdentifier>1</recordIdentifier></recordInfo></mods><mods><titleInfo><title>Karte</title></titleInfo><recordInfo><recordIdentifier>2</recordIdentifier></recordInfo></mods></modsCollection>`,
			"A file in XML with 2 records", "title  Brief", "2 new"},
		"rows.xml": {`<export><row id="1"><title>Brief</title></row><row id="2"><title>Karte</title></row></export>`, "A file in XML with 2 records", "title  Brief", "2 new"},
	} {
		t.Run(file, func(t *testing.T) {
			folder(t, map[string]string{file: test.content})
			args := []string{"probe", file}
			if file != "mods.xml" { // it has a built-in mapping
				args = append(args, "--mapping", "own.map")
			}
			r := want(t, exitDone, args...)
			holds(t, "the proposal", r.stdout, test.found, "kind: files")
			config := strings.Replace(r.stdout, "change-me.example.org", "test.example.org", 1)
			if err := os.WriteFile("sheaf.yaml", []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			want(t, exitDone, "config", "check")
			_, name, _ := strings.Cut(config, "sources:\n  ")
			name, _, _ = strings.Cut(name, ":")
			holds(t, "the harvest", want(t, exitDone, "harvest", name).stdout, "complete: "+test.records, "0 rejected")
			holds(t, "the mapping", want(t, exitDone, "map", name, file).stdout, test.mapped)
			holds(t, "the harvest of nothing new", want(t, exitDone, "harvest", name).stdout, "0 new, 0 changed")
		})
	}
}
