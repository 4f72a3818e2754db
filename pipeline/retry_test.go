package pipeline_test

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An item that the mapping could not use is tried again as the source sent it, with its sets and its datestamp, and leaves
// the source where it stands: the source is not asked.
func TestRetry(t *testing.T) {
	s := memory.New(memory.Options{Namespace: "a.example"})
	bad := item("1", "hostile")
	bad.Sets, bad.Datestamp, bad.Provenance = []string{"x:y"}, "2001-02-03", []byte("<provenance/>")
	if _, err := harvestAll(t, s, pages{{Items: []harvest.Item{bad, item("2", "good")}}}); err != nil {
		t.Fatal(err)
	}
	before, err := s.Pass(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	rejected, err := s.Quarantine(t.Context(), "a", 0, 9)
	if err != nil || len(rejected) != 1 {
		t.Fatal(rejected, err)
	}
	again, err := pipeline.Said(rejected[0].Said, rejected[0].Original)
	if err != nil {
		t.Fatal(err)
	}
	try := func(m pipeline.Mapper, stays int64) {
		t.Helper()
		r := pipeline.Runner{Log: s, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler)}
		src := &pipeline.Source{Name: "a", Harvest: pages{nil}, Mapper: m, FullEvery: 1}
		report, err := r.Run(t.Context(), src, pipeline.Order{Retry: []harvest.Item{again}})
		if err != nil || report.Counts.Rejected != stays || report.Result != pipeline.Complete {
			t.Errorf("%+v, %v", report, err)
		}
	}
	try(by(titles{}), 1)
	try(by(plain{}), 0)
	live, quarantined := kept(t, s)
	if live["1"] != "hostile" || len(quarantined) != 0 {
		t.Errorf("%v, %v", live, quarantined)
	}
	rec, err := s.Record(t.Context(), "oai:a.example:a/1")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(rec.Sets, "a:x:y") || rec.Origin.Datestamp != "2001-02-03" || string(rec.Origin.Provenance) != "<provenance/>" {
		t.Errorf("%v, %+v", rec.Sets, rec.Origin)
	}
	after, err := s.Pass(t.Context(), "a")
	if err != nil || after.Underway || after.LastFull != before.LastFull {
		t.Errorf("the pass was %+v, is %+v, %v", before, after, err)
	}
}

// plain maps whatever comes to a title.
type plain struct{}

func (plain) Version() string { return "2" }

func (plain) Map(item *harvest.Item) (*dublincore.Record, error) {
	r := &dublincore.Record{}
	r.Add(dublincore.Value{Term: dublincore.Title, Text: string(item.Original)})
	return r, nil
}
