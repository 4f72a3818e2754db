package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// write writes a file of a test's folder.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const (
	plainRules = "format oai_dc\ntitle from title\nidentifier from identifier\n"
	loudRules  = "format oai_dc\ntitle from title | upper\nidentifier from identifier\n"
	noRules    = "format mods\ntitle from titleInfo/title\n"
)

// remap gives the report of a remap of src.
func (r *running) remap(t *testing.T, apply bool) *pipeline.RemapReport {
	t.Helper()
	var last control.RemapLine
	err := r.Remap(t.Context(), control.RemapOrder{Source: "src", Apply: apply}, func(l *control.RemapLine) error {
		last = *l
		return nil
	})
	if err != nil || last.Error != "" || last.Report == nil {
		t.Fatalf("remap: %v, %+v", err, last)
	}
	return last.Report
}

func (r *running) title(t *testing.T, n int) dublincore.Value {
	t.Helper()
	rec, err := r.Record(t.Context(), "oai:test.example.org:src/"+identifier(n))
	if err != nil {
		t.Fatal(err)
	}
	var dc dublincore.Record
	if err := dc.UnmarshalJSON(rec.DC); err != nil {
		t.Fatal(err)
	}
	v, _ := dc.First(dublincore.Title)
	return v
}

// A running gateway: rules that changed on disk act when a remap asks for it, on the records that come
// out otherwise, each of which is published once; going back is a remap too.
func TestRemapOfARunningGateway(t *testing.T) {
	src := newProvider(t, 50)
	for n := range 120 {
		src.put(n, fmt.Sprintf("Title %d", n))
	}
	src.put(7, "UPPER 7") // comes out the same by both rules
	dir := t.TempDir()
	write(t, dir, "ours.map", plainRules)
	g := start(t, configure(t, dir, embedded+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', mapping: ours.map}}\n", src.url)), app.Options{})
	g.harvest(t, "src", true)
	before := records(t, g.Client)

	write(t, dir, "ours.map", loudRules)
	g.harvest(t, "src", true)
	if got := g.title(t, 3).Text; got != "Title 3" {
		t.Fatalf("rules that changed on disk have acted on an unchanged record: %q", got)
	}
	counted := g.remap(t, false)
	if counted.Changed != 119 || counted.Same != 1 || len(counted.Terms) != 1 || counted.Terms[0].Records != 119 || len(counted.Terms[0].Samples) != 5 {
		t.Fatalf("counted %+v", counted)
	}
	if s := counted.Terms[0].Samples[0]; len(s.Before) != 1 || len(s.After) != 1 || strings.ToUpper(s.Before[0]) != s.After[0] {
		t.Errorf("sample %+v", s)
	}
	if head := g.remap(t, false); head.Changed != counted.Changed {
		t.Errorf("counting has changed something: %+v", head)
	}
	if done := g.remap(t, true); done.Changed != 119 || done.Same != 1 || done.Failed != 0 {
		t.Fatalf("applied %+v", done)
	}
	if got := g.title(t, 3).Text; got != "TITLE 3" {
		t.Errorf("after the remap: %q", got)
	}
	after := records(t, g.Client)
	for id, r := range after {
		if moved := r.Seq != before[id].Seq; moved != (r.Version == 2) || moved == strings.HasSuffix(id, ":7") {
			t.Errorf("%s went from seq %d to %d, version %d", id, before[id].Seq, r.Seq, r.Version)
		}
	}
	// Harvests go by the new rules from now on, and the same content again is no change.
	src.put(3, "Another 3")
	if line := g.harvest(t, "src", true); line.Counts.Updated != 1 || g.title(t, 3).Text != "ANOTHER 3" {
		t.Errorf("a harvest after the remap: %+v", line.Counts)
	}

	write(t, dir, "ours.map", plainRules)
	if back := g.remap(t, true); back.Changed != 119 || g.title(t, 3).Text != "Another 3" {
		t.Errorf("back to the rules before: %+v", back)
	}
	g.published(t)
	info, err := g.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkStream(t, readStream(t, g.Addresses().NATS), records(t, g.Client), info.Head.Epoch)

	write(t, dir, "ours.map", noRules)
	if none := g.remap(t, true); none.Failed != 120 || none.Changed != 0 || len(none.Failures) != 5 || g.title(t, 3).Text != "Another 3" {
		t.Errorf("rules that can't read the originals: %+v", none)
	}
}

// Other rights are served too: they act on what is in the log by a remap, and only so.
func TestRemapToOtherRights(t *testing.T) {
	src := newProvider(t, 50)
	for n := range 3 {
		src.put(n, fmt.Sprintf("Title %d", n))
	}
	dir := t.TempDir()
	under := func(rights string) *running {
		return start(t, configure(t, dir, fmt.Sprintf("data: '%s'\n", filepath.Join(dir, "data"))+embedded+
			fmt.Sprintf("sources: {src: {kind: oai, from: '%s', rights: '%s'}}\n", src.url, rights)), app.Options{})
	}
	g := under("https://creativecommons.org/licenses/by/4.0/")
	g.harvest(t, "src", true)
	if none := g.remap(t, true); none.Already != 3 {
		t.Errorf("the same rights: %+v", none)
	}
	g.stop()

	g = under("https://creativecommons.org/publicdomain/zero/1.0/")
	if line := g.harvest(t, "src", true); line.Counts.Unchanged != 3 {
		t.Errorf("a harvest under other rights: %+v", line.Counts)
	}
	if done := g.remap(t, true); done.Changed != 3 || done.Rendered != 3 || len(done.Terms) != 0 {
		t.Errorf("a remap to other rights: %+v", done)
	}
	src.put(1, "Another")
	if line := g.harvest(t, "src", true); line.Counts.Updated != 1 {
		t.Errorf("a harvest after it: %+v", line.Counts)
	}
}

// A gateway that has read another configuration of the source refuses, rather than showing what it
// would do by other rules.
func TestRemapRefused(t *testing.T) {
	src := newProvider(t, 50)
	src.put(1, "one")
	g := start(t, configure(t, t.TempDir(), embedded+fmt.Sprintf("sources: {src: {kind: oai, from: '%s'}}\n", src.url)), app.Options{})
	for order, want := range map[control.RemapOrder]string{
		{Source: "src", Rules: "0123"}: "another configuration of src",
		{Source: "nobody"}:             `no source "nobody"`,
		{Source: "src", Rate: -1}:      "rate must be",
	} {
		err := g.Remap(t.Context(), order, func(*control.RemapLine) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", order, err, want)
		}
	}
}

// A person's correction survives harvests and remaps, is marked as such, and is noted when the source
// has changed what it corrects.
func TestCorrections(t *testing.T) {
	src := newProvider(t, 50)
	src.put(1, "On the harvst")
	src.put(2, "Other")
	dir := t.TempDir()
	const heading = "identifier,term,old value,new value,who,why\n"
	write(t, dir, "fixes.csv", heading)
	g := start(t, configure(t, dir, embedded+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', corrections: fixes.csv}}\n", src.url)), app.Options{})
	g.harvest(t, "src", true)
	write(t, dir, "fixes.csv", heading+identifier(1)+",title,On the harvst,On the harvest,ann,misprint\n")
	if done := g.remap(t, true); done.Changed != 1 || done.Same != 1 {
		t.Fatalf("%+v", done)
	}
	corrected := func() {
		t.Helper()
		if v := g.title(t, 1); v.Text != "On the harvest" || v.From != dublincore.Curated {
			t.Errorf("corrected: %+v", v)
		}
	}
	corrected()
	src.put(1, "On the harvst", "letters") // the source still has it wrong, and something else is new
	if line := g.harvest(t, "src", true); line.Counts.Updated != 1 {
		t.Errorf("%+v", line.Counts)
	}
	corrected()
	src.put(1, "On harvests")
	g.harvest(t, "src", true)
	if v := g.title(t, 1); v.Text != "On harvests" || v.From != dublincore.Extracted {
		t.Errorf("after the source changed it: %+v", v)
	}
	kept, err := g.Originals(t.Context(), "src", 100)
	if err != nil || len(kept) != 2 {
		t.Fatalf("%d originals, %v", len(kept), err)
	}
	noted := false
	for _, k := range kept {
		notes, err := dublincore.UnmarshalNotes(k.Notes)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range notes {
			noted = noted || strings.Contains(n.Text, `fixes.csv:2: the value "On the harvst" is gone`)
		}
	}
	if !noted {
		t.Error("nothing is noted of the correction whose value is gone")
	}

	// A remap says what became of each correction, also of those that belong to no record.
	write(t, dir, "fixes.csv", heading+identifier(1)+",title,On the harvst,On the harvest,ann,misprint\nsrc/"+identifier(2)+",title,Other,Another,ann,\nsrc/17,title,,x,ann,\n")
	for _, apply := range []bool{false, true} {
		var last control.RemapLine
		if err := g.Remap(t.Context(), control.RemapOrder{Source: "src", Apply: apply}, func(l *control.RemapLine) error { last = *l; return nil }); err != nil {
			t.Fatal(err)
		}
		c := last.Corrected
		if c == nil || c.Gone != 1 || c.Nameless != 1 || len(c.GoneSome) != 1 || len(c.NamelessSome) != 1 ||
			!strings.Contains(c.GoneSome[0], `fixes.csv:2: the value "On the harvst" is gone`) || !strings.Contains(c.NamelessSome[0], "fixes.csv:4: no record of src has the identifier src/17") {
			t.Errorf("the corrections: %+v", c)
		}
	}
}
