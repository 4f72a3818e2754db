package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// putDC adds an item with these elements.
func (p *provider) putDC(n int, elements string) {
	p.Put(oaitest.Item{Identifier: identifier(n), Metadata: map[string][]byte{
		"oai_dc": fmt.Appendf(nil, `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">%s</oai_dc:dc>`, elements),
	}})
}

// moved are the numbers of the items that do not stand where they stood.
func moved(before, after map[string]pipeline.Record) (out []int) {
	was := placed(before)
	for id, place := range placed(after) {
		if n, err := strconv.Atoi(id[strings.LastIndexByte(id, ':')+1:]); place != was[id] && err == nil {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// as is how a record is served in a format.
func (g *running) as(t *testing.T, n int, prefix string) string {
	t.Helper()
	return g.ask(t, "verb", "GetRecord", "metadataPrefix", prefix, "identifier", "oai:test.example.org:src/"+identifier(n))
}

// A release that writes a format otherwise changes nothing when it is installed, nor by a harvest: a remap
// counts the records that have the format, moves them and no others, and goes on where it was stopped. The
// release before is then refused.
func TestNewVersionOfAFormat(t *testing.T) {
	src := newProvider(t, 50)
	for n := range 6 {
		elements := fmt.Sprintf("<dc:title>Paper %d</dc:title>", n)
		if n < 3 {
			elements += "<dc:creator>Doe, Jane</dc:creator><dc:date>1957</dc:date><dc:type>info:eu-repo/semantics/article</dc:type>" +
				"<dc:rights>info:eu-repo/semantics/openAccess</dc:rights><dc:identifier>https://provider.example.org/1</dc:identifier>"
		}
		src.putDC(n, elements)
	}
	openaire, _ := formats.Named("oai_openaire")
	newer := formats.Builtin().With(openaire.Next(nil, func(dst []byte, rec *dublincore.Record, _ formats.Item) []byte {
		return fmt.Appendf(dst, `<resource xmlns="%s">second writer: %s</resource>`, openaire.Namespace, rec.Text(dublincore.Title))
	}))
	cfg := configure(t, t.TempDir(), embedded+fmt.Sprintf("sources: {src: {kind: oai, from: '%s'}}\n", src.url))
	g := start(t, cfg, app.Options{})
	g.harvest(t, "src", true)
	before := records(t, g.Client)
	first := g.as(t, 1, "oai_openaire")
	if strings.Contains(first, "second writer") || !strings.Contains(first, "Paper 1") {
		t.Fatalf("by the first release:\n%s", first)
	}
	g.stop()

	g = start(t, cfg, app.Options{Formats: newer})
	if line := g.harvest(t, "src", true); line.Counts.Unchanged != 6 {
		t.Errorf("a harvest by the newer release: %+v", line.Counts)
	}
	if n := moved(before, records(t, g.Client)); n != nil || strings.Contains(g.as(t, 1, "oai_openaire"), "second writer") {
		t.Errorf("the newer release moved %v, and serves\n%s", n, g.as(t, 1, "oai_openaire"))
	}
	if counted := g.remap(t, false); counted.Changed != 3 || counted.Rendered != 3 || counted.Same != 3 {
		t.Errorf("counted %+v", counted)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- g.Remap(ctx, control.RemapOrder{Source: "src", Apply: true, Rate: 0.01}, func(*control.RemapLine) error { return nil })
	}()
	waitFor(t, "the first record to move", func() bool { return moved(before, records(t, g.Client)) != nil })
	stop()
	if err := <-ended; err == nil {
		t.Error("the remap came to its end, though it was stopped")
	}
	if n := moved(before, records(t, g.Client)); !cmp.Equal(n, []int{0}) {
		t.Errorf("before it was stopped, the remap moved %v", n)
	}
	g.stop()
	g = start(t, cfg, app.Options{Formats: newer})
	if done := g.remap(t, true); done.Changed != 2 || !done.Resumed {
		t.Errorf("resumed: %+v", done)
	}
	if n := moved(before, records(t, g.Client)); !cmp.Equal(n, []int{0, 1, 2}) || !strings.Contains(g.as(t, 1, "oai_openaire"), ">second writer: Paper 1<") {
		t.Errorf("in the end %v have moved, and what is served is\n%s", n, g.as(t, 1, "oai_openaire"))
	}
	src.putDC(4, "<dc:title>Another</dc:title>")
	if line := g.harvest(t, "src", false); line.Counts.Updated != 1 {
		t.Errorf("a harvest afterwards: %+v", line.Counts)
	}
	g.stop()
	if _, err := app.NewGateway(t.Context(), cfg, app.Options{Logger: quiet}); !errors.Is(err, store.ErrNewer) {
		t.Errorf("the release before: %v", err)
	}
}

// Another name or address of the gateway changes what formats say of it, in the records that lack a provider
// or a page of their own; by a remap, and not before.
func TestGatewayRenamed(t *testing.T) {
	src := newProvider(t, 50)
	src.putDC(0, "<dc:title>Without a page</dc:title>")
	dir := t.TempDir()
	named := func(name, url string) *running {
		cfg := configure(t, dir, embedded+fmt.Sprintf("sources:\n  src: {kind: oai, from: '%s'}\n"+
			"  own: {kind: oai, from: '%[1]s', context: {provider: Its own, landing: 'https://own.example.org/'}}\n", src.url))
		cfg.Gateway = config.Gateway{Name: name, URL: url, Namespace: cfg.Gateway.Namespace, Contact: cfg.Gateway.Contact, Zone: cfg.Gateway.Zone}
		return start(t, cfg, app.Options{})
	}
	says := func(g *running, name, page string) {
		t.Helper()
		_, mods := fetch(t, "http://"+g.Addresses().Bound+"/oai?verb=GetRecord&metadataPrefix=mods&identifier=oai:test.example.org:src/"+identifier(0), "test")
		if !strings.Contains(mods, "<recordContentSource>"+name+"</recordContentSource>") || strings.Contains(mods, "<location>") != (page != "") || !strings.Contains(mods, page) {
			t.Errorf("the record does not name %q and %q:\n%s", name, page, mods)
		}
	}
	const page = "https://a.example.org/records/src/"
	g := named("The first", "https://a.example.org")
	g.harvest(t, "src", true)
	g.harvest(t, "own", true)
	says(g, "The first", page)
	before := records(t, g.Client)
	g.stop()
	for _, step := range []struct {
		name, url, page string
		rendered        int64 // the record stays as it is, and is written otherwise
	}{
		{"Another", "https://a.example.org", page, 1}, {"Another", "https://b.example.org", "https://b.example.org/records/src/", 0},
		{"The first", "", "", 0}, {"The first", "https://a.example.org", page, 0},
	} {
		g = named(step.name, step.url)
		g.harvest(t, "src", true)
		if n := moved(before, records(t, g.Client)); n != nil {
			t.Errorf("%+v moved %v", step, n)
		}
		if done := g.remap(t, true); done.Changed != 1 || done.Rendered != step.rendered {
			t.Errorf("%+v: %+v", step, done)
		}
		if err := g.Remap(t.Context(), control.RemapOrder{Source: "own", Apply: true}, func(l *control.RemapLine) error {
			if r := l.Report; r != nil && (r.Changed != 0 || r.Same != 1) {
				t.Errorf("%+v, of a source whose records name their own: %+v", step, r)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		says(g, step.name, step.page)
		after := records(t, g.Client)
		if n := moved(before, after); !cmp.Equal(n, []int{0}) {
			t.Errorf("%+v: the remap moved %v", step, n)
		}
		before = after
		g.stop()
	}
}
