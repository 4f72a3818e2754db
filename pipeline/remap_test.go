package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A shelf is a keeper in memory. Records keep their place; what was stored is only counted.
type shelf struct {
	records []pipeline.StoredRecord // seq is the index plus one
	place   int64
	times   []time.Time // of each batch with changes
	sizes   []int       // records that moved in it
	fail    error
}

func newShelf(titles ...string) *shelf {
	s := &shelf{}
	for i, title := range titles {
		id := fmt.Sprint("oai:a:b/", i+1)
		made, err := by(suffix("")).Map(id, nil, &pipeline.Origin{}, &harvest.Item{Original: []byte(strings.TrimPrefix(title, "bad"))})
		if err != nil {
			panic(err)
		}
		s.records = append(s.records, pipeline.StoredRecord{
			Record: pipeline.Record{Identifier: id, Seq: int64(i + 1), DC: made.DC, Original: []byte(title), Sets: []string{}, Rules: "old"},
			OAIDC:  made.OAIDC, Formats: made.Formats,
		})
	}
	return s
}

func (s *shelf) Originals(_ context.Context, _ string, after int64, rules string, limit int) (*pipeline.StoredPage, error) {
	to := min(int(after)+limit, len(s.records))
	out := &pipeline.StoredPage{Next: int64(to), Done: to == len(s.records), Head: int64(len(s.records))}
	for _, r := range s.records[after:to] {
		if r.Rules == rules {
			out.Passed = append(out.Passed, r.Seq)
		} else {
			out.Records = append(out.Records, r)
		}
	}
	return out, nil
}

func (s *shelf) Pack(*pipeline.RemapChange) error { return nil }

func (s *shelf) Remap(_ context.Context, b *pipeline.RemapBatch) (*pipeline.RemapReceipt, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	r := &pipeline.RemapReceipt{}
	for _, c := range b.Changes {
		if c.Same {
			r.Same++
		} else {
			r.Changed++
		}
	}
	if len(b.Changes) > 0 {
		s.times, s.sizes = append(s.times, time.Now()), append(s.sizes, int(r.Changed))
	}
	s.place = b.After
	return r, nil
}

func (s *shelf) RemapPlace(context.Context, string, string) (int64, error) { return s.place, nil }

// suffix is rules that put something behind each title; "bad" is what they can't read.
type suffix string

func (v suffix) Version() string { return "new" }

func (v suffix) Map(item *harvest.Item) (*dublincore.Record, error) {
	if string(item.Original) == "bad" {
		return nil, errors.New("not readable")
	}
	text := string(item.Original)
	if text != "same" {
		text += string(v)
	}
	return &dublincore.Record{Values: []dublincore.Value{{Term: dublincore.Title, Text: text}}}, nil
}

// The pace counts records that change; those that come out the same cost nothing. Batches never hold
// more than a second's worth.
func TestRemapPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var titles []string
		for i := range 100 {
			titles = append(titles, fmt.Sprint(i), "same")
		}
		s := newShelf(titles...)
		r := &pipeline.Remapper{Log: s, Source: &pipeline.Source{Name: "b", Mapper: by(suffix("!"))}, Rate: 10, Page: 64}
		began := time.Now()
		told, changed := began, int64(0)
		r.Progress = func(p *pipeline.RemapReport) {
			if since := time.Since(told); since > 2*time.Second || p.Changed > changed+10 {
				t.Errorf("told after %v of %d more changes", since, p.Changed-changed)
			}
			told, changed = time.Now(), p.Changed
		}
		report, err := r.Apply(t.Context())
		if err != nil || report.Changed != 100 || report.Same != 100 {
			t.Fatalf("%+v, %v", report, err)
		}
		// The first second's worth goes at once.
		if took := time.Since(began); took < 9*time.Second || took > 10*time.Second {
			t.Errorf("100 changes at 10 a second took %v", took)
		}
		sum := 0
		for i, n := range s.sizes {
			sum += n
			if n > 10 || float64(sum) > 10+10*s.times[i].Sub(began).Seconds()+1e-6 {
				t.Errorf("batch %d has %d changes, %d in %v", i, n, sum, s.times[i].Sub(began))
			}
		}
	})
}

func TestRemapReport(t *testing.T) {
	s := newShelf("a", "same", "bad", "b", "done")
	s.records[4].Rules = "new"
	r := &pipeline.Remapper{Log: s, Source: &pipeline.Source{Name: "b", Mapper: by(suffix("!"))}}
	want := &pipeline.RemapReport{
		Source: "b", Rules: "new", Already: 1, Changed: 2, Same: 1, Failed: 1,
		Terms: []pipeline.TermChange{{Term: "title", Order: int(dublincore.Title), Records: 2, Samples: []pipeline.RemapSample{
			{Identifier: "oai:a:b/1", Before: []string{"a"}, After: []string{"a!"}},
			{Identifier: "oai:a:b/4", Before: []string{"b"}, After: []string{"b!"}},
		}}},
		Sets:     []pipeline.SetChange{},
		Failures: []pipeline.RemapFailure{{Identifier: "oai:a:b/3", Why: "not readable"}},
	}
	for name, run := range map[string]func(context.Context) (*pipeline.RemapReport, error){"count": r.Count, "apply": r.Apply} {
		got, err := run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got.Took = 0
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: - want, + got:\n%s", name, d)
		}
		s.place = 0
	}
	if len(s.sizes) != 1 {
		t.Errorf("%d batches were stored, by one Apply and one Count", len(s.sizes))
	}
}

// A remap that the log refuses ends with its error; one that is interrupted goes on from its place.
func TestRemapResumes(t *testing.T) {
	s := newShelf("a", "b", "c", "d")
	s.fail = pipeline.ErrPaused
	r := &pipeline.Remapper{Log: s, Source: &pipeline.Source{Name: "b", Mapper: by(suffix("!"))}, Page: 2}
	if _, err := r.Apply(t.Context()); !errors.Is(err, pipeline.ErrPaused) {
		t.Fatalf("error %v", err)
	}
	s.fail, s.place = nil, 2
	report, err := r.Apply(t.Context())
	if err != nil || !report.Resumed || report.Changed != 2 || report.Terms[0].Samples[0].Identifier != "oai:a:b/3" {
		t.Errorf("%+v, %v", report, err)
	}
}
