package quality_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

func TestProblems(t *testing.T) {
	const long = "Rain was measured on three plots for a year, and how fast it reached the ground water."
	issued := func(s string) *dc.Record { return but(nil, text(dc.Issued, s)) }
	title := func(s string) *dc.Record { return but(nil, text(dc.Title, s)) }
	for _, c := range []struct {
		name string
		rec  *dc.Record
		want []string
	}{
		{"a good record", good(), nil},
		{"no title", but(terms(dc.Title)), []string{"no-title"}},
		{"a blank title", title(" \t"), []string{"no-title"}},
		{"an ideographic blank", title("\u3000"), []string{"no-title"}},
		{"title is description", but(terms(dc.Abstract), text(dc.Title, long[:60]), text(dc.Description, strings.ToUpper(long[:60]))), []string{"P2"}},
		{"title nearly description", but(terms(dc.Abstract), text(dc.Title, long[:60]), text(dc.Description, long[:60]+" again.")), []string{"P3"}},
		{"longer by twenty", but(terms(dc.Abstract), text(dc.Title, long[:60]), text(dc.Description, long[:80])), []string{"P3"}},
		{"longer by twenty-one", but(terms(dc.Abstract), text(dc.Title, long[:60]), text(dc.Description, long[:81])), nil},
		{"title begins the description", but(terms(dc.Abstract), text(dc.Title, long[:60]), text(dc.Description, long)), nil},
		{"another description of the same length", but(terms(dc.Abstract), text(dc.Title, "Letters of the mayor to the council of the town about bread"),
			text(dc.Description, "Three boxes, two bound; the fourth was lost in the big fire")), nil},
		{"six odd characters", title("Soil / water \\ rain % (a)"), nil},
		{"seven odd characters", title("Soil / water \\ rain % (a) [b]"), []string{"P5"}},
		{"letters of other scripts are not odd", title("Ուղերձ Հայաստանի մասին, 通信, κείμενο"), nil},
		{"two characters", title("XY"), []string{"P6"}},
		{"two characters of four bytes", title("𝄞𝄞"), []string{"P6"}},
		{"three characters", title("Sea"), nil},
		{"a year is a title", title("1984"), nil},
		{"a file name", title("IMG_2034.TIF"), []string{"P6"}},
		{"holds the identifier", title("Scan of 10.5555/ABC"), []string{"P6"}},
		{"a standard identifier", title("978-3-16-148410-0"), []string{"P6"}},
		{"no description", but(terms(dc.Abstract)), []string{"P7"}},
		{"a table of contents is none", but(terms(dc.Abstract), text(dc.TableOfContents, long)), []string{"P7"}},
		{"a description of 50", but(terms(dc.Abstract), text(dc.Description, strings.Repeat("é", 50))), []string{"P9"}},
		{"a description of 51", but(terms(dc.Abstract), text(dc.Description, strings.Repeat("é", 51))), nil},
		{"a title of 70", title(strings.Repeat("é", 70)), nil},
		{"a title of 71", title(strings.Repeat("é", 71)), []string{"P12"}},
		{"a date of zeros", issued("0000-00-00"), []string{"date-placeholder"}},
		{"the zero of Unix", issued("1970-01-01T00:00:00Z"), []string{"date-placeholder"}},
		{"a template", issued("[YYYY-MM-DD]"), []string{"date-placeholder"}},
		{"a placeholder in the original", but(nil, dc.Value{Term: dc.Issued, Text: "9999", Original: "9999-99-99"}), []string{"date-placeholder"}},
		{"undated", issued("[s. d.]"), []string{"date-none"}},
		{"undated in Russian", issued("без даты"), []string{"date-none"}},
		{"day or month", issued("03/04/1957"), []string{"date-ambiguous"}},
		{"next year", issued("2027"), nil},
		{"in two years", issued("2028"), []string{"date-future"}},
		{"an embargo in five years", but(nil, text(dc.Available, "2031-01-01")), nil},
		{"markup", but(nil, text(dc.Subject, "<i>Fagus</i>")), []string{"markup"}},
		{"a character reference", but(nil, text(dc.Subject, "Caf&eacute;s")), []string{"markup"}},
		{"less than, and", but(nil, text(dc.Subject, "a < b & c > d")), nil},
		{"UTF-8 as Latin-1", but(nil, text(dc.Subject, "CafÃ©s")), []string{"damaged"}},
		{"UTF-8 as Windows-1252", but(nil, text(dc.Subject, "Anaâ€™s")), []string{"damaged"}},
		{"a replacement character", but(nil, text(dc.Subject, "Caf\ufffds")), []string{"damaged"}},
		{"accents in their place", but(nil, text(dc.Subject, "Ãgua, Âge, â la carte, Château, façade, naïve")), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := measure(c.rec)
			if diff := cmp.Diff(append([]string{}, c.want...), shown(r)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			for _, code := range c.want {
				p := problem(t, r, code)
				if p.Records != 1 || len(p.Samples) != 1 || p.Samples[0].Identifier != "r0" {
					t.Errorf("%s: %d records, samples %v; want one of r0", code, p.Records, p.Samples)
				}
			}
		})
	}
}

func TestRecordsNotOccurrences(t *testing.T) {
	r := measure(but(nil, text(dc.Issued, "n.d."), text(dc.Created, "s.a."), text(dc.Title, strings.Repeat("x", 80)), text(dc.Title, strings.Repeat("y", 80))))
	for _, code := range []string{"date-none", "P12"} {
		if n := problem(t, r, code).Records; n != 1 {
			t.Errorf("%s is counted %d times for one record", code, n)
		}
	}
}

func TestSameTitleEverywhere(t *testing.T) {
	records := func(same int) (out []*dc.Record) {
		for i := range 50 {
			s := "Untitled"
			if i >= same {
				s = fmt.Sprintf("Letter no. %d", i)
			}
			out = append(out, but(nil, text(dc.Title, s)))
		}
		return out
	}
	if p := problem(t, measure(records(4)...), "P1"); p.Records != 0 || len(p.Samples) != 0 {
		t.Errorf("a title on four records: %+v; want nothing", p)
	}
	r := measure(records(7)...)
	p := problem(t, r, "P1")
	if p.Records != 7 || len(p.Samples) != 5 || p.Samples[0].Value != "Untitled" {
		t.Errorf("a title on seven records: %d, %v", p.Records, p.Samples)
	}
	if len(r.Titles) != 1 || r.Titles[0].Value != "Untitled" || r.Titles[0].Records != 7 || r.TitleError != 0 {
		t.Errorf("repeated titles: %+v, error %d", r.Titles, r.TitleError)
	}
}

func TestSameDayEverywhere(t *testing.T) {
	records := func(same int) (out []*dc.Record) {
		for i := range 100 {
			s := "1998-07-01"
			if i >= same {
				s = fmt.Sprintf("19%02d-01-02", i)
			}
			out = append(out, but(nil, text(dc.Issued, s)))
		}
		return out
	}
	if got := shown(measure(records(19)...)); slices.Contains(got, "date-everywhere") {
		t.Error("nineteen records of one day are a finding")
	}
	r := measure(records(20)...)
	if p := problem(t, r, "date-everywhere"); p.Records != 20 || p.Samples[0].Value != "1998-07-01" {
		t.Errorf("twenty records of one day: %d, %v", p.Records, p.Samples)
	}
	var years []*dc.Record
	for range 100 {
		years = append(years, but(nil, text(dc.Issued, "1998")))
	}
	if got := shown(measure(years...)); slices.Contains(got, "date-everywhere") {
		t.Error("a year everywhere is a finding; only days are")
	}
}

func TestShapesOfDates(t *testing.T) {
	dates := []string{"spring '57", "winter '8", "um die Mitte", "12345678901 x", "\x01\xff"}
	var records []*dc.Record
	for _, d := range dates {
		records = append(records, but(nil, text(dc.Issued, d)))
	}
	got := map[string]int64{}
	for _, s := range measure(records...).DateShapes {
		got[s.Value] = s.Records
	}
	want := map[string]int64{"a '9": 2, "a a a": 1, "9… a": 1, "\ufffd\ufffd": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shapes (-want +got):\n%s", diff)
	}
}

func TestSamplesVary(t *testing.T) {
	var records []*dc.Record
	for i := range 200 {
		s := "n.d."
		if i%50 == 7 {
			s = []string{"s.a.", "undated", "[no date]", "o. J."}[i/50]
		}
		records = append(records, but(nil, text(dc.Issued, s)))
	}
	p := problem(t, measure(records...), "date-none")
	var values []string
	for _, s := range p.Samples {
		values = append(values, s.Value)
	}
	slices.Sort(values)
	if diff := cmp.Diff([]string{"[no date]", "n.d.", "o. J.", "s.a.", "undated"}, values); diff != "" {
		t.Errorf("samples show each way to say it (-want +got):\n%s", diff)
	}
}
