package search

import (
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// walked are the hits of a walk in pieces, by the last part of their identifiers. between is called after each piece.
func (w *world) walked(q Query, limit int, between func()) string {
	w.Helper()
	var out []string
	for after, more := int64(0), true; more && len(out) < 100; {
		piece, err := w.Walk(w.Context(), &q, after, limit)
		if err != nil {
			w.Fatalf("%q: %v", q.Text, err)
		}
		for _, hit := range piece.Hits {
			if hit.Seq <= after {
				w.Fatalf("%q: %s at %d is not behind %d", q.Text, hit.Identifier, hit.Seq, after)
			}
			after = hit.Seq
			out = append(out, hit.Identifier[strings.LastIndexByte(hit.Identifier, '/')+1:])
		}
		after, more = piece.Upto.Seq, piece.More
		between()
	}
	return strings.Join(out, " ")
}

// A walk has what a search finds, whatever the size of its pieces.
func TestWalk(t *testing.T) {
	w := library(t)
	for _, test := range []struct {
		q    Query
		want string
	}{
		{Query{}, "1 2 3 4 5"},
		{Query{Text: "hoxha"}, "1 2"},
		{Query{Text: "none"}, ""},
		{Query{Text: "10.1000/182"}, "1 5"}, // by its name and by its words
		{Query{Text: "date:1957 date:1961"}, ""},
		{Query{Chosen: map[string][]string{Language: {"sqi", "jpn"}}}, "1 3 5"},
		{Query{Text: "hoxha", From: "1960"}, "2"},
		{Query{Sort: Title, Offset: 3, Limit: 1}, "1 2 3 4 5"}, // they count for nothing
	} {
		for _, limit := range []int{1, 2, 100} {
			if got := w.walked(test.q, limit, func() {}); got != test.want {
				t.Errorf("%+v by %d: %q, want %q", test.q, limit, got, test.want)
			}
		}
	}
}

// What changes during a walk is met again further on, whether it was met before or not.
func TestWalkMeetsWhatMoves(t *testing.T) {
	w := library(t)
	changed := false
	got := w.walked(Query{}, 2, func() {
		if !changed {
			changed = true
			w.commit(record("1", value(dublincore.Title, "Another letter")), record("3", value(dublincore.Title, "Another picture")), record("6", value(dublincore.Title, "New")))
			w.catchUp()
		}
	})
	if want := "1 2 4 5 1 3 6"; got != want {
		t.Errorf("the walk met %q, want %q", got, want)
	}
}
