package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

var (
	at    = time.Unix(1000, 0).UTC()
	mods  = harvest.Format{Prefix: "mods", Namespace: "urn:mods"}
	lists = []List{
		{1, SetList, "a", "a"}, {2, SetList, "a:x", "a:x"}, {3, SetList, "a:y", "a:y"}, {4, NativeList, "mods_2", "urn:mods "}, {5, MadeList, "edm", ""}, {6, MadeList, "mods", ""},
	}
)

func tick(seconds int64) Stamper {
	return func(head int64) (int64, error) { return head + seconds, nil }
}

// planned is a plan at seq 10, second 1000.
func planned() *Plan {
	return NewPlan(pipeline.Head{Cursor: pipeline.Cursor{Epoch: 1, Seq: 10}, Datestamp: at}, NewLists(lists, nil, testWriters), Bounds{})
}

// before is what the log has of a record in a:x, with the formats EDM and mods_2.
func before() *State {
	return &State{
		Item: 7, Seq: 3, Version: 2, Identifier: "oai:a", Owner: "1", Fingerprint: pipeline.Hash{1},
		Sets: "a a:x", Native: 4, Formats: pipeline.FormatsOf("edm"), Datestamp: 900, OAIDC: []byte("<old/>"),
	}
}

func form(c pipeline.Change) *Form {
	c.Origin.Identifier, c.Origin.Format = "1", mods
	f := NewForm(&c)
	return &f
}

// TestChange: what becomes of a record that came.
func TestChange(t *testing.T) {
	changed := pipeline.Change{Identifier: "oai:a", Fingerprint: pipeline.Hash{2}, Sets: []string{"a", "a:y"}, Formats: pipeline.FormatsOf("mods"), OAIDC: []byte("<new/>")}
	for _, test := range []struct {
		name                               string
		old                                *State
		change                             pipeline.Change
		batch                              pipeline.Batch
		verdict                            Verdict
		err                                error
		stay, enter, leave, returns, leavs []int64
		live, deleted                      int64
		counts                             pipeline.Counts
	}{
		{name: "new", old: &State{}, change: changed, verdict: Moved, enter: []int64{1, 3, 4}, live: 1, counts: pipeline.Counts{Items: 1, Added: 1}},
		{name: "as it was", old: before(), change: pipeline.Change{Identifier: "oai:a", Fingerprint: pipeline.Hash{1}, Sets: []string{"b"}}, verdict: Unchanged, counts: pipeline.Counts{Items: 1, Unchanged: 1}},
		{
			name: "in other lists", old: before(), change: changed, verdict: Moved, stay: []int64{1, 4}, enter: []int64{3}, leave: []int64{2},
			returns: []int64{3, 6}, leavs: []int64{2, 5}, counts: pipeline.Counts{Items: 1, Updated: 1},
		},
		{
			name: "deleted", old: before(), change: pipeline.Change{Identifier: "oai:a", Deleted: pipeline.Absent, Sets: []string{"b"}}, verdict: Moved,
			stay: []int64{1, 2, 4}, live: -1, deleted: 1, counts: pipeline.Counts{Items: 1, Deleted: 1},
		},
		{
			name: "a deletion that is held", old: before(), change: pipeline.Change{Identifier: "oai:a", Deleted: pipeline.Absent}, batch: pipeline.Batch{Hold: pipeline.Holding{Deletions: true}},
			verdict: Held, counts: pipeline.Counts{Items: 1},
		},
		{
			name: "a person's deletion", old: before(), change: pipeline.Change{Identifier: "oai:a", Deleted: pipeline.SourceRetired}, batch: pipeline.Batch{Hold: pipeline.Holding{Deletions: true}},
			verdict: Moved, stay: []int64{1, 2, 4}, live: -1, deleted: 1, counts: pipeline.Counts{Items: 1, Deleted: 1},
		},
		{
			name: "a change that is held", old: before(), change: changed, batch: pipeline.Batch{Hold: pipeline.Holding{Changes: true}},
			verdict: Held, counts: pipeline.Counts{Items: 1},
		},
		{
			name: "deleted, and was held", old: before(), change: pipeline.Change{Identifier: "oai:a", Deleted: pipeline.Absent}, batch: pipeline.Batch{Settles: true},
			verdict: Moved, stay: []int64{1, 2, 4}, live: -1, deleted: 1, counts: pipeline.Counts{Deleted: 1},
		},
		{
			name: "taken down", old: &State{Item: 7, Identifier: "oai:a", Deleted: pipeline.Takedown}, change: changed, verdict: Suppressed,
			counts: pipeline.Counts{Items: 1, Suppressed: 1},
		},
		{name: "another's", old: func() *State { s := before(); s.Owner = "oai:other.example:1"; return s }(), change: changed, err: pipeline.ErrStale, counts: pipeline.Counts{Items: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := planned()
			verdict, m, err := p.Change(test.old, form(test.change), &test.batch, tick(5))
			if verdict != test.verdict || !errors.Is(err, test.err) || (m != nil) != (verdict == Moved) {
				t.Fatalf("verdict %v, move %v, %v", verdict, m, err)
			}
			if p.Counts != test.counts || p.Live != test.live || p.Deleted != test.deleted {
				t.Errorf("counts %+v, %d more live and %d more deleted", p.Counts, p.Live, p.Deleted)
			}
			if m == nil {
				if p.First != 0 || p.Head.Seq != 10 || !p.Head.Datestamp.Equal(at) {
					t.Errorf("nothing moved, and the head is at %+v", p.Head)
				}
				return
			}
			if m.New.Seq != 11 || p.First != 11 || m.New.Datestamp != 1005 || m.New.Version != test.old.Version+1 || m.New.Identifier != "oai:a" {
				t.Errorf("moved to %+v", m.New)
			}
			got := [][]int64{m.Stay, m.Enter, m.Leave, m.Return, m.Depart}
			want := [][]int64{test.stay, test.enter, test.leave, test.returns, test.leavs}
			for i := range got {
				if !slices.Equal(got[i], want[i]) {
					t.Errorf("lists %v, want %v", got, want)
				}
			}
		})
	}
}

// TestHistoryOfDigest: whatever a record goes through, the digest is that of the state that it ends in.
func TestHistoryOfDigest(t *testing.T) {
	p := planned()
	step := func(m *Move, err error) *State {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		s := m.New
		s.Item = 7
		return &s
	}
	change := func(old *State, c pipeline.Change) *State {
		_, m, err := p.Change(old, form(c), &pipeline.Batch{}, tick(1))
		return step(m, err)
	}
	s := change(&State{}, pipeline.Change{Identifier: "oai:a", Fingerprint: pipeline.Hash{1}, OAIDC: []byte("<a/>")})
	s = change(s, pipeline.Change{Identifier: "oai:b", Fingerprint: pipeline.Hash{2}, Deleted: pipeline.Absent})
	s = change(s, pipeline.Change{Identifier: "oai:b", Fingerprint: pipeline.Hash{3}, OAIDC: []byte("<b/>")})
	s = step(p.Rewrite(s, &pipeline.RemapChange{Fingerprint: pipeline.Hash{4}, DC: []byte("{}"), OAIDC: []byte("<c/>")}, tick(1)))
	if s.Identifier != "oai:a" || s.Version != 4 || s.Seq != 14 || s.Datestamp != 1001 || string(s.OAIDC) != "<c/>" {
		t.Errorf("it came to %+v", s)
	}
	var want pipeline.Digest
	want.Add("oai:a", time.Unix(1001, 0), []byte("<c/>"))
	if p.Head.Digest != want {
		t.Errorf("digest %x, want %x", p.Head.Digest, want)
	}
	if diff := cmp.Diff([]int64{11, 12, 13}, p.Touched); diff != "" {
		t.Error(diff)
	}
	if p.Live != 1 || p.Deleted != 0 {
		t.Errorf("%d more live, %d more deleted", p.Live, p.Deleted)
	}
}

// TestUndigested: a record that is not in the digest yet is not taken out of it when it moves.
func TestUndigested(t *testing.T) {
	var was pipeline.Digest
	was.Add("oai:other", at, []byte("<other/>"))
	for _, upTo := range []int64{2, 3} { // the record's seq is 3
		p := planned()
		p.Head.Digest, p.bounds.Undigested = was, upTo
		if upTo < 3 {
			p.Head.Digest.Add("oai:a", time.Unix(900, 0), []byte("<old/>"))
		}
		_, m, err := p.Change(before(), form(pipeline.Change{Identifier: "oai:a", Fingerprint: pipeline.Hash{2}, OAIDC: []byte("<new/>")}), &pipeline.Batch{}, tick(1))
		if err != nil || m == nil {
			t.Fatal(m, err)
		}
		want := was
		want.Add("oai:a", time.Unix(1001, 0), []byte("<new/>"))
		if p.Head.Digest != want {
			t.Errorf("undigested up to %d: digest %x, want %x", upTo, p.Head.Digest, want)
		}
	}
}

// TestLeap: the first change of a log that was opened goes to the floor, once, and a log that is above it
// goes on. Nothing is given out beyond the last seq.
func TestLeap(t *testing.T) {
	change := func(p *Plan) (*Move, error) {
		_, m, err := p.Change(&State{}, form(pipeline.Change{Identifier: "oai:a", Fingerprint: pipeline.Hash{1}}), &pipeline.Batch{}, tick(1))
		return m, err
	}
	for _, test := range []struct{ floor, seq int64 }{{0, 11}, {10, 11}, {5000, 5001}} {
		p := planned()
		p.bounds.Floor = func(datestamp int64) int64 {
			if datestamp != 1001 {
				t.Errorf("the floor is asked for at %d", datestamp)
			}
			return test.floor
		}
		m, err := change(p)
		if err != nil || m.New.Seq != test.seq || p.First != test.seq {
			t.Errorf("floor %d: %+v, %v", test.floor, m, err)
		}
		if leapt := p.Leap != (Leap{}); leapt != (test.floor > 10) || leapt && p.Leap != (Leap{10, test.floor}) {
			t.Errorf("floor %d: leap %+v", test.floor, p.Leap)
		}
		if m, err := change(p); err != nil || m.New.Seq != test.seq+1 {
			t.Errorf("floor %d: then %+v, %v", test.floor, m, err)
		}
	}
	p := planned()
	p.Head.Seq = MaxSeq - 1
	if m, err := change(p); err == nil {
		t.Errorf("a log that is used up gave out %+v", m)
	}
	if far := LeapTo(1<<60, 0); far > MaxSeq/2 || LeapTo(5, 7) != 0 || LeapTo(7, 5) != 2<<20 {
		t.Errorf("leaps lead to %d", far)
	}
}

// TestRewrite: new rules move a record only if something else is served, and never look at the clock before.
func TestRewrite(t *testing.T) {
	paused := func(int64) (int64, error) { return 0, pipeline.ErrPaused }
	p := planned()
	for _, same := range []pipeline.RemapChange{{Same: true}, {Same: true, DC: []byte("{}")}} {
		if m, err := p.Rewrite(before(), &same, paused); m != nil || err != nil {
			t.Errorf("%+v: %v, %v", same, m, err)
		}
	}
	if diff := cmp.Diff([]int64{3}, p.Touched); diff != "" {
		t.Errorf("what is said in other words is served otherwise: %s", diff)
	}
	if _, err := p.Rewrite(before(), &pipeline.RemapChange{}, paused); !errors.Is(err, pipeline.ErrPaused) {
		t.Error(err)
	}
	for name, c := range map[string]pipeline.RemapChange{"moved": {Identifier: "oai:a", Seq: 2}, "another": {Identifier: "oai:b", Seq: 3}} {
		if Fits(before(), &c) {
			t.Errorf("%s fits", name)
		}
	}
	if !Fits(before(), &pipeline.RemapChange{Identifier: "oai:a", Seq: 3}) {
		t.Error("the present state does not fit")
	}
}

// TestDeltas: the counters of the lists are told what they gained, departures taken back included.
func TestDeltas(t *testing.T) {
	p := planned()
	_, _, err := p.Change(before(), form(pipeline.Change{Fingerprint: pipeline.Hash{2}, Sets: []string{"a:y:z"}}), &pipeline.Batch{}, tick(0))
	if err != nil {
		t.Fatal(err)
	}
	p.Returned(3, 2)
	want := map[int64]*Delta{2: {-1, 1}, 3: {1, -1}, 5: {-1, 1}, 7: {1, 0}}
	if diff := cmp.Diff(want, p.Deltas()); diff != "" {
		t.Error(diff)
	}
	made, versions := p.lists.TakeNew()
	if diff := cmp.Diff([]List{{7, SetList, "a:y:z", "a:y:z"}}, made); diff != "" || len(versions) > 0 {
		t.Errorf("new lists: %s", diff)
	}
	if diff := cmp.Diff([]int64{3, 2}, p.Touched); diff != "" {
		t.Error(diff)
	}
}
