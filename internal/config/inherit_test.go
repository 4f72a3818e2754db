package config_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// For each key, and each key of a mapping, the source goes before its group, that before the defaults,
// and they before what is in the code; null is as if nobody had set it.
func TestInheritance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said := map[string]map[string]string{"rights": {}, "publisher": {}} // by key, then level
		var b strings.Builder
		b.WriteString("gateway: {namespace: a.example.org}\n")
		level := func(name, value, more string) string {
			var keys []string
			for _, key := range []string{"rights", "publisher"} {
				into := said[key]
				switch rapid.SampledFrom([]string{"absent", "set", "null"}).Draw(t, name+" "+key) {
				case "set":
					keys, into[name] = append(keys, key+": "+value+key), value+key
				case "null":
					keys, into[name] = append(keys, key+": null"), "null"
				}
			}
			return fmt.Sprintf("{%scontext: {%s}}", more, strings.Join(keys, ", "))
		}
		fmt.Fprintf(&b, "defaults: %s\n", level("defaults", "d", ""))
		fmt.Fprintf(&b, "groups: {g: %s}\n", level("group", "g", ""))
		fmt.Fprintf(&b, "sources:\n  s: %s\n", level("source", "s", "group: g, kind: listing, from: a.txt, "))
		fmt.Fprintf(&b, "  plain: {kind: listing, from: a.txt}\n")
		c, err := config.Parse("sheaf.yaml", []byte(b.String()), options)
		if err != nil {
			t.Fatalf("%s\n%v", &b, err)
		}
		for key, said := range said {
			for source, levels := range map[string][]string{"s": {"source", "group", "defaults"}, "plain": {"defaults"}} {
				want := ""
				for _, l := range levels {
					if said[l] != "" {
						want = strings.TrimPrefix(said[l], "null")
						break
					}
				}
				if got := strings.Join(c.Sources[source].Context[key], ","); got != want {
					t.Fatalf("%s\n%s of %s is %q; want %q", &b, key, source, got, want)
				}
			}
		}
	})
}
