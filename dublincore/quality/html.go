package quality

import (
	_ "embed"
	"html/template"
	"io"
	"strconv"
)

// A Page is what an HTML report has besides the figures.
type Page struct {
	Title string // "Quality of Documents on Albania"
	Facts []Fact // source, rules version, date: shown under the title, in order
	// Link is the address of a record's page, or empty; nil if records have none. It must be absolute: the
	// page is read away from the gateway. An address that is not http or https is not linked.
	Link func(identifier string) string
	// Parts are reports on parts of the records, such as those that each version of the rules made. If
	// there are two or more, they are set side by side.
	Parts []Part
}

// A Fact is a line at the head of a page.
type Fact struct{ Name, Value string }

// WriteHTML writes the report as one page that can be sent to the provider, because it needs no other file: styles and
// charts are in it, and it has no scripts. It adapts to light and dark, to narrow screens and to paper. All content of
// records is shown as text.
func (r *Report) WriteHTML(w io.Writer, page Page) error {
	return pageTemplate.Execute(w, struct {
		*Report
		Page    Page
		Look    []Finding
		Compare comparison
	}{r, page, r.first(5), compare(page.Parts)})
}

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent":  percent,
	"mean":     mean,
	"plus":     func(a, b int) int { return a + b },
	"grouped":  grouped,
	"bar":      func(n, of int64) []segment { return stack(of, []int64{n}, "a") },
	"levels":   func(n int64, tiers [tierCount]int64) []segment { return stack(n, tiers[:], "t") },
	"parts":    outcomeBar,
	"tier":     func(i int) string { return Tier(i).String() },
	"atMost":   func(a, b int64) int64 { return min(a, b) },
	"outcome":  func(name string) string { return outcomeLabels[name] },
	"advice":   func(name string) string { return outcomeAdvice[name] },
	"broken":   countBroken,
	"absent":   absent,
	"withPage": func(samples []Sample, p Page) sampleList { return sampleList{samples, p} },
	"link": func(p Page, identifier string) string {
		if p.Link == nil {
			return ""
		}
		address := p.Link(identifier)
		if !isWebAddress(address) {
			return ""
		}
		return address
	},
}).Parse(pageSource))

// A sampleList is what the template "samples" shows.
type sampleList struct {
	Samples []Sample
	Page    Page
}

// absent are the problems that no record shows.
func absent(problems []Finding) (out []Finding) {
	for _, p := range problems {
		if p.Records == 0 {
			out = append(out, p)
		}
	}
	return out
}

// outcomeLabels are the outcomes in the reader's words.
var outcomeLabels = map[string]string{
	outcomeNames[standard]:      "standard as sent",
	outcomeNames[normalized]:    "made standard",
	outcomeNames[beside]:        "own word beside a standard one",
	outcomeNames[recognizable]:  "known, but left as sent",
	outcomeNames[ambiguous]:     "ambiguous",
	outcomeNames[badCheckDigit]: "wrong check digit",
	outcomeNames[notUnderstood]: "not understood",
}

// outcomeAdvice is what to do about values that are not in standard form.
var outcomeAdvice = map[string]string{
	outcomeNames[recognizable]:  "The rules of this source could put these into standard form.",
	outcomeNames[ambiguous]:     "Say in the rules of this source how they are meant, or write them otherwise at the source.",
	outcomeNames[badCheckDigit]: "A digit is wrong: compare with the item.",
	outcomeNames[notUnderstood]: "They can be read, but not searched or linked. A table in the rules of this source can translate those that are met often.",
}

// A segment is a part of a bar, in thousandths of its length.
type segment struct{ From, Length, Class string }

// stack lays counts along a bar that stands for all; each segment is named by the class and its number.
func stack(all int64, counts []int64, class string) []segment {
	var bar []segment
	from := 0.0
	for i, n := range counts {
		length := 1000 * share(n, all)
		if n > 0 {
			length = max(length, 2) // what is there is seen
			bar = append(bar, segment{decimal(from), decimal(min(length, 1000-from)), class + strconv.Itoa(i)})
		}
		from = min(from+length, 998)
	}
	return bar
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

func outcomeBar(outcomes []Outcome) []segment {
	var all int64
	counts := make([]int64, len(outcomes))
	for i, o := range outcomes {
		counts[i] = o.Values
		all += o.Values
	}
	return stack(all, counts, "o")
}

func countBroken(rules []Finding, level Level) (n int) {
	for _, f := range rules {
		if f.Level == level && f.Records > 0 {
			n++
		}
	}
	return n
}
