package searchtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func queries(w *world) {
	w.shelf()
	chosen := func(pairs ...string) map[string][]string {
		out := map[string][]string{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = append(out[pairs[i]], pairs[i+1])
		}
		return out
	}
	for _, test := range []struct {
		q    search.Query
		want string
	}{
		{search.Query{Sort: search.Newest}, "note coin photo report letter"},
		{search.Query{Text: "hoxha"}, "letter report"},
		{search.Query{Text: "HOXHA cam"}, "letter"},
		{search.Query{Text: "creator:hoxha"}, "letter"},
		{search.Query{Text: "cam tirane"}, ""},
		{search.Query{Text: "uber"}, "report"},
		{search.Query{Text: `"enver hoxha"`}, "letter"},
		{search.Query{Text: `"hoxha letter"`}, ""},
		{search.Query{Text: "hox"}, "letter report"},
		{search.Query{Text: "hox* -bericht"}, "letter"},
		{search.Query{Text: "大震災"}, "photo"},
		{search.Query{Text: "震大"}, ""},
		{search.Query{Text: "10.1000/182"}, "letter"},
		{search.Query{Text: "doi:10.1000/182"}, "letter"},
		{search.Query{Text: "oai:gw.example:a/photo"}, "photo"},
		{search.Query{Text: "date:1957"}, "letter"},
		{search.Query{Text: "language:sqi"}, "letter note"},
		{search.Query{From: "1957-04-10", To: "1957-04-20"}, "letter"},
		{search.Query{From: "1957", To: "1961"}, "letter report"},
		{search.Query{To: "0000"}, "coin"},
		{search.Query{Sort: search.Early}, "coin photo letter report note"},
		{search.Query{Sort: search.Late}, "report letter photo coin note"},
		{search.Query{Sort: search.Title}, "coin report letter note photo"},
		{search.Query{Chosen: chosen(search.Kind, "Text")}, "letter report note"},
		{search.Query{Chosen: chosen(search.Kind, "Image", search.Kind, "PhysicalObject")}, "photo coin"},
		{search.Query{Chosen: chosen(search.Kind, "Text", search.Language, "deu")}, "report"},
		{search.Query{Chosen: chosen(search.Decade, "-50", search.Decade, search.Undated)}, "coin note"},
		{search.Query{Chosen: chosen(search.PartOf, search.WholesKey([]string{"Q1"}))}, "note"},
		{search.Query{Chosen: chosen(search.PartOf, search.WholesKey([]string{"Q2", "Q1"}), search.PartOf, search.WholesKey([]string{"Q2"}))}, "photo"},
		{search.Query{Sort: search.Newest, Offset: 1, Limit: 2}, "coin photo"},
		{search.Query{Offset: 9, Limit: 2}, ""},
	} {
		w.finds(test.q, test.want)
	}
	if found := w.finds(search.Query{Text: "hoxha", Sort: search.Newest, Limit: 1}, "report"); found.Total != 2 || found.More || found.Partial || found.AsWords {
		w.Errorf("%+v", found)
	}
	if found := w.finds(search.Query{Text: "hoxhha"}, ""); found.Meant != "hoxha" {
		w.Errorf("meant is %q", found.Meant)
	}
	if found := w.finds(search.Query{Text: `"coin`}, "coin"); !found.AsWords {
		w.Error("what was not understood is not said to be taken for words")
	}
}

func beside(w *world) {
	w.shelf()
	w.commit(record("film", "title: A film", "creator: Hoxha, Enver", "subject: coins"))
	w.caughtUp()
	around, err := w.engine.Around(w.Context(), &search.Query{Sort: search.Early}, "oai:gw.example:a/letter")
	w.ok(err)
	if around.Number != 3 || around.Total != 6 || around.More || local(around.Prev) != "photo" || local(around.Next) != "report" {
		w.Errorf("%+v", around)
	}
	if around, err = w.engine.Around(w.Context(), &search.Query{Text: "hoxha"}, "oai:gw.example:a/coin"); err != nil || around.Number != 0 {
		w.Errorf("%+v, %v", around, err)
	}
	alike, err := w.engine.Alike(w.Context(), "oai:gw.example:a/film", 2)
	w.ok(err)
	if len(alike.Hits) != 2 || local(alike.Hits[0]) != "letter" || local(alike.Hits[1]) != "note" {
		w.Errorf("%+v", alike)
	}
	w.ok(w.engine.Remove("oai:gw.example:a/letter"))
	if alike, err = w.engine.Alike(w.Context(), "oai:gw.example:a/film", 9); err != nil || slices.Contains(alike.Hits, "oai:gw.example:a/letter") {
		w.Errorf("what was removed is alike: %+v, %v", alike, err)
	}
}

// said is a facet in a line.
func said(f search.Facet) string {
	var out []string
	for _, c := range f.Values {
		one := fmt.Sprint(c.Value, " ", c.Count)
		if c.Chosen {
			one += " chosen"
		}
		out = append(out, one)
	}
	return strings.Join(out, ", ")
}

func facets(w *world) {
	w.shelf()
	got := map[string]string{}
	for _, f := range w.finds(search.Query{Chosen: map[string][]string{search.Kind: {"Text"}}}, "letter report note").Facets {
		got[f.Name] = said(f)
	}
	want := map[string]string{
		search.Kind: "Text 3 chosen, Image 1, PhysicalObject 1", search.Source: "a 3", search.Language: "sqi 2, deu 1", search.Subject: "coins 1",
		search.Decade: "1950 1, 1960 1, undated 1", search.Person: "Hoxha, Enver 1, Müller, Jürgen 1",
	}
	if d := cmp.Diff(want, got); d != "" {
		w.Error(d)
	}
	var many []pipeline.Change
	for i := range 150 {
		many = append(many, record(fmt.Sprint(i), fmt.Sprintf("subject: s%03d", i), "title: many"))
	}
	w.commit(many...)
	w.caughtUp()
	first, err := w.engine.Find(w.Context(), &search.Query{Text: "many"})
	w.ok(err)
	for _, f := range first.Facets {
		if f.Name == search.Subject && len(f.Values)+f.Others != 150 {
			w.Errorf("of 150 subjects %d are counted and %d are others", len(f.Values), f.Others)
		}
	}
	whole, err := w.engine.Find(w.Context(), &search.Query{Text: "many", Whole: search.Subject})
	w.ok(err)
	if len(whole.Facets) != 1 || len(whole.Facets[0].Values) != 150 || whole.Facets[0].Others != 0 {
		w.Errorf("a facet that is wanted whole has %d values", len(whole.Facets[0].Values))
	}
}

func years(w *world) {
	w.shelf()
	w.commit(record("decade", "title: years", "created: 1955/1958"))
	w.caughtUp()
	found := w.finds(search.Query{From: "1957-04", To: "1957-04"}, "letter decade")
	if d := cmp.Diff("1955 1, 1956 1, 1957 2 chosen, 1958 1", said(search.Facet{Values: found.Years})); d != "" {
		w.Error(d)
	}
	if found := w.finds(search.Query{From: "1900", To: "1999"}, "photo letter report decade"); found.Years != nil {
		w.Error("years are counted over a century")
	}
}

func changes(w *world) {
	w.shelf()
	w.commit(record("letter", "title: A telegram"), gone("report"), record("new", "title: hoxha again"))
	w.caughtUp()
	w.finds(search.Query{Text: "hoxha"}, "new")
	w.finds(search.Query{Text: "telegram"}, "letter")
	w.finds(search.Query{Sort: search.Newest}, "new letter note coin photo")
}

func restart(w *world) {
	w.shelf()
	w.stop()
	w.commit(record("later", "title: hoxha later"), gone("report"))
	w.start()
	w.caughtUp()
	w.finds(search.Query{Text: "hoxha"}, "letter later")
}

func epoch(w *world) {
	w.shelf()
	w.ok(w.log.NewEpoch(w.Context(), pipeline.Head{}, "a test"))
	w.begin()
	w.commit(record("after", "title: hoxha after"))
	w.caughtUp()
	w.finds(search.Query{Text: "hoxha"}, "letter report after")
}

// removal: what is taken down is found no more when Remove returns, whether or not the log has told it; one that was taken
// down while the engine was closed goes when its tombstone is read.
func removal(w *world) {
	w.shelf()
	w.ok(w.engine.Remove("oai:gw.example:a/letter"))
	w.finds(search.Query{Text: "hoxha"}, "report")
	w.finds(search.Query{Text: "10.1000/182"}, "")
	w.ok(w.engine.Remove("oai:gw.example:a/none"))
	w.stop()
	_, err := w.log.Remove(w.Context(), pipeline.Removal{Identifier: "oai:gw.example:a/report", Final: true, Who: "a test"})
	w.ok(err)
	w.start()
	w.caughtUp()
	w.finds(search.Query{Text: "hoxha"}, "")
	w.finds(search.Query{Sort: search.Newest}, "note coin photo")
}

func walk(w *world) {
	w.shelf()
	var got []string
	after, changed := int64(0), false
	for more := true; more; {
		part, err := w.engine.Walk(w.Context(), &search.Query{}, after, 2)
		w.ok(err)
		if len(part.Hits) > 2 {
			w.Fatalf("a piece of 2 has %d", len(part.Hits))
		}
		for _, h := range part.Hits {
			if h.Seq <= after {
				w.Fatalf("%d comes behind %d", h.Seq, after)
			}
			got, after = append(got, local(h.Identifier)), h.Seq
		}
		if part.Upto.Seq < after {
			w.Fatalf("the next piece begins at %v, before %d", part.Upto, after)
		}
		if more = part.More; !changed {
			changed = true
			w.commit(record("letter", "title: Another letter"), record("photo", "title: Another photo"), record("new", "title: New"))
			w.caughtUp()
		}
	}
	if want := "letter report coin note letter photo new"; strings.Join(got, " ") != want {
		w.Errorf("the walk met %v, want %s", got, want)
	}
}

// together: searches go on while the log grows, and each is one of a moment: a record that is found has the words by which
// it was found.
func together(w *world) {
	stop := make(chan struct{})
	var asking sync.WaitGroup
	for range 2 {
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				found, err := w.engine.Find(w.Context(), &search.Query{Text: "even odd", Limit: 100})
				if err != nil || len(found.Hits) > 0 {
					w.Errorf("%+v, %v", found, err)
					return
				}
			}
		})
	}
	for i := range 40 {
		w.commit(record("one", "title: "+[]string{"even", "odd"}[i%2]), record(fmt.Sprint("n", i), "title: number"))
	}
	w.caughtUp()
	close(stop)
	asking.Wait()
	w.finds(search.Query{Text: "odd"}, "one")
	if found, err := w.engine.Find(w.Context(), &search.Query{Text: "number", Limit: 5}); err != nil || found.Total != 40 {
		w.Errorf("%+v, %v", found, err)
	}
}

func typed(w *world) {
	w.shelf()
	for _, text := range []string{`"`, `""`, "a OR", "AND", "NEAR(a b)", "title:", `title:"`, "-a", "- a", "*", "a*b", "^a", "{a}:b", "date:x", "\x00", "language:", "(", "a AND (b", "💥", "'; DROP TABLE doc", "\xff", strings.Repeat("a ", 600)} {
		for _, q := range []search.Query{{Text: text}, {From: text, To: text}, {Chosen: map[string][]string{search.Kind: {text}}}, {Text: text, Whole: search.Kind}, {Sort: search.Sort(text), Offset: -1}} {
			q.Limit = 10
			if _, err := w.engine.Find(w.Context(), &q); err != nil {
				w.Errorf("%q: %v", text, err)
			}
			if _, err := w.engine.Walk(w.Context(), &q, 0, 10); err != nil {
				w.Errorf("%q: %v", text, err)
			}
		}
	}
}
