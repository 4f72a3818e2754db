package main

import (
	"strings"
	"testing"
)

const collectionSources = `gateway: {namespace: gw.example.org, contact: a@example.org, url: 'https://gw.example.org'}
sources:
  repository: {kind: oai, from: 'http://127.0.0.1:9/oai'}
  catalogue: {kind: marc, from: 'marc.xml'}
  files: {kind: files, from: 'mods.xml', key: recordInfo/recordIdentifier}
`

// Every record of a collection is mapped, whichever kind of source the file is tried with; what is not shown is counted.
func TestMapCollection(t *testing.T) {
	mods := func(id, title string) string {
		return "<mods><titleInfo><title>" + title + "</title></titleInfo><recordInfo><recordIdentifier>" + id + "</recordIdentifier></recordInfo></mods>"
	}
	record := func(id, title string) string {
		return `<m:record><m:leader>00000nam a2200000 a 4500</m:leader><m:controlfield tag="001">` + id + `</m:controlfield><m:datafield tag="245" ind1="0" ind2="0"><m:subfield code="a">` + title + `</m:subfield></m:datafield></m:record>`
	}
	folder(t, map[string]string{
		"sheaf.yaml": collectionSources,
		"mods.xml":   `<?xml version="1.0"?><modsCollection xmlns="http://www.loc.gov/mods/v3">` + mods("1", "First") + mods("2", "Second") + mods("3", "Third") + `</modsCollection>`,
		"marc.xml":   `<m:collection xmlns:m="http://www.loc.gov/MARC21/slim">` + record("1", "First") + record("2", "Second") + record("3", "Third") + `</m:collection>`,
		"marc.mrc":   marcFile(t, "1", "First", "2", "Second", "3", "Third"),
	})
	for _, source := range []string{"repository", "catalogue", "files"} {
		for _, file := range []string{"mods.xml", "marc.xml", "marc.mrc"} {
			if source == "files" && file != "mods.xml" {
				continue // kind marc is for them, which the harvest says too
			}
			got := want(t, exitDone, "map", source, file, "--limit", "100").stdout
			holds(t, source+" "+file, got, "title  First", "title  Second", "title  Third")
			one := want(t, exitDone, "map", source, file).stdout
			holds(t, source+" "+file, one, "title  First", "2 more records; --limit shows up to 100.")
			if strings.Contains(one, "title  Second") {
				t.Errorf("%s %s: more than one record is shown:\n%s", source, file, one)
			}
		}
	}
}

// A file in another format than the mapping of the source reads is named, and where to give it.
func TestMapOtherFormat(t *testing.T) {
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: gw.example.org, contact: a@example.org}\nsources:\n  dc: {kind: oai, from: 'http://127.0.0.1:9/oai', formats: [oai_dc], mapping: oai_dc}\n",
		"marc.mrc":   marcFile(t, "1", "First"),
		"table.csv":  "id;note\n1;\"two\nlines\"\n",
	})
	got := want(t, exitLook, "map", "dc", "marc.mrc", "--json").stdout
	holds(t, "a file of MARC", got, "the file holds records in marc21, and the mapping of the source reads oai_dc; give it to a source whose mapping reads marc21 (sheaf probe FILE writes one)")
	holds(t, "a table", want(t, exitLook, "map", "dc", "table.csv", "--json").stdout, "the file is a table (CSV)")
}

// A dry run shows each value of the Dublin Core, with what the source wrote, and what was noticed.
func TestDryRunShowsEverything(t *testing.T) {
	folder(t, map[string]string{
		"sheaf.yaml": collectionSources,
		"mods.xml": `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo xml:lang="sq"><title>Letra</title></titleInfo><name><namePart>Hoxha, Ana</namePart><role><roleTerm>author</roleTerm></role></name>
<originInfo><publisher>s.n.</publisher><dateIssued>12 April 1957</dateIssued></originInfo><subject><topic>Letters</topic></subject><subject><topic>Forests</topic></subject>
<recordInfo><recordIdentifier>7</recordIdentifier></recordInfo></mods>`,
	})
	got := want(t, exitDone, "harvest", "files", "--dry-run").stdout
	holds(t, "the dry run", got, "oai:gw.example.org:files/7\n", "  title        Letra [sq]\n", "  creator      Hoxha, Ana\n", "  issued       1957-04-12 (12 April 1957)\n",
		"  subject      Letters\n               Forests\n", "  note         publisher: placeholder-dropped: s.n", "  landing      https://gw.example.org/records/files/7\n", "nothing was stored")
}
