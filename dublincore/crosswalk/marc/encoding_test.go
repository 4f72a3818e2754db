package marc_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// TestOtherwise: what a record that is not UTF-8 is read as, with nothing said, and with an encoding that somebody names.
func TestOtherwise(t *testing.T) {
	const leader8, leaderU = "00000nam  2200000   4500", "00000nam a2200000   4500"
	latin1, cyrillic := marc.Charmap(charmap.ISO8859_1), marc.Charmap(charmap.Windows1251)
	for name, c := range map[string]struct {
		leader, text string
		otherwise    marc.Decoder
		want         string // empty: it can't be read
	}{
		"claims UTF-8, is MARC-8":                  {leaderU, "Les mis\xe2erables", nil, ""},
		"claims UTF-8, is MARC-8, which is said":   {leaderU, "Les mis\xe2erables", marc.MARC8, "Les misérables"},
		"claims UTF-8, is Latin-1, which is said":  {leaderU, "Les mis\xe9rables", latin1, "Les misérables"},
		"claims MARC-8, is Latin-1, which is said": {leader8, "Les mis\xe9rables", latin1, "Les misérables"},
		"claims MARC-8, is Cyrillic":               {leader8, "\xce\xf1\xed\xee\xe2\xfb", nil, ""},
		"claims MARC-8, is Cyrillic, as said":      {leader8, "\xce\xf1\xed\xee\xe2\xfb", cyrillic, "Основы"},
		"a byte that the encoding does not have":   {leader8, "\xce\xe0\x98", cyrillic, ""},
		"UTF-8, whatever is said":                  {leader8, "Les misérables", latin1, "Les misérables"},
		"escapes of MARC-8, whatever is said":      {leader8, "\x1b$1!0!\x1b(B", latin1, "一"},
		"UTF-8 with a damaged letter":              {leaderU, "Žluťoučký k\xfa\xc5", nil, "Žluťoučký k\ufffd"},
		"UTF-8 with a copied field, which is said": {leaderU, "Žluťoučký\x1fbLes mis\xe9rables", latin1, "Žluťoučký Les misérables"},
		"one letter of UTF-8, one that is not":     {leaderU, "é\x1fb\xe9", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := marc.Parser{Otherwise: c.otherwise}
			for range 2 { // it reads the next record in the same way
				rec, err := p.Parse(iso2709(c.leader, "245", "10\x1fa"+c.text))
				if c.want == "" {
					if !errors.Is(err, marc.ErrEncoding) || !errors.Is(err, marc.ErrMalformed) {
						t.Fatalf("the error is %v", err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				var texts []string
				for _, s := range rec.Fields[0].Subfields {
					texts = append(texts, s.Text)
				}
				if got := strings.Join(texts, " "); got != c.want || rec.Lossy() != strings.Contains(c.want, "\ufffd") {
					t.Errorf("%q, lossy %v, want %q", got, rec.Lossy(), c.want)
				}
			}
		})
	}
}
