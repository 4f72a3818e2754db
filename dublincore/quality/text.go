package quality

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// WriteText writes the report for a terminal: plain UTF-8 text in columns, at most about 100 characters
// wide but for sample values. Nothing that a record holds reaches the terminal as a control character.
func (r *Report) WriteText(w io.Writer) error {
	t := &textWriter{w: bufio.NewWriter(w), of: r.Records}
	fmt.Fprintf(t.w, "%s records\n", grouped(r.Records))
	t.elements(r.Elements)
	t.standards(r.Standards)
	t.problems(r)
	t.tagging(r)
	t.aggregators(r.Aggregators)
	t.notes(r.Notes)
	return t.w.Flush()
}

// A textWriter writes the sections of a report; of is the number of records.
type textWriter struct {
	w  *bufio.Writer
	of int64
}

func (t *textWriter) heading(title string, columns ...string) {
	fmt.Fprintf(t.w, "\n%s", padded(strings.ToUpper(title), 34))
	for _, c := range columns {
		fmt.Fprintf(t.w, "%13s", c)
	}
	t.w.WriteByte('\n')
}

func (t *textWriter) row(name string, columns ...string) {
	t.w.WriteString("  " + padded(name, 32))
	for _, c := range columns {
		t.w.WriteString(strings.Repeat(" ", max(1, 13-utf8.RuneCountInString(c))) + c)
	}
	t.w.WriteByte('\n')
}

// line is a finding with its count in front, as its words may be long.
func (t *textWriter) line(count, of int64, label string) {
	fmt.Fprintf(t.w, "  %12s  %8s  %s\n", grouped(count), percent(count, of), label)
}

func (t *textWriter) samples(samples []Sample) {
	for _, s := range samples {
		fmt.Fprintf(t.w, "  %24s%s", "", printable(s.Identifier))
		if s.Value != "" {
			fmt.Fprintf(t.w, "  %q", printable(s.Value))
		}
		t.w.WriteByte('\n')
	}
}

func (t *textWriter) elements(elements []Element) {
	t.heading("Elements", "records", "share", "values each", "different", "lang. said")
	for _, e := range elements {
		t.row(e.Term.String(), grouped(e.Records), percent(e.Records, t.of), mean(e.Values, e.Records),
			percent(min(e.Distinct, e.Values), e.Values), percent(e.Tagged, e.Words))
	}
}

func (t *textWriter) standards(standards []Standard) {
	t.heading("Standard forms", "records", "in form")
	for _, s := range standards {
		t.row(s.Kind, grouped(s.Records), percent(s.Good, s.Records))
	}
	for _, s := range standards {
		for _, o := range s.Outcomes {
			switch o.Name {
			case outcomeNames[standard], outcomeNames[normalized], outcomeNames[beside]:
				continue
			}
			if o.Values > 0 {
				fmt.Fprintf(t.w, "  %12s  values of %s: %s\n", grouped(o.Values), s.Kind, outcomeLabels[o.Name])
				t.samples(o.Samples)
			}
		}
		for _, o := range s.Dropped {
			if o.Values > 0 {
				fmt.Fprintf(t.w, "  %12s  values of %s left out by the mapping: %s\n", grouped(o.Values), s.Kind, outcomeLabels[o.Name])
				t.samples(o.Samples)
			}
		}
	}
}

func (t *textWriter) problems(r *Report) {
	t.heading("Problems")
	none := true
	for _, p := range r.Problems {
		if p.Records > 0 {
			none = false
			t.line(p.Records, t.of, p.Label+" ("+p.Code+")")
			t.samples(p.Samples)
		}
	}
	if none {
		t.w.WriteString("  none\n")
	}
	if len(r.DateShapes) > 0 {
		t.heading("Dates not understood, by shape")
		for _, s := range r.DateShapes {
			fmt.Fprintf(t.w, "  %12s  %s  such as %q\n", grouped(s.Records), padded(printable(s.Value), 32), printable(s.Samples[0].Value))
		}
	}
}

func (t *textWriter) tagging(r *Report) {
	t.heading("Language of texts")
	t.line(r.Tagging.All, t.of, "records say it for every text")
	t.line(r.Tagging.Some, t.of, "for some")
	t.line(r.Tagging.None, t.of, "for none")
	t.heading("Europeana metadata tiers", "0", "A", "B", "C")
	for _, d := range r.Tiers {
		var columns []string
		for _, n := range d.Tiers {
			columns = append(columns, percent(n, t.of))
		}
		t.row(d.Label, columns...)
	}
}

func (t *textWriter) aggregators(aggregators []Aggregator) {
	for _, a := range aggregators {
		t.heading(a.Name)
		t.line(a.Accepted, t.of, "meet all that is required")
		for _, rule := range a.Rules {
			if rule.Records > 0 {
				t.line(rule.Records, t.of, fmt.Sprintf("lack: %s (%s)", rule.Label, rule.Level))
				t.samples(rule.Samples[:min(len(rule.Samples), 1)])
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
		t.row(n.Kind.String(), grouped(n.Notes))
	}
}

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
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
