package crosswalk_test

import (
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
)

func TestDoubtContext(t *testing.T) {
	for _, c := range []struct{ term, text, doubt string }{
		{"created", "03/04/1957", "two ways"},
		{"created", "soon", "not a date"},
		{"created", "1957-04-03", ""},
		{"issued", "April 1957", ""},
		{"rights", "CC-BY", "names no licence"},
		{"rights", "CC BY 4.0", ""},
		{"rights", "The heirs of the author keep all rights.", ""},
		{"rights", "http://rightsstatements.org/vocab/CNE/1.0/", ""},
		{"license", "free", "names no licence"},
		{"language", "Albanian", ""},
		{"language", "Klingonese", "not a language"},
		{"type", "Text", ""},
		{"type", "thingy", "not a type"},
		{"publisher", "03/04/1957", ""},
		{"no-term", "x", ""},
	} {
		got := crosswalk.DoubtContext(c.term, c.text)
		if c.doubt == "" && got != "" || !strings.Contains(got, c.doubt) {
			t.Errorf("%s: %s: %q, want %q in it", c.term, c.text, got, c.doubt)
		}
	}
}
