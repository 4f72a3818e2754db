package files

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// told is what was made of a file: an item a line, "key: original", and what is wrong with others.
func told(t *testing.T, d *Documents, content string) (out []string) {
	t.Helper()
	s, err := New(Config{From: []string{"-"}, Form: d}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for m, err := range s.read("f", strings.NewReader(content), int64(len(content))) {
		switch item := &m.item; {
		case err != nil:
			t.Fatal(err)
		case m.warn != "":
			out = append(out, "warning: "+m.warn)
		case item.Rejected != nil:
			line := item.Key + " rejected: " + item.Rejected.Reason + ": " + item.Rejected.Detail
			if m.short {
				line += " (short)"
			}
			out = append(out, line)
		case item.Deleted:
			out = append(out, item.Key+" deleted")
		default:
			out = append(out, item.Key+": "+item.Format.Prefix+" "+string(item.Original))
		}
	}
	return out
}

func TestTables(t *testing.T) {
	for name, test := range map[string]struct {
		form    Documents
		content string
		want    []string
	}{
		"comma":                  {Documents{Key: "id"}, "id,title\n1,a\n2,\"b, c\"\n", []string{"1: csv id,title\n1,a\n", "2: csv id,title\n2,\"b, c\"\n"}},
		"semicolon, Excel's BOM": {Documents{Key: "ID"}, "\ufeffid;title\r\n1;a, b\r\n", []string{"1: csv id,title\n1,\"a, b\"\n"}},
		"tab":                    {Documents{Key: "id"}, "id\ttitle\n1\ta;b,c\n", []string{"1: csv id,title\n1,\"a;b,c\"\n"}},
		"a line break in quotes": {Documents{Key: "id"}, "id,title\n1,\"a\nb\"\n2,c", []string{"1: csv id,title\n1,\"a\nb\"\n", "2: csv id,title\n2,c\n"}},
		"Windows' letters":       {Documents{Key: "id"}, "id,title\n1,M\xfcller \x80\n", []string{"1: csv id,title\n1,Müller €\n"}},
		"letters of the Mac":     {Documents{Key: "id", Encoding: "macintosh"}, "id,title\n1,M\x9fller\n", []string{"1: csv id,title\n1,Müller\n"}},
		"UTF-16":                 {Documents{Key: "id"}, "\xff\xfei\x00d\x00,\x00t\x00\n\x001\x00,\x00\xfc\x00\n\x00", []string{"1: csv id,t\n1,ü\n"}},
		"letters that are lost": {Documents{Key: "id", Encoding: "utf-8"}, "id,title\n1,M\xfcller\n2,b\n", []string{
			"1 rejected: malformed: characters of the row are lost; encoding: says in which letters the table is written", "2: csv id,title\n2,b\n"}},
		"too many columns": {Documents{Key: "id"}, "id,title\n1,a,b\n2,c,\n3,d\n", []string{
			"file:f#2 rejected: malformed: the row has 3 columns, and the first line names 2: a delimiter, a quotation mark or a line break is likely to be wrong", "2: csv id,title\n2,c\n", "3: csv id,title\n3,d\n"}},
		"no identifier":     {Documents{Key: "id"}, "id,title\n,a\n2,b\n\n", []string{"file:f#2 rejected: no_identifier: the record has no identifier in id; key: says where the records of a source have it", "2: csv id,title\n2,b\n"}},
		"a bare quote":      {Documents{Key: "id"}, "id,title\n1,a\"b\n2,c\n", []string{"file:f#2 rejected: malformed: the row at line 2 can't be read: bare \" in non-quoted-field", "2: csv id,title\n2,c\n"}},
		"no such column":    {Documents{Key: "number"}, "id,title\n1,a\n", []string{`file:f rejected: malformed: the table has no column "number", which key: names; its columns are id, title`}},
		"no key":            {Documents{}, "id,title\n1,a\n", []string{"file:f rejected: malformed: key: is needed: it says where a record has its identifier, which is part of ours for ever; the columns are id, title"}},
		"twice a name":      {Documents{Key: "id"}, "id,a,A\n1,b,c\n", []string{"warning: " + warnColumns, "1: csv id,a,A\n1,b,c\n"}},
		"nothing":           {Documents{Key: "id"}, "id,title\n", []string{"warning: " + warnEmpty}},
		"MARC":              {Documents{Key: "id"}, "00024nam a2200024   4500\x1e\x1d", []string{"file:f rejected: malformed: the file holds MARC records; use kind: marc"}},
		"a million columns": {Documents{Key: "id"}, "id" + strings.Repeat(",x", 3000) + "\n1\n", []string{"file:f rejected: too_large: the table has 3001 columns, more than 2000 (short)"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, told(t, &test.form, test.content)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A quotation mark that never closes doesn't take the rest of the file into memory.
func TestOpenQuote(t *testing.T) {
	got := told(t, &Documents{Key: "id"}, "id,title\n1,a\n2,\""+strings.Repeat("x\n", maxRow)+"3,b\n")
	if len(got) != 2 || got[0] != "1: csv id,title\n1,a\n" || !strings.Contains(got[1], "too_large") || !strings.HasSuffix(got[1], "(short)") {
		t.Errorf("%.300q", got)
	}
}

func TestJSONDocuments(t *testing.T) {
	deep := strings.Repeat("[", 1_000_000)
	for name, test := range map[string]struct {
		form    Documents
		content string
		want    []string
	}{
		"a list":           {Documents{Key: "id"}, `[{"id": 1,"a":"b"}, {"id":"2"}]`, []string{`1: json {"id": 1,"a":"b"}`, `2: json {"id":"2"}`}},
		"a list within":    {Documents{Key: "meta.id", Records: "data.items"}, `{"data":{"items":[{"meta":{"id":"x"}}]}}`, []string{`x: json {"meta":{"id":"x"}}`}},
		"no such list":     {Documents{Key: "id", Records: "rows"}, `{"data":[]}`, []string{`file:f rejected: malformed: there is nothing at "rows" in the file, or it is no JSON; records: is the path to the list of records`}},
		"an object a line": {Documents{Key: "id"}, "{\"id\":1}\n\n{\"id\":\n{\"id\":3}", []string{`1: json {"id":1}`, "file:f#3 rejected: malformed: the record is no JSON object", `3: json {"id":3}`}},
		"one object":       {Documents{Key: "id"}, "{\n \"id\": 7\n}\n", []string{"7: json {\n \"id\": 7\n}"}},
		"one is none":      {Documents{Key: "id"}, `[{"id":1},5,{"x":2}]`, []string{`1: json {"id":1}`, "file:f#2 rejected: malformed: the record is no JSON object", "file:f#3 rejected: no_identifier: the record has no identifier in id; key: says where the records of a source have it"}},
		"cut":              {Documents{Key: "id"}, `[{"id":1},{"id":2`, []string{`1: json {"id":1}`, "file:f#2 rejected: malformed: the file is no JSON from here on: unexpected EOF (short)"}},
		"cut behind one":   {Documents{Key: "id"}, `[{"id":1}`, []string{`1: json {"id":1}`, "file:f rejected: malformed: the file ends within the list (short)"}},
		"deep":             {Documents{Key: "id"}, "[{\"id\":1},{\"id\":2,\"a\":" + deep, []string{`1: json {"id":1}`, "file:f#2 rejected: malformed: the file is no JSON from here on: invalid character '[' exceeded max depth (short)"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, told(t, &test.form, test.content)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestXMLDocuments(t *testing.T) {
	const mods = `<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods ID="a"><titleInfo><title>x</title></titleInfo><recordInfo><recordIdentifier> 1 </recordIdentifier></recordInfo></mods><mods ID="b"/></modsCollection>`
	const list = `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request metadataPrefix="x">u</request><ListRecords><record><header><identifier>oai:a:1</identifier><datestamp>2020-01-01</datestamp><setSpec>s</setSpec></header><metadata><d xmlns="urn:d"><header/></d></metadata></record><record><header status="deleted"><identifier>oai:a:2</identifier></header></record><record><header><identifier>oai:a:3</identifier></header></record></ListRecords></OAI-PMH>`
	for name, test := range map[string]struct {
		form    Documents
		content string
		want    []string
	}{
		"MODS": {Documents{Key: "recordInfo/recordIdentifier"}, mods, []string{
			`1: mods <mods xmlns="http://www.loc.gov/mods/v3" ID="a"><titleInfo><title>x</title></titleInfo><recordInfo><recordIdentifier> 1 </recordIdentifier></recordInfo></mods>`,
			"file:f#2 rejected: no_identifier: the record has no identifier in recordInfo/recordIdentifier; key: says where the records of a source have it"}},
		"an attribute":          {Documents{Key: "@ID"}, mods[:len(mods)-len(`<mods ID="b"/></modsCollection>`)] + "</modsCollection>", []string{"a: mods " + mods[strings.Index(mods, "<mods "):][:5] + ` xmlns="http://www.loc.gov/mods/v3"` + mods[strings.Index(mods, "<mods ")+5:strings.Index(mods, `<mods ID="b"`)]}},
		"elements by name":      {Documents{Key: "n", Records: "rows/row"}, `<t><row><n>0</n></row><rows><row><n>1</n></row><other/><row><m><n>no</n></m><n>2</n></row></rows></t>`, []string{`1: row <row><n>1</n></row>`, `2: row <row><m><n>no</n></m><n>2</n></row>`}},
		"one record":            {Documents{Key: "@id"}, `<thing id="7"><a/></thing>`, []string{`7: thing <thing id="7"><a/></thing>`}},
		"a response of OAI-PMH": {Documents{}, list, []string{`oai:a:1: x <d xmlns="urn:d"><header/></d>`, "oai:a:2 deleted", "oai:a:3 rejected: malformed: the record has no metadata"}},
		"a list that goes on":   {Documents{}, strings.Replace(list, "</ListRecords>", "<resumptionToken> more </resumptionToken></ListRecords>", 1), []string{`oai:a:1: x <d xmlns="urn:d"><header/></d>`, "oai:a:2 deleted", "oai:a:3 rejected: malformed: the record has no metadata", "warning: " + warnToken}},
		"a response that says no": {Documents{}, `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request>u</request><error code="badResumptionToken">gone</error></OAI-PMH>`, []string{
			"file:f rejected: malformed: the file is an OAI-PMH response that reports an error (badResumptionToken), which holds no records; ask the repository again, and save what it answers then"}},
		"nothing new":      {Documents{}, `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request>u</request><error code="noRecordsMatch"/></OAI-PMH>`, []string{"warning: " + warnEmpty}},
		"a list that ends": {Documents{}, strings.Replace(list, "</ListRecords>", "<resumptionToken/></ListRecords>", 1), []string{`oai:a:1: x <d xmlns="urn:d"><header/></d>`, "oai:a:2 deleted", "oai:a:3 rejected: malformed: the record has no metadata"}},
		"MARCXML":          {Documents{Key: "x"}, `<collection xmlns="http://www.loc.gov/MARC21/slim"/>`, []string{"file:f rejected: malformed: the file holds MARC records; use kind: marc"}},
		"broken":           {Documents{Key: "@id", Records: "r"}, `<t><r id="1"/><r id="2"></x></t>`, []string{`1: r <r id="1"/>`, "file:f#2 rejected: malformed: the file is no XML from line 1 on: "}},
	} {
		t.Run(name, func(t *testing.T) {
			got := told(t, &test.form, test.content)
			if name == "broken" && len(got) == 2 {
				got[1] = got[1][:min(len(got[1]), len(test.want[1]))]
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// zipped is an archive of parts in order.
func zipped(t *testing.T, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		f, err := w.Create(parts[i])
		if err == nil {
			_, err = f.Write([]byte(parts[i+1]))
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

func excel(t *testing.T, rows string) string {
	return zipped(t,
		"[Content_Types].xml", "<Types/>",
		"xl/workbook.xml", `<workbook xmlns:r="urn:r"><workbookPr/><sheets><sheet name="List" sheetId="4" r:id="rId2"/><sheet name="Other" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Target="worksheets/other.xml"/><Relationship Id="rId2" Target="worksheets/list.xml"/></Relationships>`,
		"xl/sharedStrings.xml", `<sst><si><t>id</t></si><si><r><t>ti</t></r><r><t>tle</t></r><rPh><t>aloud</t></rPh></si><si><t>date</t></si><si><t>1 &amp; 1</t></si></sst>`,
		"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-407]d\. mmmm yyyy"/><numFmt numFmtId="165" formatCode="0.00&quot; days&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
		"xl/worksheets/other.xml", `<worksheet/>`,
		"xl/worksheets/list.xml", `<worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>`+rows+`</sheetData></worksheet>`)
}

func TestSpreadsheets(t *testing.T) {
	ods := func(rows string) string {
		return zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml",
			`<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table table:name="One">`+rows+`</table:table><table:table table:name="Two"><table:table-row><table:table-cell><text:p>id</text:p></table:table-cell></table:table-row></table:table></office:document-content>`)
	}
	const head = `<table:table-row><table:table-cell><text:p>id</text:p></table:table-cell><table:table-cell><text:p>title</text:p></table:table-cell><table:table-cell><text:p>date</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16381"/></table:table-row>`
	for name, test := range map[string]struct {
		form    Documents
		content string
		want    []string
	}{
		"Excel": {Documents{Key: "id"}, excel(t, `<row><c r="A2"><v>1.0E7</v></c><c r="C2" s="1"><v>21276</v></c></row><row/><row><c r="A4" t="inlineStr"><is><t>x 2</t></is></c><c r="B4" t="s"><v>3</v></c><c r="C4" s="2"><v>21276.5</v></c></row><row><c r="A5" t="str"><v>f</v></c><c r="B5" t="e"><v>#N/A</v></c><c r="C5" s="3"><v>2.5</v></c></row>`),
			[]string{"10000000: csv id,title,date\n10000000,,1958-04-01\n", "x 2: csv id,title,date\nx 2,1 & 1,1958-04-01T12:00:00\n", "f: csv id,title,date\nf,,2.5\n"}},
		"another sheet": {Documents{Key: "id", Sheet: "Third"}, excel(t, ""), []string{`file:f rejected: malformed: the spreadsheet has no sheet "Third"; its sheets are List, Other`}},
		"LibreOffice": {Documents{Key: "id"}, ods(head + `<table:table-row><table:table-cell office:value-type="float" office:value="7"><text:p>7,0</text:p></table:table-cell><table:table-cell><office:annotation><text:p>a note</text:p></office:annotation><text:p>a<text:s text:c="2"/>b</text:p><text:p>c</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="1958-04-01"><text:p>1.4.58</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16381"/></table:table-row><table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`),
			[]string{"7: csv id,title,date\n7,\"a  b\nc\",1958-04-01\n"}},
		"LibreOffice, no such sheet": {Documents{Key: "id", Sheet: "Three"}, ods(head), []string{`file:f rejected: malformed: the spreadsheet has no sheet "Three"; its sheets are One, Two`}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, told(t, &test.form, test.content)); d != "" {
				t.Error(d)
			}
		})
	}
}

// Files of several forms in one folder are one source, read again only where something has changed.
func TestDocumentsInAFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.csv", "id,title\n1,a\n2,b\n")
	write("b.json", `[{"id":"3"}]`)
	write("c.zip", zipped(t, "x/y.csv", "id,title\n4,d\n", "z.jsonl", "{\"id\":5}\n"))
	s, err := New(Config{From: []string{dir}, Form: &Documents{Key: "id"}, Complete: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pass := func(at harvest.Cursor) (keys []string, next harvest.Cursor) {
		t.Helper()
		for {
			p, err := s.Page(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range p.Items {
				keys = append(keys, item.Key)
			}
			if at = p.Next; p.Done {
				return keys, at
			}
		}
	}
	keys, at := pass("")
	if d := cmp.Diff([]string{"1", "2", "3", "4", "5"}, keys); d != "" {
		t.Error(d)
	}
	if keys, at = pass(at); len(keys) != 0 {
		t.Errorf("again: %v", keys)
	}
	write("b.json", `[{"id":"3"},{"id":"6"}]`)
	if keys, _ = pass(at); len(keys) != 6 {
		t.Errorf("after a change: %v", keys)
	}
}

// A saved list that goes on elsewhere proves nothing of the records that it doesn't have.
func TestSavedListThatGoesOn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page.xml")
	text := `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header status="deleted"><identifier>oai:a:2</identifier></header></record><resumptionToken>more</resumptionToken></ListRecords></OAI-PMH>`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{From: []string{name}, Form: &Documents{}, Complete: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Page(t.Context(), "")
	if err != nil || !p.Done || !p.Full || !p.Unproven || p.Short != "" || len(p.Items) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{"id,a\n1,\"x\n\"\n", "[{\"id\":1},", "{\"id\":1}\n{", "<a><b id='1'/></a>", "\xff\xfei\x00", "PK\x03\x04"} {
		f.Add([]byte(seed), "id", "b")
	}
	f.Fuzz(func(t *testing.T, content []byte, key, records string) {
		s, err := New(Config{From: []string{"-"}, Form: &Documents{Key: key, Records: records}}, nil)
		if err != nil {
			return
		}
		for m := range s.read("f", bytes.NewReader(content), int64(len(content))) {
			item := &m.item
			if m.warn == "" && item.Key == "" {
				t.Errorf("an item without a key: %+v", item)
			}
			if item.Format.Prefix == "json" && item.Rejected == nil && !json.Valid(item.Original) {
				t.Errorf("not JSON: %q", item.Original)
			}
		}
	})
}

func BenchmarkTable(b *testing.B) {
	var file strings.Builder
	file.WriteString("id,title,creator,date,description\n")
	for i := range 20_000 {
		fmt.Fprintf(&file, "%d,Letter %d from Tirana,\"Hoxha, Enver\",1957,\"A letter, of which little is known\"\n", i, i)
	}
	content := file.String()
	s, err := New(Config{From: []string{"-"}, Form: &Documents{Key: "id"}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		n := 0
		for range s.read("f", strings.NewReader(content), int64(len(content))) {
			n++
		}
		if n != 20_000 {
			b.Fatal(n)
		}
	}
}
