package site

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Each form of a list has everything that the search finds, once.
func TestLists(t *testing.T) {
	_, h := library(t, 450) // more than is read at once
	ends := map[string]string{"/search.csv": "\r\n", "/search.ndjson": "}\n", "/search.ris": "\r\nER  - \r\n", "/search.bib": "\n}\n", "/search.csl.json": `"accessed":`}
	for i := range lists {
		l := &lists[i]
		w := request(t, h, http.MethodGet, l.Path+"?q=hoxha&kind=Images")
		want := 225
		if l.Title == "CSV" {
			want++ // the heads of the columns
		}
		if n := strings.Count(w.Body.String(), ends[l.Path]); w.Code != 200 || n != want || w.Header().Get("Content-Type") != l.Type {
			t.Errorf("%s: status %d, %d records, %v", l.Path, w.Code, n, w.Header())
		}
		if head := request(t, h, http.MethodHead, l.Path); head.Body.Len() > 0 || head.Header().Get("Content-Type") != l.Type {
			t.Errorf("HEAD %s: %d bytes, %v", l.Path, head.Body.Len(), head.Header())
		}
	}
	if !json.Valid(request(t, h, http.MethodGet, "/search.csl.json?q=hoxha").Body.Bytes()) || !json.Valid(request(t, h, http.MethodGet, "/search.csl.json?q=none").Body.Bytes()) {
		t.Error("a list of CSL-JSON is no JSON")
	}
}

// A spreadsheet opens a list in the right letters, and runs nothing of it.
func TestListCSV(t *testing.T) {
	_, h := library(t, 2)
	text := request(t, h, http.MethodGet, "/search.csv").Body.String()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil || !strings.HasPrefix(text, "\ufeff") || len(rows) != 3 {
		t.Fatalf("%v, %d rows: %.100q", err, len(rows), text)
	}
	at := func(row int, column string) string { return rows[row][slices.Index(rows[0], column)] }
	if got := at(1, "title"); got != "Letter 0 of Enver Hoxha & <b>friends</b>" {
		t.Errorf("the title is %q", got)
	}
	if got := at(2, "abstract"); got != "On Çamëria, and <i>hoxhas</i>." {
		t.Errorf("the abstract is %q", got)
	}
	for cell, want := range map[string]string{
		"=HYPERLINK(1)": "'=HYPERLINK(1)", " \t@SUM(A1)": "' \t@SUM(A1)", "+1": "'+1", "-1": "'-1", "＝1": "'＝1", "\rx": "'\rx", "a=b": "a=b", "": "",
	} {
		if got := plainCell(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}

// A list can be read in parts, each of which says where the next one is, and be gone on with behind a line.
func TestListParts(t *testing.T) {
	_, h := library(t, 30)
	var got []string
	path, parts := "/search.ndjson?q=hoxha&limit=8", 0
	for path != "" && parts < 10 {
		w := request(t, h, http.MethodGet, path)
		for line := range strings.Lines(w.Body.String()) {
			var change struct{ Identifier, Seq, Prev, Operation string }
			if err := json.Unmarshal([]byte(line), &change); err != nil || change.Operation != "upserted" {
				t.Fatal(err, line)
			}
			got = append(got, change.Identifier)
		}
		parts++
		path = ""
		if m := regexp.MustCompile(`^<https://gateway\.example/below(/.*)>; rel="next"$`).FindStringSubmatch(w.Header().Get("Link")); m != nil {
			path = m[1]
		}
	}
	if slices.Sort(got); parts != 4 || len(slices.Compact(got)) != 30 {
		t.Errorf("%d parts have %d records", parts, len(got))
	}
	rows := strings.Split(request(t, h, http.MethodGet, "/search.csv").Body.String(), "\r\n")
	cursor := rows[10][strings.LastIndex(rows[10], ",")+1:]
	if n := strings.Count(request(t, h, http.MethodGet, "/search.csv?after="+cursor).Body.String(), "\r\n"); n != 1+20 {
		t.Errorf("behind the tenth row are %d rows", n)
	}
	for path, status := range map[string]int{"?limit=0": 400, "?limit=1001": 400, "?after=x": 400, "?after=9.1": 410, "?after=9.1&limit=3": 410} {
		see(t, h, "/search.ris"+path, status)
	}
}

// scripted is a Finder whose walk has these pieces.
type scripted struct {
	Finder
	pieces []search.Walked
	calls  int
}

func (f *scripted) Walk(context.Context, *search.Query, int64, int) (*search.Walked, error) {
	f.calls++
	return &f.pieces[min(f.calls, len(f.pieces))-1], nil
}

// A record that has changed since the index was made is in the list where it stands now: the list waits for the index.
func TestListOfWhatMoved(t *testing.T) {
	m := &memory{epoch: 7}
	for _, local := range []string{"a", "b", "c"} {
		m.add(t, "letters", local, titled(local))
	}
	m.records[1].Seq = 4 // the index knows it at 2
	id := func(local string) string { return "oai:archive.example:letters/" + local }
	at := func(seq int64) pipeline.Cursor { return pipeline.Cursor{Epoch: 7, Seq: seq} }
	f := &scripted{pieces: []search.Walked{
		{Hits: []search.Hit{{Identifier: id("a"), Seq: 1}, {Identifier: id("b"), Seq: 2}, {Identifier: id("c"), Seq: 3}}, Upto: at(3)},
		{Upto: at(3)}, // the index has not moved on
		{Hits: []search.Hit{{Identifier: id("b"), Seq: 4}}, Upto: at(4)},
	}}
	site := newSite(m)
	site.Finder = f
	body := request(t, New(site.Options), http.MethodGet, "/search.ndjson").Body.String()
	var got []string
	for line := range strings.Lines(body) {
		var change struct{ Identifier, Seq, Prev string }
		if err := json.Unmarshal([]byte(line), &change); err != nil {
			t.Fatal(err)
		}
		got = append(got, change.Identifier[len(change.Identifier)-1:]+change.Seq+change.Prev)
	}
	if want := []string{"a10", "c31", "b43"}; !slices.Equal(got, want) || f.calls != 3 {
		t.Errorf("the list is %v after %d pieces, want %v", got, f.calls, want)
	}
	f.calls, f.pieces = 0, append(f.pieces[:2:2], search.Walked{Upto: pipeline.Cursor{Epoch: 8, Seq: 9}})
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("a list of two histories ends as if it were whole")
		}
	}()
	request(t, New(site.Options), http.MethodGet, "/search.ndjson")
}

// A list waits for what the index has yet to read, and is refused when that is too much to wait for.
func TestListOfAnIndexBehind(t *testing.T) {
	m := &memory{epoch: 7}
	m.add(t, "letters", "a", titled("a"))
	m.add(t, "letters", "b", titled("b"))
	hit := func(local string, seq int64) search.Hit {
		return search.Hit{Identifier: "oai:archive.example:letters/" + local, Seq: seq}
	}
	f := &scripted{pieces: []search.Walked{
		{Hits: []search.Hit{hit("a", 1)}, Upto: pipeline.Cursor{Epoch: 7, Seq: 1}, Head: 2},
		{Hits: []search.Hit{hit("b", 2)}, Upto: pipeline.Cursor{Epoch: 7, Seq: 2}, Head: 2},
	}}
	site := newSite(m)
	site.Finder = f
	if body := request(t, New(site.Options), http.MethodGet, "/search.ndjson").Body.String(); strings.Count(body, "\n") != 2 {
		t.Errorf("the list is %s", body)
	}
	f.calls, f.pieces[0].Head = 0, 1+maxBehind+1
	if w := request(t, New(site.Options), http.MethodGet, "/search.ndjson"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("far behind: %d %s", w.Code, w.Body)
	}
}

// What was taken down since the index was made is in no list.
func TestListOfWhatIsGone(t *testing.T) {
	log, h := library(t, 3)
	if _, err := log.Remove(t.Context(), pipeline.Removal{Identifier: "oai:archive.example:old/1", Final: true, Who: "a test"}); err != nil {
		t.Fatal(err)
	}
	body := request(t, h, http.MethodGet, "/search.ndjson").Body.String()
	if strings.Count(body, "\n") != 2 || strings.Contains(body, "old/1") {
		t.Errorf("what was taken down is in the list: %s", body)
	}
}

func TestSearchFeed(t *testing.T) {
	_, h := library(t, 60)
	w := request(t, h, http.MethodGet, "/search.atom?q=hoxha&source=old&sort=early")
	if want := "/search.atom?q=hoxha&source=new|/search?q=hoxha&source=new&sort=newest|Example Archive: hoxha, The Archive|50"; w.Body.String() != want {
		t.Errorf("the feed is made of %s", w.Body)
	}
	for _, path := range []string{"/search?q=hoxha", "/search?q=hoxha&kind=Images"} {
		doc := see(t, h, path, 200)
		to := fmt.Sprintf(`link[rel=alternate][href="/below%s"]`, strings.Replace(path, "/search", searchFeed, 1))
		if err := in(to)(doc.Selection); err != nil {
			t.Error(err)
		}
	}
}
