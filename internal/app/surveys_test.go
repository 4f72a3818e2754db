package app_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/internal/app"
)

// metrics are the series on the ops listener whose names begin so, with their values.
func (r *running) metrics(t *testing.T, prefix string) map[string]string {
	t.Helper()
	resp, err := http.Get(r.Addresses().Ops + "metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	series := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "} "); ok && strings.HasPrefix(line, prefix) {
			series[name+"}"] = value
		}
	}
	return series
}

// wants compares series with what sheaf quality says of one version of the rules.
func wants(source string, made *quality.RulesMade) map[string]string {
	series := map[string]string{fmt.Sprintf(`sheaf_quality_records{rules=%q,source=%q}`, made.Version, source): fmt.Sprint(made.Records)}
	put := func(name, label, value string, n, of int64) {
		labels := fmt.Sprintf("%s=%q,rules=%q,source=%q", label, value, made.Version, source)
		if label > "source" {
			labels = fmt.Sprintf("rules=%q,source=%q,%s=%q", made.Version, source, label, value)
		}
		series[fmt.Sprintf("sheaf_quality_%s_ratio{%s}", name, labels)] = fmt.Sprint(float64(n) / float64(of))
	}
	r := made.Report
	for _, e := range r.Elements {
		put("", "element", e.Term.String(), e.Records, r.Records)
	}
	for _, k := range r.Standards {
		if k.Records > 0 {
			put("normalized", "kind", k.Kind, k.Good, k.Records)
		}
	}
	for _, p := range r.Problems {
		put("problem", "problem", p.Code, p.Records, r.Records)
	}
	for _, a := range r.Aggregators {
		put("accepted", "aggregator", a.Name, a.Accepted, r.Records)
	}
	for i, n := range r.Tiers[3].Tiers {
		put("tier", "tier", string("0ABC"[i]), n, r.Records)
	}
	out := map[string]string{}
	for name, value := range series {
		out[strings.Replace(name, "sheaf_quality__ratio", "sheaf_quality_ratio", 1)] = value
	}
	return out
}

var measuredTime = regexp.MustCompile(`^sheaf_quality_measured_timestamp_seconds`)

// surveyed waits until the metrics say what sheaf quality says, and gives that. It asks what it compares
// with only after the metrics have come by themselves.
func (r *running) surveyed(t *testing.T, source, what string, ready func(series map[string]string) bool) *quality.Survey {
	t.Helper()
	var series map[string]string
	waitFor(t, what, func() bool {
		series = r.metrics(t, "sheaf_quality_")
		return ready(series)
	})
	q, err := r.Quality(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for i := range q.Rules {
		maps.Copy(want, wants(source, &q.Rules[i]))
	}
	maps.DeleteFunc(series, func(name, _ string) bool { return measuredTime.MatchString(name) })
	for name, value := range want {
		if series[name] != value {
			t.Errorf("%s: %s is %q, and sheaf quality says %q", what, name, series[name], value)
		}
	}
	for name := range series {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: there is %s, of which sheaf quality knows nothing", what, name)
		}
	}
	return q
}

// counted waits for a number of records in a number of versions.
func counted(source string, records ...int) func(map[string]string) bool {
	return func(series map[string]string) bool {
		found := map[string]int{}
		for name, value := range series {
			if strings.HasPrefix(name, "sheaf_quality_records{") && strings.Contains(name, fmt.Sprintf("source=%q", source)) {
				found[value]++
			}
		}
		for _, n := range records {
			found[fmt.Sprint(n)]--
		}
		for _, n := range found {
			if n != 0 {
				return false
			}
		}
		return true
	}
}

// Nobody asks for it: after a harvest or a remap the metrics carry what was measured, for each version of
// the rules; an old one drops away with its last record; and a restart neither loses it nor repeats it.
func TestQualityIsKeptCurrent(t *testing.T) {
	src := newProvider(t, 50)
	for n := range 120 {
		src.put(n, fmt.Sprintf("Title %d", n))
	}
	dir := t.TempDir()
	write(t, dir, "ours.map", plainRules)
	run := func() *running {
		return start(t, configure(t, dir, embedded+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', mapping: ours.map}}\n", src.url)), app.Options{})
	}
	g := run()
	if early := g.metrics(t, "sheaf_quality_"); len(early) != 0 {
		t.Errorf("before anything is there: %v", early)
	}
	g.harvest(t, "src", true)
	first := g.surveyed(t, "src", "the first harvest", counted("src", 120))
	if r := first.Rules[0]; len(first.Rules) != 1 || !r.Present || r.Report.Records != 120 || first.Report.Records != 120 {
		t.Errorf("%+v", first.Rules)
	}
	g.stop()

	// A restart, with rules that drop the titles: the figures are there at once, and as they were.
	write(t, dir, "ours.map", "format oai_dc\nidentifier from identifier\n")
	g = run()
	if !counted("src", 120)(g.metrics(t, "sheaf_quality_")) {
		t.Errorf("after a restart: %v", g.metrics(t, "sheaf_quality_"))
	}
	for n := range 30 {
		src.put(n, fmt.Sprintf("Another title %d", n))
	}
	g.harvest(t, "src", true)
	both := g.surveyed(t, "src", "new rules for a part", counted("src", 30, 90))
	if len(both.Rules) != 2 || !both.Rules[0].Present || both.Rules[0].Records != 30 || both.Rules[1].Version != first.Rules[0].Version {
		t.Errorf("two versions: %+v", both.Rules)
	}
	if title := both.Rules[0].Report.Elements[0]; title.Records != 0 || both.Rules[1].Report.Elements[0].Records != 90 {
		t.Errorf("the versions are not told apart: %+v", title)
	}

	g.remap(t, true)
	whole := g.surveyed(t, "src", "a remap", counted("src", 120))
	if len(whole.Rules) != 1 || whole.Rules[0].Version != both.Rules[0].Version {
		t.Errorf("after the remap: %+v", whole.Rules)
	}
	// Rules that make the same move no record, and are others all the same.
	write(t, dir, "ours.map", "format oai_dc\nidentifier from identifier # as it is\nabstract from abstract\n")
	if done := g.remap(t, true); done.Changed != 0 || done.Same != 120 {
		t.Fatalf("%+v", done)
	}
	g.surveyed(t, "src", "a remap that changes nothing", func(series map[string]string) bool {
		for name := range series {
			if strings.Contains(name, whole.Rules[0].Version) {
				return false
			}
		}
		return counted("src", 120)(series)
	})
	for name, want := range map[string]string{
		`sheaf_mapping_records_total{source="src"}`:                      "",
		`sheaf_mapping_failures_total{source="src"}`:                     "0",
		`sheaf_mapping_notes_total{kind="html-stripped",source="src"}`:   "0",
		`sheaf_mapping_warnings_total{source="src",term="date"}`:         "0",
		`sheaf_source_added_timestamp_seconds{source="src"}`:             "",
		`sheaf_quality_measured_timestamp_seconds{source="src"}`:         "",
		`sheaf_quality_ratio{element="title",rules="x",source="nobody"}`: "absent",
	} {
		got, there := g.metrics(t, "sheaf_")[name]
		if there == (want == "absent") || there && want != "" && got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
