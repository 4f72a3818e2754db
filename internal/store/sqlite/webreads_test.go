package sqlite

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// commitTo brings changes of one source into the log, each with content of its own.
func commitTo(t testing.TB, s *Store, source string, changes ...pipeline.Change) {
	run, err := s.Begin(t.Context(), source, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &pipeline.Batch{Run: run, From: run.Cursor, Next: run.Cursor, Changes: changes}
	if _, err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func openTest(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), Options{Namespace: "a.example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Browse gives what a filter over the whole log gives, from any place, in both directions, of one
// source and of all; and Holdings counts the same.
func TestBrowse(t *testing.T) {
	s := openTest(t)
	for step := range 12 {
		source := []string{"one", "two", "three"}[step*step%5%3]
		var changes []pipeline.Change
		for i := range 5 {
			c := pipeline.Change{
				Identifier: fmt.Sprintf("oai:a.example:%s/%d", source, (5*step+i)*7%20), Fingerprint: pipeline.Hash{byte(step + 1), byte(i)},
				Sets: []string{source, source + ":x"}, DC: []byte(`{"title":[{"value":"T"}]}`), OAIDC: []byte("<dc/>"),
			}
			if (step+i)%4 == 3 {
				c.Deleted, c.DC, c.OAIDC = pipeline.SourceDeleted, nil, nil
			}
			changes = append(changes, c)
		}
		commitTo(t, s, source, changes...)
	}
	all, head, err := s.Read(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]pipeline.SourceCounts{}
	for _, r := range all {
		h := want[r.Source]
		if h.Source = r.Source; r.Deleted == pipeline.Live {
			h.Live++
		} else {
			h.Deleted++
		}
		want[r.Source] = h
	}
	holdings, err := s.Holdings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]pipeline.SourceCounts{}
	for _, h := range holdings {
		got[h.Source] = h
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	rapid.Check(t, func(rt *rapid.T) {
		source := rapid.SampledFrom([]string{"", "one", "two", "three", "none", "one:x"}).Draw(rt, "source")
		from := rapid.OneOf(rapid.Int64Range(-1, head.Seq+1), rapid.Just(int64(math.MaxInt64))).Draw(rt, "from")
		down := rapid.Bool().Draw(rt, "down")
		limit := rapid.IntRange(1, 70).Draw(rt, "limit")
		got, err := s.Browse(t.Context(), source, from, down, limit)
		if err != nil {
			rt.Fatal(err)
		}
		want := browseModel(all, source, from, down)
		more := len(want) > limit
		if diff := cmp.Diff(want[:min(len(want), limit)], got.Records, cmpopts.EquateEmpty()); diff != "" || got.More != more || got.Head.Cursor != head.Cursor {
			rt.Fatalf("more %v, want %v; head %v, want %v\n%s", got.More, more, got.Head, head, diff)
		}
	})
}

func browseModel(all []pipeline.Record, source string, from int64, down bool) (out []pipeline.Record) {
	for _, r := range all {
		beyond := r.Seq > from
		if down {
			beyond = r.Seq < from
		}
		if beyond && r.Deleted == pipeline.Live && (source == "" || r.Source == source) {
			out = append(out, r)
		}
	}
	if down {
		slices.Reverse(out)
	}
	return out
}

// Large records make a stretch short, never empty, and none of them is lost.
func TestBrowseLarge(t *testing.T) {
	s := openTest(t)
	for i := range 3 {
		dc := fmt.Appendf(nil, `{"title":[{"value":"%s"}]}`, strings.Repeat("T", maxBrowsed))
		commitTo(t, s, "one", pipeline.Change{Identifier: fmt.Sprintf("oai:a.example:one/%d", i), Fingerprint: pipeline.Hash{1}, Sets: []string{"one"}, DC: dc, OAIDC: []byte("<dc/>")})
	}
	for i := range int64(3) {
		got, err := s.Browse(t.Context(), "", i, false, 10)
		if err != nil || len(got.Records) != 1 || got.Records[0].Seq != i+1 || got.More != (i < 2) {
			t.Fatalf("after %d: %d records, more %v, %v", i, len(got.Records), got.More, err)
		}
	}
}

// A page is found through an index and never sorted, so that it costs the same at any depth.
func TestBrowsePlan(t *testing.T) {
	s := openTest(t)
	commitTo(t, s, "one")
	for _, source := range []string{"", "one"} {
		for _, down := range []bool{false, true} {
			var plan []string
			err := s.writer.do(t.Context(), func(conn *sqlite.Conn) error {
				return each(conn, "EXPLAIN QUERY PLAN "+browseQuery(source, down), browseArgs(source, 1, 10), func(r *sqlite.Stmt) error {
					plan = append(plan, r.ColumnText(3))
					return nil
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			first := "SEARCH r USING INTEGER PRIMARY KEY"
			if source != "" {
				first = "SEARCH m USING PRIMARY KEY (key=? AND seq"
			}
			text := strings.Join(plan, "\n")
			if !strings.HasPrefix(text, first) || strings.Contains(text, "SCAN") || strings.Contains(text, "TEMP B-TREE") {
				t.Errorf("source %q, down %v:\n%s", source, down, text)
			}
		}
	}
}
