package pipeline_test

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A catalogue lists its items, and is asked for each: the answers are by their keys. It notes of each the version, and says
// of one that is as it was that it is. What it was asked for it remembers.
type catalogue struct {
	keys    []string
	answers map[string]harvest.Item
	asked   []string
}

func (c *catalogue) Page(context.Context, harvest.Cursor) (*harvest.Page, error) {
	p := &harvest.Page{Full: true, Done: true}
	for _, k := range c.keys {
		p.Items = append(p.Items, harvest.Item{Key: k, Listed: true})
	}
	return p, nil
}

func (c *catalogue) Ask(_ context.Context, _ harvest.Cursor, listed harvest.Item) (harvest.Item, error) {
	answer := c.answers[listed.Key]
	answer.Key = listed.Key
	if answer.Memo != "" && answer.Memo == listed.Before && answer.Omitted == "" {
		listed.Memo = listed.Before
		return listed, nil
	}
	c.asked = append(c.asked, listed.Key)
	if answer.Format.Prefix = "text"; answer.Memo == "unfetchable" {
		return listed, &harvest.Error{Kind: harvest.HTTP5xx}
	}
	return answer, nil
}

// TestListed: what a source notes of an item keeps it from being fetched again, whatever became of it, until that changes;
// what was deleted, or could not be mapped or fetched, is fetched again.
func TestListed(t *testing.T) {
	s := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	c := &catalogue{keys: []string{"a", "b", "bad", "hostile", "none", "gone", "down"}, answers: map[string]harvest.Item{
		"a": {Original: []byte("A"), Memo: "1"}, "b": {Original: []byte("B"), Memo: "1"},
		"bad":     {Rejected: &harvest.Rejection{Reason: "malformed"}, Memo: "1"},
		"hostile": {Original: []byte("hostile"), Memo: "1"},
		"none":    {Omitted: "left out", Memo: "1"},
		"gone":    {Deleted: true}, "down": {Memo: "unfetchable"},
	}}
	run := func(asked []string, warnings []string, want pipeline.Counts) {
		t.Helper()
		c.asked = nil
		r := pipeline.Runner{Log: s, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler)}
		report, err := r.Run(t.Context(), &pipeline.Source{Name: "a", Harvest: c, Mapper: by(titles{})}, pipeline.Order{})
		if err != nil {
			t.Fatal(err)
		}
		want.Pages = 1
		if report.Counts != want || report.Result != pipeline.Complete {
			t.Errorf("%s: %+v, want %+v", report.Result, report.Counts, want)
		}
		if !slices.Equal(c.asked, asked) || !slices.Equal(report.Warnings, warnings) {
			t.Errorf("asked for %q, want %q; warnings %q", c.asked, asked, report.Warnings)
		}
	}
	const gone = "items that the source lists are gone, and were left out"
	run(c.keys, []string{"left out", gone}, pipeline.Counts{Items: 5, Added: 2, Rejected: 3, Warnings: 2})
	again := []string{"hostile", "none", "gone", "down"}
	run(again, []string{"left out", gone}, pipeline.Counts{Items: 4, Unchanged: 2, Rejected: 2, Warnings: 2})
	if _, bad := kept(t, s); len(bad) != 3 {
		t.Errorf("in quarantine: %q", slices.Sorted(maps.Keys(bad)))
	}

	c.answers["a"], c.answers["b"] = harvest.Item{Original: []byte("A2"), Memo: "2"}, harvest.Item{Deleted: true}
	c.answers["none"] = harvest.Item{Original: []byte("some"), Memo: "2"}
	run([]string{"a", "b", "hostile", "none", "gone", "down"}, []string{gone}, pipeline.Counts{Items: 5, Added: 1, Updated: 1, Deleted: 1, Rejected: 2, Warnings: 1})
	c.answers["b"] = harvest.Item{Original: []byte("B"), Memo: "1"} // it is back, just as it was
	run([]string{"b", "hostile", "gone", "down"}, []string{gone}, pipeline.Counts{Items: 5, Updated: 1, Unchanged: 2, Rejected: 2, Warnings: 1})
	if live, _ := kept(t, s); live["a"] != "A2" || live["b"] != "B" || live["none"] != "some" {
		t.Errorf("live: %q", live)
	}
}
