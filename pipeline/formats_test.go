package pipeline

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Logs keep these numbers, and fingerprints cover them.
func TestNumbersOfFormatsStay(t *testing.T) {
	for want, fs := range map[int64]Formats{
		0: {}, 1: FormatsOf("mods"), 2: FormatsOf("edm"), 4: FormatsOf("oai_openaire"),
		1 | 1<<16 | 2<<34 | 9<<40: Formats{}.For(9).WithAll("oai_qdc", 3).With("mods", 2),
		3 | 63<<22:                FormatsOf("mods").With("edm", 64),
		1<<52 - 1<<40:             Formats{}.For(1<<12 - 1),
	} {
		if got, ok := fs.Number(); got != want || !ok {
			t.Errorf("the number of %q is %d, want %d", fs, got, want)
		}
		if got := NumberedFormats(want); got != fs {
			t.Errorf("%d stands for %q, want %q", want, got, fs)
		}
	}
	for _, fs := range []Formats{FormatsOf("fifth"), FormatsOf("mods").With("edm", 65), Formats{}.For(1 << 12), Formats{}.WithAll("mods", 2), FormatsOf("oai_qdc")} {
		if n, ok := fs.Number(); ok {
			t.Errorf("%q has the number %d", fs, n)
		}
	}
}

// Formats keep what was said of any number of them, whatever they are called and in whatever order it came.
func TestFormatsKeepWhatIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fs := Formats{}.For(rapid.IntRange(0, 3).Draw(t, "first gateway"))
		versions, everyone := map[string]int{}, map[string]bool{}
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 59), 0, 60).Draw(t, "formats") {
			prefix := fmt.Sprintf("f%d", n)
			version := rapid.IntRange(1, 300).Draw(t, "version")
			if versions[prefix] = version; n%7 == 0 {
				fs, everyone[prefix] = fs.WithAll(prefix, version), true
			} else {
				fs = fs.With(prefix, version)
			}
		}
		gateway := rapid.IntRange(0, 1<<20).Draw(t, "gateway")
		fs = fs.For(gateway)
		again, err := ParseFormats(fs.String())
		if err != nil || again != fs {
			t.Fatalf("%q is read as %q: %v", fs, again, err)
		}
		var sent Formats
		if b, err := json.Marshal(fs); err != nil || json.Unmarshal(b, &sent) != nil || !sent.Equal(fs) {
			t.Fatalf("%q is sent as %s and read as %q: %v", fs, b, sent, err)
		}
		got := map[string]int{}
		fs.Each(func(prefix string) { got[prefix] = fs.Version(prefix) })
		want := map[string]int{}
		for prefix, version := range versions {
			if fs.Version(prefix) != version || fs.Has(prefix) == everyone[prefix] {
				t.Fatalf("%q: %s has version %d (%v), want %d", fs, prefix, fs.Version(prefix), fs.Has(prefix), version)
			}
			if !everyone[prefix] {
				want[prefix] = version
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || fs.Gateway() != gateway {
			t.Fatalf("%q: gateway %d, want %d\n%s", fs, fs.Gateway(), gateway, diff)
		}
		if n, ok := fs.Number(); ok && NumberedFormats(n) != fs {
			t.Fatalf("%q has the number of %q", fs, NumberedFormats(n))
		}
	})
}

// What is no text of formats is refused, so that a damaged log shows.
func TestParseFormatsRefuses(t *testing.T) {
	for _, text := range []string{"mods", "mods=x", " mods=1", "mods=1 edm=1", "@x", "mods=1  @5", "@5 mods=1", "mods=01"} {
		if fs, err := ParseFormats(text); err == nil {
			t.Errorf("%q is read as %q", text, fs)
		}
	}
}
