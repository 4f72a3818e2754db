package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A jsonService is a small server that answers in JSON, five works a page.
type jsonService struct {
	works  int
	answer func(w http.ResponseWriter, r *http.Request, from, to, total int)
	first  func(r *http.Request) int // how many works are before the page
}

func (s *jsonService) serve(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("verb") != "" {
			http.Error(w, `{"message": "no such parameter: verb"}`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		from := min(s.first(r), s.works)
		s.answer(w, r, from, min(from+5, s.works), s.works)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// each writes works in a form, in which %[1]d is the number.
func each(form string, from, to int) string {
	var out []string
	for n := from; n < to; n++ {
		out = append(out, fmt.Sprintf(form, n))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func asInt(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

func byPage(r *http.Request) int { return 5 * (asInt(r.FormValue("page"), 1) - 1) }

// TestJSON: a service is probed, and what is proposed harvests all it has.
func TestJSON(t *testing.T) {
	linked := func(r *http.Request, to, total int) string {
		if to >= total {
			return "null"
		}
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(to/5+1))
		return strconv.Quote("http://" + r.Host + r.URL.Path + "?" + q.Encode())
	}
	for _, c := range []struct {
		name, path string
		service    jsonService
		holds      []string
	}{
		{"Crossref", "/works?filter=member:98", jsonService{first: func(r *http.Request) int { return asInt(r.FormValue("cursor"), 0) },
			answer: func(w http.ResponseWriter, r *http.Request, from, to, total int) {
				next := ""
				if r.FormValue("cursor") != "" {
					next = fmt.Sprintf(`"next-cursor":"%d",`, to)
				}
				fmt.Fprintf(w, `{"status":"ok","message-type":"work-list","message":{%s"total-results":%d,"items":%s}}`, next, total,
					each(`{"DOI":"10.5555/%[1]d","title":["Work %[1]d"],"author":[{"given":"Ana","family":"Hoxha"}],"indexed":{"date-time":"2026-05-01T00:00:00Z"}}`, from, to))
			}}, []string{"as Crossref does", "mapping: crossref_json", "cursor: message.next-cursor", `value: "member:98,from-index-date:{since}"`, "total: message.total-results"}},
		{"DataCite", "/dois", jsonService{first: func(r *http.Request) int { return asInt(r.FormValue("page[cursor]"), 1) - 1 },
			answer: func(w http.ResponseWriter, r *http.Request, from, to, total int) {
				next := ""
				if to < total {
					next = fmt.Sprintf(`"next":"http://%s/dois?page%%5Bcursor%%5D=%d"`, r.Host, to+1)
				}
				fmt.Fprintf(w, `{"data":%s,"meta":{"total":%d},"links":{%s}}`, each(`{"id":"10.5072/%[1]d","type":"dois","attributes":{"doi":"10.5072/%[1]d","titles":[{"title":"Work %[1]d"}],"updated":"2026-05-01T00:00:00Z"}}`, from, to), total, next)
			}}, []string{"as DataCite does", "mapping: datacite_json", "next: links.next", "page%5Bcursor%5D=1", "updated:[{since} TO *]"}},
		{"InvenioRDM", "/api/records?page=2", jsonService{first: byPage,
			answer: func(w http.ResponseWriter, r *http.Request, from, to, total int) {
				fmt.Fprintf(w, `{"hits":{"hits":%s,"total":%d},"links":{"next":%s}}`, each(`{"id":"w%[1]d","updated":"2026-05-01T00:00:00+00:00","metadata":{"title":"Work %[1]d"}}`, from, to), total, linked(r, to, total))
			}}, []string{"as InvenioRDM does", "hits.hits", "mapping: invenio_json"}},
		{"Omeka S", "/api/items", jsonService{first: byPage,
			answer: func(w http.ResponseWriter, r *http.Request, from, to, total int) {
				if next := linked(r, to, total); next != "null" {
					w.Header().Set("Link", "<"+strings.Trim(next, `"`)+`>; rel="next"`)
				}
				w.Header().Set("Omeka-S-Total-Results", strconv.Itoa(total))
				fmt.Fprint(w, each(`{"@id":"http://o.example/items/%[1]d","o:id":%[1]d,"o:title":"Work %[1]d","o:modified":{"@value":"2026-05-01T00:00:00+00:00"}}`, from, to))
			}}, []string{"as Omeka S does", "mapping: omeka_json", "link: true", "header Omeka-S-Total-Results", `"[\"o:id\"]"`}},
		{"ArchivesSpace", "/repositories/2/resources?page=1", jsonService{first: byPage,
			answer: func(w http.ResponseWriter, r *http.Request, from, to, total int) {
				fmt.Fprintf(w, `{"first_page":1,"last_page":3,"this_page":1,"total":%d,"results":%s}`, total, each(`{"uri":"/repositories/2/resources/%[1]d","title":"Work %[1]d","system_mtime":"2026-05-01T00:00:00Z"}`, from, to))
			}}, []string{"as ArchivesSpace does", "mapping: archivesspace_json", "deleted: \"not publish\"", "number: page", "modified_since", "format: epoch"}},
		{"Figshare", "/v2/articles", jsonService{first: byPage,
			answer: func(w http.ResponseWriter, r *http.Request, from, to, total int) {
				fmt.Fprint(w, each(`{"id":%[1]d,"title":"Work %[1]d","url_public_api":"https://f.example/%[1]d","published_date":"2026-05-01T00:00:00Z"}`, from, to))
			}}, []string{"as Figshare does", "mapping: figshare_json", "number: page", "published_since", "Note: nothing was found that says how many"}},
		{"a link somewhere", "/list", jsonService{first: byPage,
			answer: func(w http.ResponseWriter, r *http.Request, from, to, total int) {
				fmt.Fprintf(w, `{"count":%d,"next":%s,"facets":[{"k":"a"}],"results":%s}`, total, linked(r, to, total), each(`{"pk":7,"slug":"w-%[1]d","name":"Work %[1]d","last_modified":"2026-05-01"}`, from, to))
			}}, []string{"A service that answers in JSON:", "items: results", "key: slug", "next: next", "total: count", "datestamp: last_modified", "second was asked for"}},
		{"an offset", "/list?start=0&q=a", jsonService{first: func(r *http.Request) int { return asInt(r.FormValue("start"), 0) },
			answer: func(w http.ResponseWriter, r *http.Request, from, to, total int) {
				fmt.Fprintf(w, `{"response":{"numFound":%d,"docs":%s}}`, total, each(`{"id":"%[1]d","title":"Work %[1]d"}`, from, to))
			}}, []string{"offset: start", "total: response.numFound", "items: response.docs"}},
		{"numbers from 0", "/list?page=0", jsonService{first: func(r *http.Request) int { return 5 * asInt(r.FormValue("page"), 0) },
			answer: func(w http.ResponseWriter, r *http.Request, from, to, total int) {
				fmt.Fprintf(w, `{"content":%s,"totalElements":%d,"size":5}`, each(`{"id":"%[1]d","title":"Work %[1]d"}`, from, to), total)
			}}, []string{"number: page", `first: "0"`, "total: totalElements"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder(t, nil)
			c.service.works = 12
			site := c.service.serve(t)
			p := want(t, exitDone, "probe", site+c.path)
			holds(t, "the proposal", p.stdout, c.holds...)
			if strings.Contains(p.stdout, "_json") {
				refused(t, ".", exitUsage, []string{"there is a built-in mapping"}, "probe", site+c.path, "--mapping", "drafted.map")
			} else { // without a file for the mapping it is shown
				holds(t, "the proposal", p.stdout, "--mapping 127-0-0-1.map writes it", "title        from ")
				p = want(t, exitDone, "probe", site+c.path, "--mapping", "drafted.map")
				refused(t, ".", exitUsage, []string{"drafted.map is there already"}, "probe", site+c.path, "--mapping", "drafted.map")
			}
			works(t, p.stdout, 12)
		})
	}
}

// TestDocsOfServices: what the guide shows works: its configuration, its mapping, and what sheaf map makes of a saved answer.
func TestDocsOfServices(t *testing.T) {
	guide, err := os.ReadFile("../../docs/services.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(guide), "```")
	var source, mapping string
	for i := 1; i < len(blocks); i += 2 {
		if after, ok := strings.CutPrefix(blocks[i], "yaml\n"); ok && source == "" {
			source = after
		} else if after, ok := strings.CutPrefix(blocks[i], "text\n"); ok && strings.HasPrefix(after, "format json") {
			mapping = after
		}
	}
	const item = `{"DOI":"10.5555/%[1]d","title":["Work %[1]d"],"author":[{"given":"Ana","family":"Hoxha"}],"issued":{"date-parts":[[2026,5,1]]},"published-print":{"date-parts":[[2026,6]]}}`
	folder(t, map[string]string{
		"sheaf.yaml":  "gateway: {namespace: gw.example.org, contact: a@example.org}\n" + source,
		"own.yaml":    "gateway: {namespace: gw.example.org, contact: a@example.org}\n" + strings.Replace(source, "crossref_json ", "own.map ", 1),
		"own.map":     mapping,
		"answer.json": `{"message":{"items":` + each(item, 1, 3) + `}}`,
		"one.json":    fmt.Sprintf(item, 3) + "\n",
		"broken.json": `{"message":{"items":[{"DOI": NaN}]}}`,
	})
	want(t, exitDone, "config", "check")
	holds(t, "an answer", want(t, exitDone, "map", "journals", "answer.json", "--limit", "5").stdout, "title  Work 1", "title  Work 2", "creator  Hoxha, Ana", "issued  2026-05-01", "https://doi.org/10.5555/2")
	holds(t, "the rules of one's own", want(t, exitDone, "map", "journals", "one.json", "--config", "own.yaml").stdout, "title  Work 3", "issued  2026-06 ")
	holds(t, "an item", want(t, exitDone, "map", "journals", "one.json").stdout, "title  Work 3")
	holds(t, "a broken item", want(t, exitLook, "map", "journals", "broken.json").stdout, "can't be mapped", "invalid character")
}

// TestJSONChanges: after a complete harvest a service is asked for what has changed. What it no longer gives whole is
// incomplete, and what is broken goes to quarantine alone.
func TestJSONChanges(t *testing.T) {
	var asked []string
	items, total := each(`{"id":%[1]d,"name":"Work %[1]d","updated":"2026-05-01T00:00:00Z"}`, 0, 4), 4
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RawQuery)
		fmt.Fprintf(w, `{"list":%s,"total":%d}`, items, total)
	}))
	t.Cleanup(srv.Close)
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: gw.example.org, contact: a@example.org}\nsources:\n  works:\n    kind: jsonapi\n    from: " + srv.URL +
			"\n    items: list\n    key: id\n    datestamp: updated\n    deleted: gone\n    ignore: views\n    total: total\n    since: {param: from, format: date}\n    mapping: works.map\n",
		"works.map": "format json\ntitle from name\n",
	})
	holds(t, "the harvest", want(t, exitDone, "harvest", "works").stdout, "works: complete: 4 new")
	items = each(`{"views":7,"id":%[1]d,"name":"Work %[1]d","updated":"2026-05-01T00:00:00Z"}`, 0, 4)
	holds(t, "more views", want(t, exitDone, "harvest", "works").stdout, "works: complete: 0 new, 0 changed, 0 deleted, 4 unchanged")
	items, total = `[{"updated":"2026-05-02T00:00:00Z", "name":"Other work 1", "id":1}, {"id":2,"gone":true}, {"id":3,"name":"Work 3" "x"}, {"updated":"2026-05-01T00:00:00Z","name":"Work 0","id":0}]`, 5
	holds(t, "a short list of changes", want(t, exitLook, "harvest", "works").stdout, "incomplete: 0 new, 1 changed, 1 deleted, 1 unchanged, 1 rejected", "says that it has 5 items, and its pages gave 4")
	total = 4
	holds(t, "the same list whole", want(t, exitLook, "harvest", "works").stdout, "complete: 0 new, 0 changed, 0 deleted")
	want(t, exitLook, "harvest", "works", "--full")
	if got := strings.Join(asked, " "); got != " from=2026-04-30 from=2026-04-30 from=2026-04-30 " {
		t.Errorf("asked with %q", got)
	}
}

// TestProbeOtherJSON: what is JSON and no list of records says so, and what can't be found out is told.
func TestProbeOtherJSON(t *testing.T) {
	dir := folder(t, map[string]string{"saved.json": `[{"id": 1}]`})
	holds(t, "a file", want(t, exitDone, "probe", "saved.json").stdout, "kind: files")
	for body, says := range map[string]string{
		`{"status": "ok", "names": ["a", "b"]}`: "Its JSON holds no list of objects.",
		`{"list": [{"a": 1}, {"a": 2}]}`:        "Nothing in the items of its JSON looks like an identifier.",
	} {
		refused(t, dir, exitFailed, []string{says, "nor a page that lists records"}, "probe", serving(t, "application/json", body))
	}

	// The number of items on the page is not that of all, if there is another page.
	site := (&jsonService{works: 12, first: byPage, answer: func(w http.ResponseWriter, _ *http.Request, from, to, _ int) {
		fmt.Fprintf(w, `{"count":%d,"list":%s}`, to-from, each(`{"id":"w%[1]d","name":"Work %[1]d"}`, from, to))
	}}).serve(t)
	r := want(t, exitDone, "probe", site+"/list?page=1")
	if holds(t, "a page with its own count", r.stdout, "number: page", "says how many items there are"); strings.Contains(r.stdout, "\n    total: ") {
		t.Errorf("a total of one page: %s", r.stdout)
	}

	// All at once, and nothing that is known of more.
	r = want(t, exitDone, "probe", serving(t, "application/json", `{"list": [{"id": "a"}, {"id": "b"}]}`))
	holds(t, "one page", r.stdout, "no way to a second page was found", "title        from id")
	r = want(t, exitDone, "probe", serving(t, "application/json", `{"total": 2, "list": [{"id": "a"}, {"id": "b"}]}`))
	holds(t, "the whole", r.stdout, "it says      2", "total: total")

	// A service that shows people a page.
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			fmt.Fprint(w, "<!doctype html><title>Our service</title>")
			return
		}
		fmt.Fprint(w, `{"results": [{"id": 1, "title": "A letter"}], "count": 1, "next": null}`)
	}))
	t.Cleanup(srv.Close)
	p := want(t, exitDone, "probe", srv.URL, "--mapping", "letters.map")
	works(t, p.stdout, 1)
}
