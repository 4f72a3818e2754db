package files

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a table says is neither lost nor moved nor made up where its writer was careless.
func TestCarelessTables(t *testing.T) {
	const columns = "the row has %s columns, and the first line names 3: a delimiter, a quotation mark or a line break is likely to be wrong"
	const noText = "the file is no text; if it is a table in UTF-16, encoding: utf-16 says so"
	for name, test := range map[string]struct {
		content string
		want    []string
	}{
		"a line break without quotes": {"id,title,date\n1,a\nb,1957\n2,c,1958\n", []string{
			"file:f#2 rejected: malformed: " + strings.Replace(columns, "%s", "2", 1), "file:f#3 rejected: malformed: " + strings.Replace(columns, "%s", "2", 1),
			"2: csv id,title,date\n2,c,1958\n"}},
		"a broken first line": {"id,ti\"tle,date\nid,b,1957\n2,c,1958\n", []string{
			"file:f#1 rejected: malformed: the row at line 1 can't be read: bare \" in non-quoted-field (short)"}},
		"a mark that is never closed": {"id,title,date\n1,\"a,1957\n2,c,1958\n", []string{
			"file:f#2 rejected: malformed: the row at line 2 can't be read: extraneous or missing \" in quoted-field (short)"}},
		"a mark that is closed too late": {"id,title,date\n1,\"a,1957\n2,\"c\",1958\n3,d,1959\n", []string{
			"file:f#2 rejected: malformed: the row at line 2 can't be read: extraneous or missing \" in quoted-field (short)", "3: csv id,title,date\n3,d,1959\n"}},
		"a byte of zero that strayed in": {"id,title,date\n1,a\x00b,1957\n2,c,1958\n", []string{
			"1: csv id,title,date\n1,a\x00b,1957\n", "2: csv id,title,date\n2,c,1958\n"}},
		"UTF-16 that does not say so": {"i\x00d\x00\n\x001\x00\n\x00", []string{"file:f rejected: malformed: " + noText}},
		"UTF-16 in other letters":     {"\x85\x16\xf7\x54,\x00\x07\x68\x98\x98\n\x00\x16\x7f\xf7\x53,\x00\x85\x51\xb9\x5b\n\x00", []string{"file:f rejected: malformed: " + noText}},
		"something else":              {"ABCD\nid\x00\x00\x00\x07title\x00\x00\x01", []string{"file:f rejected: malformed: " + noText}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, told(t, &Documents{Key: "id"}, test.content)); d != "" {
				t.Error(d)
			}
		})
	}
}

// One broken line does not take the others along, and nothing behind a list is passed over in silence.
func TestCarelessJSON(t *testing.T) {
	for name, test := range map[string]struct {
		content string
		want    []string
	}{
		"the first line is broken": {"{\"id\":1\n{\"id\":2}\n{\"id\":3}\n", []string{"file:f#1 rejected: malformed: the record is no JSON object", `2: json {"id":2}`, `3: json {"id":3}`}},
		"written over some lines":  {"{\n\"id\": 1\n}\n{\n\"id\": 2\n}\n", []string{"1: json {\n\"id\": 1\n}", "2: json {\n\"id\": 2\n}"}},
		"two lists": {`[{"id":1}]` + "\n" + `[{"id":2}]`, []string{`1: json {"id":1}`,
			"file:f rejected: malformed: something follows the list, and is not read; write one list a file, or an object a line (short)"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, told(t, &Documents{Key: "id"}, test.content)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A row that can't be read is kept as it was written, with all of its lines.
func TestBrokenRowIsKept(t *testing.T) {
	s, err := New(Config{From: []string{"-"}, Form: &Documents{Key: "id"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const before, broken = "id;title\n1;a\n", "2;b \"c\" d;rest\n"
	content := strings.Repeat(before[9:], 3000) // beyond what is read at once
	content = before + content + broken + "3;d\n"
	var kept []string
	for m := range s.read("f", strings.NewReader(content), int64(len(content))) {
		if m.item.Rejected != nil {
			kept = append(kept, string(m.item.Original))
		}
	}
	if d := cmp.Diff([]string{broken}, kept); d != "" {
		t.Error(d)
	}
}

func TestNumbersOfSheets(t *testing.T) {
	for _, test := range []struct {
		text string
		form numberForm
		want string
	}{
		{"12345678901234567890", plainNumber, "12345678901234567890"},
		{"9007199254740993", plainNumber, "9007199254740993"},
		{"1957.0", plainNumber, "1957"}, {"0.50", plainNumber, "0.50"}, {"1.2E+7", plainNumber, "12000000"},
		{"21276", dayOrTime, "1958-04-01"}, {"21276.5", dayOrTime, "1958-04-01T12:00:00"}, {"0.75", dayOrTime, "18:00:00"},
		{"1.5", elapsedTime, "36:00:00"}, {"0.5", elapsedTime, "12:00:00"},
	} {
		if got := number(test.text, test.form, false); got != test.want {
			t.Errorf("%s is %q, not %q", test.text, got, test.want)
		}
	}
	for code, want := range map[string]numberForm{
		`0\ \m`: plainNumber, `0" days"`: plainNumber, `_d0`: plainNumber, `[Red]0`: plainNumber, `dd\.mm\.yyyy`: dayOrTime, `[$-407]d. mmmm yyyy`: dayOrTime,
		`[h]:mm`: elapsedTime, `[mm]:ss`: elapsedTime,
	} {
		if got := formOf(code); got != want {
			t.Errorf("%s is %d, not %d", code, got, want)
		}
	}
	for text, want := range map[string]string{"_x005F_x000D_ stays": "_x000D_ stays", "a_x000D_\nb": "a\nb", "_x00e4_": "ä", "_xZZZZ_": "_xZZZZ_", "_xD800_": "_xD800_"} {
		if got := unescaped(text); got != want {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
	}
}

// A value of a sheet stays in its column, or the sheet is refused: also far out, and when it is long.
func TestFarOutInSheets(t *testing.T) {
	cell := func(text string) string {
		return `<table:table-cell office:value-type="string"><text:p>` + text + `</text:p></table:table-cell>`
	}
	row := func(cells string) string { return "<table:table-row>" + cells + "</table:table-row>" }
	const blank = `<table:table-cell table:number-columns-repeated="16000"/>`
	for name, test := range map[string]struct {
		rows string
		want []string
	}{
		"blank to the end": {row(cell("2") + cell("b") + blank), []string{"1: csv id,title\n1,a\n", "2: csv id,title\n2,b\n"}},
		"a value far out":  {row(cell("2") + blank + cell("b")), []string{"1: csv id,title\n1,a\n", "file:f rejected: too_large: the sheet has more than 2000 columns (short)"}},
		"a long value":     {row(cell("2") + cell(strings.Repeat("<text:s/>", 1)+strings.Repeat("b", maxRow+1))), []string{"1: csv id,title\n1,a\n", "file:f rejected: too_large: a cell has more than 4 MiB; save the sheet as CSV without it (short)"}},
	} {
		t.Run(name, func(t *testing.T) {
			content := zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml",
				`<c><table:table table:name="A">`+row(cell("id")+cell("title"))+row(cell("1")+cell("a"))+test.rows+`</table:table></c>`)
			if d := cmp.Diff(test.want, told(t, &Documents{Key: "id"}, content)); d != "" {
				t.Error(d)
			}
		})
	}
}
