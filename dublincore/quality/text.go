package quality

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// Lines of a text report have at most textWidth columns, except that identifiers are never cut, so that they can be
// copied.
const textWidth = 80

// textSamples is how many samples of a problem the text shows; HTML and JSON have all of them.
const textSamples = 3

// WriteText writes the report for a terminal: plain UTF-8 text in columns. Control characters of records are not
// written, because they could steer the terminal.
func (r *Report) WriteText(w io.Writer) error {
	t := &textWriter{w: bufio.NewWriter(w), of: r.Records}
	fmt.Fprintf(t.w, "%s\n", records(r.Records))
	t.look(r.first(5))
	t.elements(r.Elements)
	t.standards(r.Standards)
	t.problems(r)
	t.tagging(r)
	t.aggregators(r.Aggregators)
	t.notes(r.Notes)
	t.notMapped(r.NotMapped)
	return t.w.Flush()
}

// WriteComparison writes the figures of several reports side by side, one column for each.
func WriteComparison(w io.Writer, parts []Part) error {
	t := &textWriter{w: bufio.NewWriter(w)}
	columns := max(1, (textWidth-40)/max(1, len(parts)))
	row := func(label string, cells []string) {
		t.w.WriteString("  " + padded(clipTo(label, 37), 38))
		for _, c := range cells {
			c = clipTo(printable(c), columns-2)
			t.w.WriteString(strings.Repeat(" ", max(1, columns-columnsOf(c))) + c)
		}
		t.w.WriteByte('\n')
	}
	c := compare(parts)
	row("", c.Names)
	var counts []string
	for _, p := range parts {
		counts = append(counts, grouped(p.Report.Records))
	}
	row("records", counts)
	for _, g := range c.Groups {
		t.heading(g.Title)
		for _, r := range g.Rows {
			row(r.Label, r.Cells)
		}
	}
	return t.w.Flush()
}

// A textWriter writes the sections of a report; of is the number of records.
type textWriter struct {
	w  *bufio.Writer
	of int64
}

func records(n int64) string {
	if n == 1 {
		return "1 record"
	}
	return grouped(n) + " records"
}

func (t *textWriter) heading(title string) { fmt.Fprintf(t.w, "\n%s\n", strings.ToUpper(title)) }

// line is a finding with its count in front, as its words may be long.
func (t *textWriter) line(count, of int64, label string) {
	t.wrapped(fmt.Sprintf("  %10s %8s  ", grouped(count), percent(count, of)), label)
}

// wrapped writes words after a prefix; what doesn't fit goes on below the first of them.
func (t *textWriter) wrapped(prefix, words string) {
	indent := columnsOf(prefix)
	t.w.WriteString(prefix)
	at := indent
	for i, word := range strings.Fields(printable(words)) {
		switch n := columnsOf(word); {
		case i == 0:
			at += n
		case at+1+n > textWidth:
			t.w.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent + n
		default:
			t.w.WriteByte(' ')
			at += 1 + n
		}
		t.w.WriteString(word)
	}
	t.w.WriteByte('\n')
}

// samples are records by their identifiers, each with the value that shows the finding.
func (t *textWriter) samples(samples []Sample) {
	for _, s := range samples[:min(len(samples), textSamples)] {
		fmt.Fprintf(t.w, "    %s\n", printable(s.Identifier))
		if s.Value != "" {
			fmt.Fprintf(t.w, "      %s\n", clipColumns("“"+printable(s.Value)+"”", textWidth-6))
		}
	}
}

func (t *textWriter) look(findings []Finding) {
	if len(findings) == 0 {
		return
	}
	t.heading("Look at first")
	for _, f := range findings {
		t.line(f.Records, t.of, f.Label)
	}
}

// barWidth is the length of a bar, in characters.
const barWidth = 18

// bar is a share as a bar of blocks, an eighth of a character fine.
func bar(n, of int64) string {
	eighths := int(share(n, of)*barWidth*8 + 0.5)
	if n > 0 {
		eighths = max(eighths, 1) // what is there is seen
	}
	b := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		b += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return padded(b, barWidth)
}

// elements has five figures of each: 2+11+2+18+9+11+7+10+10 columns.
func (t *textWriter) elements(elements []Element) {
	t.heading("Elements")
	row := func(name, bar string, cells ...string) {
		fmt.Fprintf(t.w, "  %s  %s%s%s%s%s%s\n", padded(name, 11), bar, left(cells[0], 9), left(cells[1], 11), left(cells[2], 7), left(cells[3], 10), left(cells[4], 10))
	}
	row("", strings.Repeat(" ", barWidth), "share", "records", "each", "different", "language")
	for _, e := range elements {
		row(e.Term.String(), bar(e.Records, t.of), percent(e.Records, t.of), grouped(e.Records), mean(e.Values, e.Records),
			percent(min(e.Distinct, e.Values), e.Values), percent(e.Tagged, e.Words))
	}
	t.wrapped("  ", "each: values in a record that has some. different: values that differ from each other. language: texts that say which language they are in.")
}

func (t *textWriter) standards(standards []Standard) {
	t.heading("Standard forms")
	for _, s := range standards {
		if s.Records == 0 {
			fmt.Fprintf(t.w, "  %s  no record has any\n", padded(s.Kind, 11))
			continue
		}
		fmt.Fprintf(t.w, "  %s  %s%s  of %s with a value\n", padded(s.Kind, 11), bar(s.Good, s.Records), left(percent(s.Good, s.Records), 9), records(s.Records))
	}
	for _, s := range standards {
		for _, o := range s.Outcomes {
			switch o.Name {
			case outcomeNames[standard], outcomeNames[normalized], outcomeNames[beside]:
				continue
			}
			t.outcome(o, s.Kind+", "+outcomeLabels[o.Name]+".")
		}
		for _, o := range s.Dropped {
			t.outcome(o, s.Kind+", left out by the mapping: "+outcomeLabels[o.Name]+".")
		}
	}
}

// outcome tells of values that are in no standard form.
func (t *textWriter) outcome(o Outcome, label string) {
	if o.Values == 0 {
		return
	}
	values := "values"
	if o.Values == 1 {
		values = "value"
	}
	t.wrapped(fmt.Sprintf("  %10s %s of ", grouped(o.Values), values), label+" "+outcomeAdvice[o.Name])
	t.samples(o.Samples)
}

func (t *textWriter) problems(r *Report) {
	t.heading("Problems")
	none := true
	for _, p := range r.Problems {
		if p.Records > 0 {
			none = false
			t.line(p.Records, t.of, p.Label+" ("+p.Code+"). "+p.Advice)
			t.samples(p.Samples)
		}
	}
	if none {
		t.w.WriteString("  none\n")
	}
	t.repeated("Titles that are met most", r.Titles)
	if len(r.DateShapes) > 0 {
		t.heading("Dates not understood, by shape")
		for _, s := range r.DateShapes {
			fmt.Fprintf(t.w, "  %10s  %s  such as %s\n", grouped(s.Records), padded(clipColumns(printable(s.Value), 24), 24), clipColumns("“"+printable(s.Samples[0].Value)+"”", 32))
		}
		t.w.WriteString("  9 stands for one or two digits, a for a word\n")
	}
}

func (t *textWriter) repeated(title string, values []Repeated) {
	if len(values) == 0 {
		return
	}
	t.heading(title)
	for _, v := range values {
		fmt.Fprintf(t.w, "  %10s  %s\n", grouped(v.Records), clipColumns("“"+printable(v.Value)+"”", textWidth-14))
	}
}

func (t *textWriter) tagging(r *Report) {
	t.heading("Records that say the language of their texts")
	t.line(r.Tagging.All, t.of, "of every text")
	t.line(r.Tagging.Some, t.of, "of some")
	t.line(r.Tagging.None, t.of, "of none")
	t.heading("Europeana metadata tiers (C is best)")
	row := func(label string, cells []string) {
		t.w.WriteString("  " + padded(label, 22))
		for _, c := range cells {
			t.w.WriteString(left(c, 12))
		}
		t.w.WriteByte('\n')
	}
	row("", []string{"0", "A", "B", "C"})
	for _, d := range r.Tiers {
		var cells []string
		for _, n := range d.Tiers {
			cells = append(cells, percent(n, t.of))
		}
		row(d.Label, cells)
	}
}

func (t *textWriter) aggregators(aggregators []Aggregator) {
	for _, a := range aggregators {
		t.heading(a.Name)
		t.line(a.Accepted, t.of, "meet all that is required")
		for _, level := range []Level{Required, Recommended} {
			said := false
			for _, rule := range a.Rules {
				if rule.Level != level || rule.Records == 0 {
					continue
				}
				if !said {
					fmt.Fprintf(t.w, "  %s, and lacking or wrong in:\n", level)
					said = true
				}
				t.line(rule.Records, t.of, rule.Label)
				if rule.Records < t.of || rule.Samples[0].Value != "" { // what all records lack needs no example
					t.samples(rule.Samples[:1])
				}
			}
		}
	}
}

func (t *textWriter) notes(notes []Noted) {
	if len(notes) == 0 {
		return
	}
	t.heading("Noted while mapping")
	for _, n := range notes {
		fmt.Fprintf(t.w, "  %10s  %s\n", grouped(n.Notes), n.Kind)
		if n.Kind == dc.Warning { // a rule or a correction asks somebody to look
			t.samples(n.Samples)
		}
	}
}

// notMapped says what of the originals is in no record. JSON and HTML have all of it.
func (t *textWriter) notMapped(fields []Unmapped) {
	if len(fields) == 0 {
		return
	}
	t.heading("Not mapped: no rule looks at these fields")
	for _, f := range fields[:min(len(fields), maxListed)] {
		t.line(f.Records, t.of, printable(f.Field))
	}
	if more := len(fields) - maxListed; more > 0 {
		fmt.Fprintf(t.w, "  %10s  further fields\n", grouped(int64(more)))
	}
}

// padded is s with blanks behind it, left with blanks before it, up to so many columns.
func padded(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-columnsOf(s)))
}

func left(s string, columns int) string {
	return strings.Repeat(" ", max(1, columns-columnsOf(s))) + s
}

// columnsOf is how many columns of a terminal a text takes, nearly: wide characters take two, marks none.
func columnsOf(s string) (n int) {
	for _, r := range s {
		n += columnsOfRune(r)
	}
	return n
}

func columnsOfRune(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// clipColumns cuts a text that is wider.
func clipColumns(s string, columns int) string {
	if columnsOf(s) <= columns {
		return s
	}
	n := 0
	for i, r := range s {
		if n += columnsOfRune(r); n > columns-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// printable is s with every character that could steer a terminal, or turn the direction of a line, as
// U+FFFD.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\ufffd'
	}, s)
}
