package cite

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

var day = time.Date(2026, 11, 27, 23, 0, 0, 0, time.UTC)

func work(values ...dublincore.Value) *Work {
	return Of(&dublincore.Record{Values: values}, "oai:a.example:cold-war/x y", "The Archive", "https://gw.example/records/cold-war/x", day)
}

func letter() *Work {
	return work(
		dublincore.Value{Term: dublincore.Title, Text: "Letter to\nthe Committee."},
		dublincore.Value{Term: dublincore.Creator, Text: "Hoxha, Enver, 1908-1985"},
		dublincore.Value{Term: dublincore.Creator, Text: "Party of Labour of Albania"},
		dublincore.Value{Term: dublincore.Created, Text: "1957-04-10/1957-04-20", Original: "10–20 April 1957"},
		dublincore.Value{Term: dublincore.Identifier, Text: "Box 7, folder 3"},
		dublincore.Value{Term: dublincore.Identifier, Text: "https://doi.org/10.1000/182"},
		dublincore.Value{Term: dublincore.IsPartOf, Text: "Foreign Ministry"},
		dublincore.Value{Term: dublincore.Subject, Text: "50% of {it} & more"},
	)
}

func TestCitations(t *testing.T) {
	want := map[string]string{
		"Footnote, for archives": "Enver Hoxha, and Party of Labour of Albania, “Letter to the Committee,” 10–20 April 1957, Box 7, folder 3, Foreign Ministry, The Archive, https://gw.example/records/cold-war/x (accessed November 27, 2026).",
		"Chicago":                "Hoxha, Enver, and Party of Labour of Albania. “Letter to the Committee.” 10–20 April 1957. Box 7, folder 3. Foreign Ministry. The Archive. Accessed November 27, 2026. https://gw.example/records/cold-war/x.",
		"APA":                    "Hoxha, E., & Party of Labour of Albania. (10–20 April 1957). Letter to the Committee. The Archive. Retrieved November 27, 2026, from https://gw.example/records/cold-war/x",
		"MLA":                    "Hoxha, Enver, and Party of Labour of Albania. “Letter to the Committee.” 10–20 April 1957. The Archive, https://gw.example/records/cold-war/x. Accessed 27 Nov. 2026.",
	}
	got := map[string]string{}
	for _, c := range letter().Citations() {
		got[c.Style] = c.Text
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, c := range work(dublincore.Value{Term: dublincore.Title, Text: "Who?"}).Citations() {
		if !strings.Contains(c.Text, "Who?") || strings.Contains(c.Text, "?.") || strings.Contains(c.Text, "?,") || strings.Contains(c.Text, "1957") {
			t.Errorf("%s: %s", c.Style, c.Text)
		}
	}
}

func TestForms(t *testing.T) {
	want := map[string]string{
		"ris": "TY  - GEN\r\nTI  - Letter to the Committee.\r\nAU  - Hoxha, Enver\r\nAU  - Party of Labour of Albania\r\nPY  - 1957\r\nDA  - 1957/04/10/\r\n" +
			"KW  - 50% of {it} & more\r\nT2  - Foreign Ministry\r\nAV  - The Archive\r\nCN  - Box 7, folder 3\r\nDO  - 10.1000/182\r\nUR  - https://gw.example/records/cold-war/x\r\nY2  - 2026/11/27/\r\nER  - \r\n",
		"bibtex": "@misc{oai:a-example:cold-war-x-y,\n  title = {{Letter to the Committee.}},\n  author = {Hoxha, Enver and {Party of Labour of Albania}},\n  year = {1957},\n  date = {1957-04-10/1957-04-20},\n" +
			"  series = {Foreign Ministry},\n  library = {The Archive},\n  number = {Box 7, folder 3},\n  doi = {10.1000/182},\n  keywords = {50\\% of \\textbraceleft{}it\\textbraceright{} \\& more},\n  url = {https://gw.example/records/cold-war/x},\n  urldate = {2026-11-27},\n}\n",
	}
	for name, text := range want {
		f, ok := FormNamed(name)
		if !ok {
			t.Fatal(name)
		}
		if d := cmp.Diff(text, string(f.Write(letter()))); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	var items []map[string]any
	csl, _ := FormNamed("csl")
	if err := json.Unmarshal(csl.Write(letter()), &items); err != nil || len(items) != 1 {
		t.Fatal(err, len(items))
	}
	if d := cmp.Diff(map[string]any{"date-parts": []any{[]any{1957., 4., 10.}, []any{1957., 4., 20.}}}, items[0]["issued"]); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]any{map[string]any{"family": "Hoxha", "given": "Enver"}, map[string]any{"literal": "Party of Labour of Albania"}}, items[0]["author"]); d != "" {
		t.Error(d)
	}
}

// What a source writes into a value makes no line of its own, and no date is made up.
func TestHostile(t *testing.T) {
	w := work(
		dublincore.Value{Term: dublincore.Title, Text: "A\r\nER  - \r\nTY  - BOOK"},
		dublincore.Value{Term: dublincore.Creator, Text: "}, year = {2000"},
		dublincore.Value{Term: dublincore.Created, Text: "soon"},
	)
	if ris := string(w.RIS()); strings.Count(ris, "\r\nER  - ") != 1 || strings.Contains(ris, "PY  -") || !strings.Contains(ris, "DA  - soon\r\n") {
		t.Error(ris)
	}
	if bib := string(w.BibTeX()); strings.Count(bib, "{") != strings.Count(bib, "}") || strings.Contains(bib, "  year =") {
		t.Error(bib)
	}
	if !json.Valid(w.CSL()) || !strings.Contains(string(w.CSL()), `"literal": "soon"`) {
		t.Error(string(w.CSL()))
	}
}
