package pipeline_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// pages is a source that gives some pages; a nil one brings it down.
type pages []*harvest.Page

func (p pages) Page(_ context.Context, at harvest.Cursor) (*harvest.Page, error) {
	n := 0
	if at != "" {
		if _, err := fmt.Sscan(string(at), &n); err != nil {
			return nil, err
		}
	}
	page := *p[n]
	page.Items = append([]harvest.Item(nil), page.Items...)
	page.Full, page.Done, page.Next = true, n == len(p)-1, harvest.Cursor(fmt.Sprint(n+1))
	if page.Done {
		page.Next = ""
	}
	return &page, nil
}

// titles maps an original to a record with it as the title.
type titles struct{}

func (titles) Version() string { return "1" }

func (titles) Map(item *harvest.Item) (*dublincore.Record, error) {
	if string(item.Original) == "hostile" {
		panic("index out of range")
	}
	r := &dublincore.Record{}
	r.Add(dublincore.Value{Term: dublincore.Title, Text: string(item.Original)})
	return r, nil
}

type nobody struct{}

func (nobody) RunBegan(*pipeline.Run)                                               {}
func (nobody) PageCommitted(*pipeline.Run, *pipeline.Receipt, pipeline.Counts, int) {}
func (nobody) RunEnded(*pipeline.Run, *pipeline.Report)                             {}

// by makes rules of a crosswalk alone.
func by(c rules.Crosswalk) *rules.Rules { return &rules.Rules{Source: "a", Crosswalk: c} }

func harvestAll(t *testing.T, s *memory.Log, src harvest.Source) (*pipeline.Report, error) {
	t.Helper()
	r := pipeline.Runner{Log: s, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler)}
	return r.Run(t.Context(), &pipeline.Source{Name: "a", Harvest: src, Mapper: by(titles{})}, pipeline.Order{})
}

func item(key, original string) harvest.Item {
	return harvest.Item{Key: key, Format: harvest.Format{Prefix: "text"}, Original: []byte(original)}
}

// kept are the originals of live records by their local identifiers, and of quarantined items by their keys.
func kept(t *testing.T, s *memory.Log) (live, bad map[string]string) {
	t.Helper()
	live, bad = map[string]string{}, map[string]string{}
	records, _, err := s.Read(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		whole, err := s.Record(t.Context(), r.Identifier)
		if err != nil {
			t.Fatal(err)
		}
		live[strings.TrimPrefix(r.Identifier, "oai:a.example:a/")] = string(whole.Original)
	}
	rejected, err := s.Quarantine(t.Context(), "a", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range rejected {
		bad[q.Key] = string(q.Original)
	}
	return live, bad
}

// TestHostileItem: an item whose bytes bring a mapper down is one bad item.
func TestHostileItem(t *testing.T) {
	s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	report, err := harvestAll(t, s, pages{{Items: []harvest.Item{item("1", "good"), item("2", "hostile"), item("3", "good")}}})
	if err != nil || report.Counts.Added != 2 || report.Counts.Rejected != 1 {
		t.Errorf("%+v, %v", report.Counts, err)
	}
	if _, bad := kept(t, s); bad["2"] != "hostile" {
		t.Errorf("in quarantine: %q", bad)
	}
}

// TestHostilePage: a page that brings its reader down fails the run behind the pages before it.
func TestHostilePage(t *testing.T) {
	s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	report, err := harvestAll(t, s, pages{{Items: []harvest.Item{item("1", "good")}}, nil})
	if err == nil || report.Result != pipeline.Failed || !strings.Contains(err.Error(), "broke off") {
		t.Errorf("%q, %v", report.Result, err)
	}
}

// TestHostileSets: sets beyond all measure are a bad item. Each part of a set spec is a set with all
// parts before it, so a long one would keep the writer busy for hours.
func TestHostileSets(t *testing.T) {
	many := item("many", "x")
	for i := range 2000 {
		many.Sets = append(many.Sets, fmt.Sprint(i))
	}
	deep, long, good := item("deep", "x"), item("long", "x"), item("good", "x")
	deep.Sets = []string{strings.Repeat("a:", 400) + "a"}
	long.Sets = []string{strings.Repeat("é", 400)}
	good.Sets = []string{"1:2:3:4", "a set with blanks"}
	s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	report, err := harvestAll(t, s, pages{{Items: []harvest.Item{many, deep, long, good}}})
	if err != nil || report.Counts.Added != 1 || report.Counts.Rejected != 3 {
		t.Errorf("%+v, %v", report.Counts, err)
	}
}
