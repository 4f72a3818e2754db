package crosswalk

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

func TestContextValue(t *testing.T) {
	for _, c := range []struct {
		term, text string
		want       dublincore.Value
	}{
		{"language", "Albanian", dublincore.Value{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3", Original: "Albanian"}},
		{"language", "sqi", dublincore.Value{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3"}},
		{"rights", "http://rightsstatements.org/vocab/CNE/1.0/", dublincore.Value{Term: dublincore.Rights, Text: "http://rightsstatements.org/vocab/CNE/1.0/", Scheme: "URI"}},
		{"rights", "Ask us", dublincore.Value{Term: dublincore.Rights, Text: "Ask us"}},
		{"publisher", " Example  Archive ", dublincore.Value{Term: dublincore.Publisher, Text: "Example Archive"}},
		{"created", "April 1957", dublincore.Value{Term: dublincore.Created, Text: "1957-04", Scheme: "W3CDTF", Original: "April 1957"}},
	} {
		c.want.From = dublincore.Context
		got, err := ContextValue(c.term, c.text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", c.term, c.text, diff)
		}
	}
	for _, c := range []struct{ term, text, want string }{
		{"langauge", "sqi", `context: "langauge" is no term of a record (did you mean "language"?)`},
		{"landing", "here", `context: landing must be an http or https URL, not "here"`},
		{"title", " ", `context: title has no value`},
	} {
		_, err := ContextValue(c.term, c.text)
		var own *Error
		if !errors.As(err, &own) || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

// TestConcurrent: one mapping serves many goroutines, and what one reads never shows in another.
func TestConcurrent(t *testing.T) {
	for _, c := range []struct{ format, doc string }{
		{"marc21", "=LDR  00000nam a22\n=041  0\\$aeng\n=245  10$aNumber %d\n=700  1\\$aAuthor %[1]d$4aut\n"},
		{"mods", `<mods><titleInfo><title>Number %d</title></titleInfo><name><namePart>Author %[1]d</namePart><role><roleTerm>aut</roleTerm></role></name></mods>`},
		{"oai_dc", `<dc xmlns="http://purl.org/dc/elements/1.1/"><title>Number %d</title><creator>Author %[1]d</creator></dc>`},
	} {
		m, err := Builtin(c.format)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for g := range 4 {
			all.Go(func() {
				for i := range 50 {
					n := 1000*g + i
					res, err := m.Apply(Input{Original: fmt.Appendf(nil, c.doc, n)})
					if err != nil {
						t.Error(err)
						return
					}
					title, author := textsOf(res.Record, dublincore.Title), textsOf(res.Record, dublincore.Creator)
					if strings.Join(title, "|") != fmt.Sprintf("Number %d", n) || strings.Join(author, "|") != fmt.Sprintf("Author %d", n) {
						t.Errorf("record %d of %s has title %q, creator %q", n, c.format, title, author)
					}
				}
			})
		}
		all.Wait()
	}
}
