package app_test

import (
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// listed are the headers of a list of a set: the numbers of our test items, "-" before those that are deleted
// there.
func (g *running) listed(t *testing.T, set string) (items []string) {
	t.Helper()
	page, err := ask(t.Context(), g.Addresses().Public, url.Values{"verb": {"ListIdentifiers"}, "metadataPrefix": {"oai_dc"}, "set": {set}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range page.Records {
		r := &page.Records[i]
		name := r.Identifier[strings.LastIndexByte(r.Identifier, ':')+1:]
		if r.Deleted {
			name = "-" + name
		}
		items = append(items, name)
	}
	if page.Error("noRecordsMatch") == nil && len(items) == 0 {
		t.Errorf("the list of %s is empty", set)
	}
	slices.Sort(items)
	return items
}

func (g *running) shows(t *testing.T, set string, want ...string) {
	t.Helper()
	got := g.listed(t, set)
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
		t.Errorf("set %s (-want +got):\n%s", set, diff)
	}
}

// placed are where the records of the log stand.
func placed(log map[string]pipeline.Record) map[string]string {
	out := map[string]string{}
	for id, r := range log {
		out[id] = fmt.Sprint(r.Seq, r.Datestamp, r.Version)
	}
	return out
}

// A set that a rule makes, from its configuration to the copies that harvesters have of it: it is described and
// listed, an edited rule changes nothing until a remap is asked to, and then those records alone that enter
// or leave.
func TestSetsByRules(t *testing.T) {
	src := newProvider(t, 50)
	for n := range 5 {
		src.put(n, fmt.Sprint("Letter ", n), "upstream")
		src.put(n+5, fmt.Sprint("Map ", n+5))
	}
	dir := t.TempDir()
	with := func(sets string) *running {
		return start(t, configure(t, dir, fmt.Sprintf("data: '%s'\n", filepath.Join(dir, "data"))+embedded+
			fmt.Sprintf("sources: {src: {kind: oai, from: '%s'}, others: {kind: oai, from: '%s'}}\n", src.url, src.url)+sets), app.Options{})
	}
	const described = "  loud: {title: 'Letters & <more>', description: {description: [All letters, Tous], language: French}, where: %s}\n" +
		"  quiet: {where: %[1]s, leaving: silent}\n"
	g := with("sets:\n" + fmt.Sprintf(described, "title starts Letter and source is src") + "  none: {title: Nothing yet, where: title is Nowhere}\n")
	g.harvest(t, "src", true)
	g.harvest(t, "others", true)

	sets := g.ask(t, "verb", "ListSets")
	for _, want := range []string{
		"<setSpec>rules</setSpec>\n<setName>Sets made by rules over the records of all sources</setName>",
		"<setSpec>rules:loud</setSpec>\n<setName>Letters &amp; &lt;more&gt;</setName>", "<dc:description>Tous</dc:description>", "<dc:language>fra</dc:language>",
		"<setSpec>rules:none</setSpec>\n<setName>Nothing yet</setName>", "<setSpec>rules:quiet</setSpec>\n<setName>rules:quiet</setName>",
	} {
		if !strings.Contains(sets, want) {
			t.Errorf("ListSets lacks %s:\n%s", want, sets)
		}
	}
	letters := []string{"0", "1", "2", "3", "4"}
	g.shows(t, "rules:loud", letters...)
	g.shows(t, "rules:quiet", letters...)
	g.shows(t, "rules", letters...)
	g.shows(t, "rules:none")
	g.shows(t, "src", append([]string{"5", "6", "7", "8", "9"}, letters...)...)
	followers := map[string]*follower{}
	for _, set := range []string{"", "rules", "rules:loud", "rules:quiet", "rules:none", "src", "src:upstream"} {
		followers[set] = &follower{set: set, copy: map[string]string{}}
	}
	follow := func(log map[string]pipeline.Record) {
		t.Helper()
		for set, f := range followers {
			if err := f.walk(t.Context(), g.Addresses().Public); err != nil {
				t.Fatalf("walk of %s: %v", set, err)
			}
			want := served(log, set, f.copy)
			if set == "rules:quiet" { // nobody told its follower who left
				want = maps.Collect(maps.All(f.copy))
				for id := range f.copy {
					want[id] = "live"
				}
				for id, is := range served(log, set, nil) {
					want[id] = is
				}
			}
			if diff := cmp.Diff(want, liveness(f.copy)); diff != "" {
				t.Errorf("follower of %q (-log +copy):\n%s", set, diff)
			}
		}
	}
	before := records(t, g.Client)
	follow(before)
	g.stop()

	edited := fmt.Sprintf(described, `(title starts Letter or title is "Map 7") and title is not "Letter 1" and source is src`)
	g = with("sets:\n" + edited)
	if line := g.harvest(t, "src", true); line.Counts.Unchanged != 10 {
		t.Errorf("a harvest under another rule: %+v", line.Counts)
	}
	unmoved := func(when string) {
		t.Helper()
		if diff := cmp.Diff(placed(before), placed(records(t, g.Client))); diff != "" {
			t.Errorf("%s moved:\n%s", when, diff)
		}
	}
	unmoved("an edited rule")
	counted := g.remap(t, false)
	id := func(n int) string { return "oai:test.example.org:src/" + identifier(n) }
	wantSets := []pipeline.SetChange{
		{Set: "rules:loud", Enter: 1, Leave: 1, Samples: []string{"-" + id(1), id(7)}},
		{Set: "rules:quiet", Enter: 1, Leave: 1, Samples: []string{"-" + id(1), id(7)}},
	}
	if diff := cmp.Diff(wantSets, counted.Sets); diff != "" || counted.Changed != 2 || counted.Same != 8 || counted.Rendered != 0 {
		t.Errorf("counted %+v\n%s", counted, diff)
	}
	unmoved("counting")
	if done := g.remap(t, true); done.Changed != 2 || done.Same != 8 {
		t.Errorf("applied %+v", done)
	}
	after := records(t, g.Client)
	for rec, place := range placed(after) {
		if moved := place != placed(before)[rec]; moved != (rec == id(1) || rec == id(7)) {
			t.Errorf("%s moved: %v", rec, moved)
		}
	}
	if again := g.remap(t, true); again.Already != 10 {
		t.Errorf("once more: %+v", again)
	}
	g.shows(t, "rules:loud", "0", "-1", "2", "3", "4", "7")
	g.shows(t, "rules:quiet", "0", "2", "3", "4", "7")
	g.shows(t, "rules", "0", "-1", "2", "3", "4", "7")
	g.shows(t, "src:upstream", letters...)
	follow(after)
	g.published(t)

	src.put(8, "Letter 8, it was a map")
	src.Delete(identifier(0))
	g.harvest(t, "src", false)
	g.shows(t, "rules:quiet", "-0", "2", "3", "4", "7", "8")
	follow(records(t, g.Client))
	bodies := []string{sets}
	for _, set := range []string{"rules:loud", "rules:quiet", "rules"} {
		bodies = append(bodies, g.ask(t, "verb", "ListRecords", "metadataPrefix", "oai_dc", "set", set))
	}
	g.stop()

	// Without the rules the sets stay, with what is to be told of those who left.
	g = with("")
	g.shows(t, "rules:loud", "-0", "-1", "2", "3", "4", "7", "8")
	if done := g.remap(t, true); done.Changed != 5 {
		t.Errorf("without rules: %+v", done)
	}
	g.shows(t, "rules:loud", "-0", "-1", "-2", "-3", "-4", "-7", "-8")
	g.shows(t, "rules:quiet", "-0")
	follow(records(t, g.Client))
	bodies = append(bodies, g.ask(t, "verb", "ListSets"), g.ask(t, "verb", "ListIdentifiers", "metadataPrefix", "oai_dc", "set", "rules:quiet"))
	need(t, []string{"xmllint"}, filepath.Join(shared, "xsd/oai-all.xsd"))
	validate(t, wrapper(t, "oai-all.xsd"), bodies...)
}

// What config check says of conditions: each mistake, at the word that is wrong.
func TestMistakesInConditions(t *testing.T) {
	for where, want := range map[string]string{
		"typ is Text":                `:2:16: sets.a.where: "typ" is no term of Dublin Core; a condition on records looks at terms such as type, created or subject, and at source; did you mean "type"?`,
		"type is Text and created x": `:2:41: sets.a.where: "x" is no comparison; use `,
		`"title matches \"(\""`:      `:2:16: sets.a.where: the regular expression "(" is not understood: missing closing )`,
		"created before whenever":    `:2:31: sets.a.where: "whenever" is not understood as a date`,
	} {
		dir := t.TempDir()
		write(t, dir, "sheaf.yaml", "sets:\n  a: {  where: "+where+"}\n")
		problems := checkFile(filepath.Join(dir, "sheaf.yaml"))
		if len(problems) != 1 || !strings.Contains(problems[0], want) {
			t.Errorf("%s: %v, want %s", where, problems, want)
		}
	}
}

func checkFile(file string) (out []string) {
	for _, p := range config.Check(file, app.ConfigOptions()) {
		out = append(out, p.String())
	}
	return out
}

// A token into a silent set may lead to nothing, because all that was left has left: the walk is at its
// end, and its responseDate is good for the next one.
func TestTokenIntoNothing(t *testing.T) {
	src := newProvider(t, 50)
	for n := range 3 {
		src.put(n, fmt.Sprint("Letter ", n))
	}
	g := start(t, configure(t, t.TempDir(), embedded+"oai: {page_size: 2}\n"+fmt.Sprintf("sources: {src: {kind: oai, from: '%s'}}\n", src.url)+
		"sets: {letters: {where: title starts Letter, leaving: silent}}\n"), app.Options{})
	g.harvest(t, "src", true)
	page, err := ask(t.Context(), g.Addresses().Public, url.Values{"verb": {"ListRecords"}, "metadataPrefix": {"oai_dc"}, "set": {"rules:letters"}})
	if err != nil {
		t.Fatal(err)
	}
	if page.Token == nil || page.Token.Value == "" || len(page.Records) != 2 {
		t.Fatalf("the first page: %+v", page)
	}
	src.put(2, "No letter")
	g.harvest(t, "src", false)
	for range 2 { // a page that was kept, too
		rest, err := ask(t.Context(), g.Addresses().Public, url.Values{"verb": {"ListRecords"}, "resumptionToken": {page.Token.Value}})
		if err != nil {
			t.Fatal(err)
		}
		if rest.Error("noRecordsMatch") == nil || len(rest.Records) != 0 || rest.Date.Before(page.Date) {
			t.Errorf("what is left: %+v", rest)
		}
	}
	all, err := ask(t.Context(), g.Addresses().Public, url.Values{"verb": {"ListRecords"}, "metadataPrefix": {"oai_dc"}, "set": {"rules:letters"}})
	if err != nil || len(all.Records) != 2 || all.Token != nil {
		t.Errorf("the list anew: %+v, %v", all, err)
	}
}
