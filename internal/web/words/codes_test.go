package words

import (
	"slices"
	"strings"
	"testing"
)

func TestTonguesAndCountries(t *testing.T) {
	for code, want := range map[string]string{
		"en": "Albanian, English, Albanian, Ancient Greek, Multiple languages; Albania, Germany",
		"de": "Albanisch, Englisch, Albanisch, Altgriechisch, Mehrsprachig; Albanien, Deutschland",
		"fr": "Albanais, Anglais, Albanais, Grec ancien, Multilingue; Albanie, Allemagne",
		"sq": "Shqip, Anglisht, Shqip, Ancient Greek, Gjuhë të shumëfishta; Shqipëri, Gjermani", // it has no name for it
	} {
		l, tongues, countries := Named(code), []string(nil), []string(nil)
		for _, tag := range []string{"sqi", "ENG", "sq", "grc", "mul"} {
			tongues = append(tongues, l.Tongue(tag))
		}
		for _, region := range []string{"AL", "de"} {
			countries = append(countries, l.Country(region))
		}
		if got := strings.Join(tongues, ", ") + "; " + strings.Join(countries, ", "); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
		for _, text := range []string{"", "und", "mis", "qaa", "x-private", "Albanian", "eng; fre", "\xff", strings.Repeat("en-", 9000), "150", "QQ"} {
			if got := []string{l.Tongue(text), l.Country(text)}; !slices.Equal(got, []string{"", ""}) {
				t.Errorf("%s: %.20q is called %q", code, text, got)
			}
		}
	}
}
