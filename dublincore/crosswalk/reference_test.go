package crosswalk

import (
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

func TestReference(t *testing.T) {
	for _, s := range selectorForms {
		t.Run(s.format+" "+s.form, func(t *testing.T) {
			m := compile(t, "format "+s.format+"\ntitle from "+s.form+"\n")
			res, err := m.Apply(Input{Original: []byte(s.original)})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(textsOf(res.Record, dublincore.Title), "|"); got != s.want {
				t.Errorf("got %q, want %q", got, s.want)
			}
		})
	}
	page := Reference()
	for _, tr := range transforms {
		if !strings.Contains(page, "| `"+tr.name) || tr.doc == "" || tr.example.call == "" {
			t.Errorf("the reference page lacks the transform %s, or its sample", tr.name)
		}
	}
	for _, f := range formats {
		if !strings.Contains(page, "- `"+f.name+"`") {
			t.Errorf("the reference page lacks the format %s", f.name)
		}
	}
	for _, l := range strings.Split(page, "\n") {
		if strings.HasPrefix(l, "| ") && (strings.Count(l, "|")-strings.Count(l, `\|`))%5 != 0 && (strings.Count(l, "|")-strings.Count(l, `\|`))%6 != 0 {
			t.Errorf("a table row has too many cells: %s", l)
		}
	}
}
