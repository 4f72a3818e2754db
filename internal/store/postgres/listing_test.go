package postgres_test

import (
	"math"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A page of a list reads the records that it shows, wherever in the log it is, and not all that comes before or behind it. It is asked
// for so often that the server takes to its plan for any arguments, which knows nothing of how far into the log they are.
func TestPagesReadWhatTheyShow(t *testing.T) {
	log := open(t, pgtest.NewDatabase(t).DSN())
	run, err := log.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	at := harvest.Cursor("")
	commit := func(b *pipeline.Batch) {
		t.Helper()
		b.From, at = at, at+"."
		b.Next = at
		if _, err := log.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 8 {
		b := page(run, at, n, 500)
		for i := range b.Changes {
			b.Changes[i].Sets = []string{"s", []string{"s:a", "s:b"}[i%2]}
			b.Changes[i].Origin.Format = harvest.Format{Prefix: []string{"mods", "marc21"}[i%2], Namespace: "https://format.example", Schema: "https://format.example/a.xsd"}
		}
		commit(b)
	}
	left := page(run, at, 0, 40) // the set a, every other one of them
	for i := range left.Changes {
		left.Changes[i].Sets, left.Changes[i].Fingerprint[0] = []string{"s", "s:b"}, 9
	}
	commit(left)

	const shown = 100
	for _, list := range []struct {
		name string
		in   func(v store.View) (store.Range, error)
	}{
		{"everything", func(store.View) (store.Range, error) { return store.Range{Upto: math.MaxInt64}, nil }},
		{"up to a place", func(store.View) (store.Range, error) { return store.Range{Upto: 3900}, nil }},
		{"a set", func(v store.View) (store.Range, error) { return inSet(v, math.MaxInt64) }},
		{"a set, up to a place", func(v store.View) (store.Range, error) { return inSet(v, 3900) }},
		{"a native format", func(v store.View) (store.Range, error) {
			l, err := v.List(store.NativeList, "mods")
			return store.Range{Format: l.Key, Upto: math.MaxInt64}, err
		}},
		{"a native format, of a set", func(v store.View) (store.Range, error) {
			in, err := inSet(v, math.MaxInt64)
			if err != nil {
				return in, err
			}
			l, err := v.List(store.NativeList, "mods")
			in.Format = l.Key
			return in, err
		}},
	} {
		for turn, after := range []int64{0, 0, 0, 0, 0, 0, 100, 1000, 2000, 3000, 3500} {
			var read int64
			rows := 0
			err := log.Snapshot(t.Context(), func(v store.View) error {
				in, err := list.in(v)
				if err != nil {
					return err
				}
				in.After, in.OAIDC = after, true
				before, err := postgres.RecordsRead(v)
				if err != nil {
					return err
				}
				if err := v.Rows(&in, func(*store.Row) (bool, error) {
					rows++
					return rows <= shown, nil
				}); err != nil {
					return err
				}
				read, err = postgres.RecordsRead(v)
				read -= before
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if rows != shown+1 || read < shown || read > 3*shown {
				t.Errorf("%s, turn %d: a page behind %d shows %d records and reads %d", list.name, turn, after, rows, read)
			}
		}
	}
}

func inSet(v store.View, upto int64) (store.Range, error) {
	l, err := v.List(store.SetList, "s:a")
	return store.Range{Set: "s:a", SetKey: l.Key, Upto: upto}, err
}
