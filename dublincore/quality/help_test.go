package quality_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/dublincore/quality"
)

// today is the day of all measuring here.
var today = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// good is a record that no rule objects to and that has no problem.
func good() *dc.Record {
	return record(
		dc.Value{Term: dc.Title, Text: "Water in the soil of three plots", Lang: "en"},
		dc.Value{Term: dc.Creator, Text: "Hoxha, Ana"},
		dc.Value{Term: dc.Publisher, Text: "Institute of Soils"},
		dc.Value{Term: dc.Subject, Text: "Hydrology", Lang: "en"},
		dc.Value{Term: dc.Abstract, Text: "Rain was measured on three plots for a year, and how fast it reached the ground water.", Lang: "en"},
		dc.Value{Term: dc.Issued, Text: "1957-04-12", Scheme: "W3CDTF", Original: "12 April 1957"},
		dc.Value{Term: dc.Type, Text: "Text", Scheme: "DCMIType", Original: "article"},
		dc.Value{Term: dc.Type, Text: "article", Lang: "en"},
		dc.Value{Term: dc.Identifier, Text: "https://doi.org/10.5555/abc", Scheme: "URI", Original: "10.5555/ABC"},
		dc.Value{Term: dc.Language, Text: "eng", Scheme: "ISO639-3", Original: "English"},
		dc.Value{Term: dc.AccessRights, Text: "http://purl.org/coar/access_right/c_abf2", Scheme: "URI"},
		dc.Value{Term: dc.License, Text: "http://creativecommons.org/licenses/by/4.0/", Scheme: "URI"},
		dc.Value{Term: dc.Landing, Text: "https://repository.example.edu/1"},
		dc.Value{Term: dc.Object, Text: "https://repository.example.edu/1.pdf"},
		dc.Value{Term: dc.Thumbnail, Text: "https://repository.example.edu/1.jpg"},
		dc.Value{Term: dc.DataProvider, Text: "Institute of Soils"},
		dc.Value{Term: dc.Provider, Text: "Example Gateway"},
	)
}

func record(values ...dc.Value) *dc.Record { return &dc.Record{Values: values} }

// but is good with the values of some terms replaced: of each term that values have, and of those
// given without.
func but(without []dc.Term, values ...dc.Value) *dc.Record {
	r := good()
	for _, t := range without {
		r.Remove(t)
	}
	for _, v := range values {
		r.Remove(v.Term)
	}
	r.Values = append(r.Values, values...)
	return r
}

func terms(t ...dc.Term) []dc.Term { return t }

func text(t dc.Term, s string) dc.Value { return dc.Value{Term: t, Text: s} }

// measure feeds records with identifiers r0, r1, …
func measure(records ...*dc.Record) *quality.Report {
	m := quality.NewMeter(today, formats.Demands)
	for i, r := range records {
		m.Add(fmt.Sprintf("r%d", i), r)
	}
	return m.Report()
}

// shown are the codes of the problems that at least one record shows.
func shown(r *quality.Report) []string {
	codes := []string{}
	for _, p := range r.Problems {
		if p.Records > 0 {
			codes = append(codes, p.Code)
		}
	}
	return codes
}

func problem(t testing.TB, r *quality.Report, code string) quality.Finding {
	t.Helper()
	at := slices.IndexFunc(r.Problems, func(f quality.Finding) bool { return f.Code == code })
	if at < 0 {
		t.Fatalf("the report has no problem %q", code)
	}
	return r.Problems[at]
}

func standards(t testing.TB, r *quality.Report, kind string) quality.Standard {
	t.Helper()
	at := slices.IndexFunc(r.Standards, func(s quality.Standard) bool { return s.Kind == kind })
	if at < 0 {
		t.Fatalf("the report has no kind %q", kind)
	}
	return r.Standards[at]
}

// count is how many values had each outcome, without those that none had.
func count(outcomes []quality.Outcome) map[string]int64 {
	m := map[string]int64{}
	for _, o := range outcomes {
		if o.Values > 0 {
			m[o.Name] = o.Values
		}
	}
	return m
}
