package search

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// Every hit of every search leads to the one before and the one behind it, as the results have them.
func TestAround(t *testing.T) {
	w := library(t)
	for _, q := range []Query{
		{}, {Text: "hoxha"}, {Text: "10.1000/182"}, {Sort: Early}, {Sort: Late, From: "1900"}, {Sort: Title}, {Sort: Newest, Text: "hox"},
		{Chosen: map[string][]string{Kind: {"Text"}}, Sort: Title}, {Text: "date:1957"},
	} {
		hits := append(append([]string{""}, w.find(q).Hits...), "")
		for i := 1; i < len(hits)-1; i++ {
			got, err := w.Around(t.Context(), &q, hits[i])
			if want := (Around{Number: i, Total: len(hits) - 2, Prev: hits[i-1], Next: hits[i+1]}); err != nil || *got != want {
				t.Errorf("%+v, %s: %+v, %v; want %+v", q, hits[i], got, err, want)
			}
		}
	}
	for id, q := range map[string]Query{
		"oai:gw.example:a/2": {Text: "title:hoxha"}, "oai:gw.example:a/7": {Text: "hoxha"}, "": {}, "oai:gw.example:a/1": {Text: "date:1957", From: "1960", Chosen: map[string][]string{Kind: {"Text"}}},
	} {
		if got, err := w.Around(t.Context(), &q, id); err != nil || got.Number != 0 || got.Prev+got.Next != "" {
			t.Errorf("%q in %+v: %+v, %v", id, q, got, err)
		}
	}
}

// What takes too long is no error, and who has gone is one.
func TestAroundTakesTooLong(t *testing.T) {
	w := library(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := w.Around(ctx, &Query{}, "oai:gw.example:a/1"); err == nil {
		t.Errorf("%+v", got)
	}
	w.patience = -1 // it is over before it begins
	if got, err := w.Around(t.Context(), &Query{}, "oai:gw.example:a/1"); err != nil || got.Number != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Records are alike by what few others have in common with them.
func TestAlike(t *testing.T) {
	w := library(t)
	hoxha, trade, rare := value(dublincore.Creator, "Hoxha, Enver"), value(dublincore.Subject, "Trade"), value(dublincore.Subject, "Chrome ore")
	changes := []string{}
	for i := range maxSharers + 20 {
		c := record(fmt.Sprint("many", i), value(dublincore.Title, "On trade"), trade)
		w.commit(c)
		changes = append(changes, c.Identifier)
	}
	w.commit(record("mine", value(dublincore.Title, "A mine"), rare, trade), record("speech", value(dublincore.Title, "A speech"), hoxha),
		record("both", value(dublincore.Title, "A speech on chrome"), hoxha, rare, trade, value(dublincore.Creator, "Nobody else")))
	w.catchUp()
	got, err := w.Alike(t.Context(), "oai:gw.example:a/both", 4)
	if err != nil {
		t.Fatal(err)
	}
	if hits := strings.Join(got.Hits, " "); hits != "oai:gw.example:a/speech oai:gw.example:a/1 oai:gw.example:a/mine "+changes[len(changes)-1] {
		t.Errorf("alike are %s", hits)
	}
	if shared := fmt.Sprint(got.Shared); shared != "[{person Hoxha, Enver 2 false} {subject Trade 200 true} {subject Chrome ore 1 false}]" {
		t.Errorf("shared is %s", shared)
	}
	for _, id := range []string{"oai:gw.example:a/3", "oai:gw.example:a/none"} {
		if got, err := w.Alike(t.Context(), id, 4); err != nil || len(got.Hits)+len(got.Shared) > 0 {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
	}
	if err := w.Remove("oai:gw.example:a/mine"); err != nil {
		t.Fatal(err)
	}
	if got, err = w.Alike(t.Context(), "oai:gw.example:a/both", 9); err != nil || strings.Contains(fmt.Sprint(got), "mine") {
		t.Errorf("what was taken down is still alike: %+v, %v", got, err)
	}
}
