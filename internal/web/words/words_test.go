package words

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// verbs are the parts of a text, in their order: "%d", "%[2]s".
var verbs = regexp.MustCompile(`%(\[(\d)\])?([a-z%])`)

// parts gives a letter for each part of a text, in the order in which they are handed over.
func parts(text string) string {
	var out []byte
	next := 0
	for _, m := range verbs.FindAllStringSubmatch(text, -1) {
		if m[3] == "%" {
			continue
		}
		if m[2] != "" {
			next = int(m[2][0] - '1')
		}
		for len(out) <= next {
			out = append(out, '-')
		}
		out[next] = m[3][0]
		next++
	}
	return string(out)
}

// A translation has the parts of the English text, and a form for each plural form of its language; none has markup.
func TestTranslationsAgree(t *testing.T) {
	form := map[plural.Form]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}
	for _, code := range codes {
		entries, err := read(code)
		if err != nil {
			t.Fatal(err)
		}
		wanted := map[string]bool{}
		for n := range 2000 {
			wanted[form[plural.Cardinal.MatchPlural(language.MustParse(code), n, 0, 0, 0, 0)]] = true
		}
		english, err := read("en")
		if err != nil {
			t.Fatal(err)
		}
		for key, e := range entries {
			texts := e.forms
			if english[key].forms != nil && e.forms == nil {
				t.Errorf("%s: %q has one form only", code, key)
			}
			if texts == nil {
				texts = map[string]string{"other": e.text}
			} else {
				for f := range wanted {
					if e.forms[f] == "" && english[key].forms != nil {
						t.Errorf("%s: %q lacks the form %q", code, key, f)
					}
				}
			}
			for f, text := range texts {
				got, want := parts(text), parts(key)
				if f != "other" && f != "many" && f != "few" && strings.HasPrefix(got, "-") { // the number is in words
					got = want[:1] + got[1:]
				}
				if f == "one" && got == "" {
					got = want
				}
				if got != want || text == "" {
					t.Errorf("%s: %q has the parts %q, and %q has %q", code, text, got, key, want)
				}
				if strings.ContainsAny(text, "<>&|") {
					t.Errorf("%s: %q has markup", code, text)
				}
				if !slices.Contains(forms, f) {
					t.Errorf("%s: %q has the form %q", code, key, f)
				}
			}
		}
	}
}

func TestNumbersAndDates(t *testing.T) {
	first, third := time.Date(2026, 3, 1, 5, 6, 7, 0, time.UTC), time.Date(2025, 5, 3, 0, 0, 0, 0, time.UTC)
	for code, want := range map[string][]string{
		"en": {"1,234,567 records", "1 record", "0 records", "1 March 2026", "3 May 2025", "1 March 2026, 05:06:07 UTC", "1.5"},
		"de": {"1.234.567 Datensätze", "1 Datensatz", "0 Datensätze", "1. März 2026", "3. Mai 2025", "1. März 2026, 05:06:07 UTC", "1,5"},
		"fr": {"1\u00a0234\u00a0567 notices", "1 notice", "0 notice", "1er mars 2026", "3 mai 2025", "1er mars 2026 à 05:06:07 UTC", "1,5"},
		"sq": {"1\u00a0234\u00a0567 regjistrime", "1 regjistrim", "0 regjistrime", "1 mars 2026", "3 maj 2025", "1 mars 2026, 05:06:07 UTC", "1,5"},
	} {
		l := Named(code)
		got := []string{l.T("%d records", 1234567), l.T("%d records", 1), l.T("%d records", 0), l.Day(first), l.Day(third), l.Moment(first), l.Decimal(1.5)}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

// What no file has, and what a source has written, stays as it is.
func TestUnknownTexts(t *testing.T) {
	for _, text := range []string{"100% sure", "%s", "", "Arkivi", "a|b"} {
		if got := Named("de").T(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestAccepted(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "de": "de", "de-AT, en;q=0.5": "de", "en-GB,de;q=0.9": "en", "sq-AL": "sq", "ja, fr;q=0.3": "fr", "ja": "en", "*": "en",
		"q=;;,,": "en", "de;q=0, fr": "fr", strings.Repeat("de-", 10_000): "en", "fr-CA": "fr", "it;q=0.9,sq;q=0.8": "sq",
	} {
		if got := Accepted(All(), header).Code; got != want {
			t.Errorf("%.40q: %s, want %s", header, got, want)
		}
	}
}
