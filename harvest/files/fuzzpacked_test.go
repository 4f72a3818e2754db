package files

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// What is packed has checksums, which bytes at random never satisfy. So these targets are given what is inside, and pack it.

// packed is an archive of one entry, with its checksum.
func packed(t testing.TB, how, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	check := func(errs ...error) {
		for _, err := range errs {
			if err != nil {
				t.Skip(err) // a name that such an archive can't have
			}
		}
	}
	if how == "zip" {
		z := zip.NewWriter(&b)
		w, err := z.Create(name)
		check(err)
		_, err = w.Write(content)
		check(err, z.Close())
		return b.Bytes()
	}
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	check(w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o600}))
	_, err := w.Write(content)
	check(err, w.Close(), z.Close())
	return b.Bytes()
}

// FuzzArchive: whatever an archive holds, under whatever name, each thing in it is an item with a key or something to tell,
// and so it is the second time; a name that leads out of the archive is refused.
func FuzzArchive(f *testing.F) {
	for _, content := range []string{"id,a\n1,x\n", `[{"id":1}]`, "00026nam a2200025 a 4500\x1e\x1d", "<r><a id='1'/></r>", string(packed(f, "zip", "b.csv", []byte("id,a\n1,x\n")))} {
		for _, name := range []string{"a.csv", "folder/a", "../a.csv", "/etc/a", ".hidden", `..\a`} {
			f.Add(name, []byte(content), true)
			f.Add(name, []byte(content), false)
		}
	}
	f.Fuzz(func(t *testing.T, name string, content []byte, zip bool) {
		how := "tar.gz"
		if zip {
			how = "zip"
		}
		archive := string(packed(t, how, name, content))
		form := Documents{Key: "id"}
		first := told(t, &form, archive)
		if again := told(t, &form, archive); !slices.Equal(first, again) {
			t.Errorf("%q, then %q", first, again)
		}
		if strings.HasPrefix(name, "../") && len(first) > 0 && !strings.Contains(first[0], reasonUnsafe) {
			t.Errorf("%q is read: %q", name, first)
		}
	})
}

// FuzzSpreadsheet: whatever the parts of a spreadsheet say, each row is a table of one row or is rejected, and so it is the
// second time.
func FuzzSpreadsheet(f *testing.F) {
	const workbook = `<workbook xmlns:r="urn:r"><workbookPr/><sheets><sheet name="List" sheetId="4" r:id="rId2"/></sheets></workbook>`
	const strs = `<sst><si><t>id</t></si><si><r><t>ti</t></r><r><t>tle</t></r></si></sst>`
	const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="d\. mmmm yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`
	const list = `<worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row><c r="A2"><v>1.0E7</v></c><c r="B2" s="1"><v>21276</v></c></row><row r="4"><c r="XFD4" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>`
	const content = `<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table table:name="One"><table:table-row><table:table-cell><text:p>id</text:p></table:table-cell></table:table-row><table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="3"/></table:table-row></table:table></office:document-content>`
	f.Add([]byte(workbook), []byte(strs), []byte(styles), []byte(list), false)
	f.Add([]byte(""), []byte(""), []byte(""), []byte(content), true)
	f.Fuzz(func(t *testing.T, workbook, strs, styles, sheet []byte, ods bool) {
		file := zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", string(sheet))
		if !ods {
			file = zipped(t, "xl/workbook.xml", string(workbook), "xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId2" Target="worksheets/list.xml"/></Relationships>`,
				"xl/sharedStrings.xml", string(strs), "xl/styles.xml", string(styles), "xl/worksheets/list.xml", string(sheet))
		}
		form := Documents{Key: "id"}
		first := told(t, &form, file)
		if again := told(t, &form, file); !slices.Equal(first, again) {
			t.Errorf("%q, then %q", first, again)
		}
		for _, line := range first {
			if _, table, ok := strings.Cut(line, ": csv "); ok && !strings.Contains(line, "rejected: ") {
				if rows, err := csv.NewReader(strings.NewReader(table)).ReadAll(); err == nil && len(rows) != 2 {
					t.Errorf("an item of %d rows: %q", len(rows), line)
				}
			}
		}
	})
}
