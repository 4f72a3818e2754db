package jsonapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/jsonapi"
)

// A work is what a service has: its number, and the day on which it was changed.
type work struct {
	n   int
	day time.Time
}

// A service is a small server that answers as one of the known services does.
type service struct {
	t     *testing.T
	url   string
	works []work
	now   time.Time
	since func(r *http.Request) string // what a request asks from, as a day; empty if it asks for all
	// answer writes the page: the works that are asked for, all of them, and how many a page has.
	answer  func(w http.ResponseWriter, r *http.Request, works []work)
	faults  map[int]func(w http.ResponseWriter) // by the number of the request
	asked   []string
	perPage int
}

var day1 = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

// start makes a service with 250 works, all changed on the days before day1.
func start(t *testing.T, s *service) *service {
	t.Helper()
	s.t, s.now, s.perPage = t, day1, 40
	for n := range 250 {
		s.works = append(s.works, work{n, day1.AddDate(0, 0, -30-n%7)})
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, r.URL.RequestURI())
	w.Header().Set("Date", s.now.Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json")
	if fault := s.faults[len(s.asked)]; fault != nil {
		fault(w)
		return
	}
	works := s.works
	if since := s.since(r); since != "" {
		works = nil
		for _, is := range s.works {
			if is.day.Format(time.DateOnly) >= since {
				works = append(works, is)
			}
		}
	}
	s.answer(w, r, works)
}

// cut gives the works of a page, by the number of the first.
func (s *service) cut(works []work, first int) []work {
	first = min(first, len(works))
	return works[first:min(first+s.perPage, len(works))]
}

// list writes works as a list in JSON.
func list(works []work, form func(work) string) string {
	var out []string
	for _, w := range works {
		out = append(out, form(w))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func intOf(r *http.Request, name string, otherwise int) int {
	if n, err := strconv.Atoi(r.FormValue(name)); err == nil {
		return n
	}
	return otherwise
}

// between is the text between two others.
func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}

// A shape is a service of a known kind, and how it is harvested.
type shape struct {
	name   string
	server func(t *testing.T) *service
	config func(url string) jsonapi.Config
	key    func(n int) string
	proven bool
}

var shapes = []shape{
	{
		name: "Crossref", proven: true,
		key: func(n int) string { return fmt.Sprintf("10.5555/W%d", n) },
		config: func(url string) jsonapi.Config {
			return jsonapi.Config{From: url + "/works?filter=member:98&rows=40", Items: "message.items", Key: "DOI", Datestamp: "indexed.date-time", Total: "message.total-results",
				Page:  jsonapi.Page{Cursor: "message.next-cursor", Param: "cursor", First: "*"},
				Since: jsonapi.Since{Param: "filter", Value: "member:98,from-index-date:{since}", Format: "date"}}
		},
		server: func(t *testing.T) *service {
			s := &service{since: func(r *http.Request) string {
				if !strings.HasPrefix(r.FormValue("filter"), "member:98") {
					t.Errorf("the filter is lost: %s", r.URL)
				}
				return between(r.FormValue("filter"), "from-index-date:", ",")
			}}
			s.answer = func(w http.ResponseWriter, r *http.Request, works []work) {
				first := 0
				if c := r.FormValue("cursor"); c != "*" {
					if first = intOf(r, "cursor", -1); first < 0 {
						first, _ = strconv.Atoi(strings.TrimPrefix(c, "a+b/="))
					}
				}
				page := s.cut(works, first)
				fmt.Fprintf(w, `{"status":"ok","message-type":"work-list","message":{"facets":{},"next-cursor":"a+b/=%d","total-results":%d,"items":%s}}`,
					first+len(page), len(works), list(page, func(is work) string {
						return fmt.Sprintf(`{"DOI":"10.5555/W%d","title":["Work %d \u00e9"],"indexed":{"date-time":%q,"timestamp":%d},"score":1.0}`, is.n, is.n, is.day.Format(time.RFC3339), is.day.UnixMilli())
					}))
			}
			return start(t, s)
		},
	},
	{
		name: "DataCite", proven: true,
		key: func(n int) string { return fmt.Sprintf("10.5072/w%d", n) },
		config: func(url string) jsonapi.Config {
			return jsonapi.Config{From: url + "/dois?page[cursor]=1&page[size]=40", Items: "data", Key: "attributes.doi", Datestamp: "attributes.updated", Total: "meta.total",
				Page:  jsonapi.Page{Next: "links.next"},
				Since: jsonapi.Since{Param: "query", Value: "updated:[{since} TO *]"}}
		},
		server: func(t *testing.T) *service {
			s := &service{since: func(r *http.Request) string { return between(r.FormValue("query"), "updated:[", "T") }}
			s.answer = func(w http.ResponseWriter, r *http.Request, works []work) {
				first := intOf(r, "page[cursor]", 1) - 1
				page, next := s.cut(works, first), "null"
				if first+len(page) < len(works) {
					u := *r.URL
					q := u.Query()
					q.Set("page[cursor]", strconv.Itoa(first+len(page)+1))
					u.RawQuery = q.Encode()
					next = strconv.Quote(s.url + u.String())
				}
				fmt.Fprintf(w, `{"data":%s,"meta":{"total":%d,"totalPages":7},"links":{"self":"%s","next":%s}}`, list(page, func(is work) string {
					return fmt.Sprintf(`{"id":"10.5072/w%d","type":"dois","attributes":{"doi":"10.5072/w%d","titles":[{"title":"Work %d"}],"publicationYear":2026,"updated":%q}}`, is.n, is.n, is.n, is.day.Format("2006-01-02T15:04:05.000Z"))
				}), len(works), s.url, next)
			}
			return start(t, s)
		},
	},
	{
		name: "InvenioRDM", proven: true,
		key: func(n int) string { return fmt.Sprintf("w%d-abc", n) },
		config: func(url string) jsonapi.Config {
			return jsonapi.Config{From: url + "/api/records?size=40&sort=oldest", Items: "hits.hits", Key: "id", Datestamp: "updated", Total: "hits.total",
				Page:  jsonapi.Page{Next: "links.next"},
				Since: jsonapi.Since{Param: "q", Value: `updated:["{since}" TO *]`}}
		},
		server: func(t *testing.T) *service {
			s := &service{since: func(r *http.Request) string { return between(r.FormValue("q"), `updated:["`, "T") }}
			s.answer = func(w http.ResponseWriter, r *http.Request, works []work) {
				n := intOf(r, "page", 1)
				page, links := s.cut(works, (n-1)*s.perPage), ""
				if n*s.perPage < len(works) {
					q := r.URL.Query()
					q.Set("page", strconv.Itoa(n+1))
					links = fmt.Sprintf(`, "next": "%s/api/records?%s"`, s.url, q.Encode())
				}
				fmt.Fprintf(w, `{"hits": {"hits": %s, "total": %d}, "links": {"self": "x"%s}, "sortBy": "oldest"}`, list(page, func(is work) string {
					return fmt.Sprintf(`{"created": "2020-01-01T00:00:00+00:00", "id": "w%d-abc", "updated": %q, "metadata": {"title": "Work %d"}}`, is.n, is.day.Format("2006-01-02T15:04:05.000000-07:00"), is.n)
				}), len(works), links)
			}
			return start(t, s)
		},
	},
	{
		name: "Omeka S", proven: true,
		key: func(n int) string { return strconv.Itoa(n + 1) },
		config: func(url string) jsonapi.Config {
			return jsonapi.Config{From: url + "/api/items?per_page=40&sort_by=id", Key: "o:id", Datestamp: `["o:modified"]["@value"]`, Total: "header Omeka-S-Total-Results",
				Page: jsonapi.Page{Link: true}, Since: jsonapi.Since{Param: "modified_after"}}
		},
		server: func(t *testing.T) *service {
			s := &service{since: func(r *http.Request) string { return between(r.FormValue("modified_after")+"T", "", "T") }}
			s.answer = func(w http.ResponseWriter, r *http.Request, works []work) {
				n := intOf(r, "page", 1)
				q := r.URL.Query()
				rel := func(to int, rel string) string {
					q.Set("page", strconv.Itoa(to))
					return fmt.Sprintf(`<%s/api/items?%s>; rel="%s"`, s.url, q.Encode(), rel)
				}
				links := []string{rel(1, "first")}
				if n*s.perPage < len(works) {
					links = append(links, rel(n+1, "next"))
				}
				w.Header().Set("Link", strings.Join(append(links, rel(7, "last")), ", "))
				w.Header().Set("Omeka-S-Total-Results", strconv.Itoa(len(works)))
				fmt.Fprint(w, list(s.cut(works, (n-1)*s.perPage), func(is work) string {
					return fmt.Sprintf(`{"@context":"%s/api-context","@id":"%s/api/items/%d","o:id":%d,"o:title":"Work %d","o:modified":{"@value":%q},"dcterms:title":[{"type":"literal","property_id":1,"@value":"Work %d"}]}`,
						s.url, s.url, is.n+1, is.n+1, is.n, is.day.Format("2006-01-02T15:04:05+00:00"), is.n)
				}))
			}
			return start(t, s)
		},
	},
	{
		name: "ArchivesSpace", proven: true,
		key: func(n int) string { return fmt.Sprintf("/repositories/2/resources/%d", n) },
		config: func(url string) jsonapi.Config {
			return jsonapi.Config{From: url + "/repositories/2/resources?page_size=40", Items: "results", Key: "uri", Datestamp: "system_mtime", Total: "total",
				Page: jsonapi.Page{Number: "page"}, Since: jsonapi.Since{Param: "modified_since", Format: "epoch"}}
		},
		server: func(t *testing.T) *service {
			s := &service{since: func(r *http.Request) string {
				if n := intOf(r, "modified_since", 0); n > 0 {
					return time.Unix(int64(n), 0).UTC().Format(time.DateOnly)
				}
				return ""
			}}
			s.answer = func(w http.ResponseWriter, r *http.Request, works []work) {
				n := intOf(r, "page", 0)
				if n == 0 {
					http.Error(w, `{"error":{"page":["Parameter required but no value provided"]}}`, http.StatusBadRequest)
					return
				}
				fmt.Fprintf(w, `{"first_page":1,"last_page":%d,"this_page":%d,"total":%d,"results":%s}`, (len(works)+s.perPage-1)/s.perPage, n, len(works), list(s.cut(works, (n-1)*s.perPage), func(is work) string {
					return fmt.Sprintf(`{"lock_version":1,"title":"Papers %d","id_0":"MS %d","uri":"/repositories/2/resources/%d","system_mtime":%q,"jsonmodel_type":"resource"}`, is.n, is.n, is.n, is.day.Format(time.RFC3339))
				}))
			}
			return start(t, s)
		},
	},
	{
		name: "Figshare", // says nothing of how many there are
		key:  func(n int) string { return strconv.Itoa(9000000 + n) },
		config: func(url string) jsonapi.Config {
			return jsonapi.Config{From: url + "/v2/articles?page_size=40&order=published_date", Key: "id", Datestamp: "published_date",
				Page: jsonapi.Page{Number: "page"}, Since: jsonapi.Since{Param: "published_since", Format: "date"}}
		},
		server: func(t *testing.T) *service {
			s := &service{since: func(r *http.Request) string { return r.FormValue("published_since") }}
			s.answer = func(w http.ResponseWriter, r *http.Request, works []work) {
				fmt.Fprint(w, list(s.cut(works, (intOf(r, "page", 1)-1)*s.perPage), func(is work) string {
					return fmt.Sprintf(`{"id": %d, "title": "Work %d", "doi": "10.6084/m9.figshare.%d", "url_public_api": "%s/v2/articles/%d", "published_date": %q}`, 9000000+is.n, is.n, is.n, s.url, is.n, is.day.Format(time.RFC3339))
				}))
			}
			return start(t, s)
		},
	},
}

// newFetcher asks once, and waits for nothing: the server is on this machine.
func newFetcher(url string) jsonapi.Fetcher {
	hosts := harvest.NewHosts(harvest.HostLimits{})
	return harvest.NewFetcher(harvest.Options{Hosts: hosts, Attempts: 1, Backoff: time.Millisecond, Reach: harvest.Reach{From: []string{url}}})
}

// A site answers from memory, whatever the function says of a URL.
type site func(url string) string

func (s site) Fetch(_ context.Context, req harvest.Request) (*harvest.Response, error) {
	return &harvest.Response{URL: req.URL, Status: http.StatusOK, Header: http.Header{}, Body: []byte(s(req.URL))}, nil
}

// A pass is what a source gave.
type pass struct {
	keys     []string
	items    []harvest.Item
	full     bool
	unproven bool
	short    string
	warnings []string
	next     harvest.Cursor
	cursors  []harvest.Cursor
}

// walk reads a pass to its end, with another source for each page, as another process would.
func walk(t *testing.T, at harvest.Cursor, c jsonapi.Config, f jsonapi.Fetcher) (out pass, err error) {
	t.Helper()
	for range 100 {
		s, err := jsonapi.New(c, f)
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Page(t.Context(), at)
		if err != nil {
			out.next = at
			return out, err
		}
		for _, item := range page.Items {
			out.keys = append(out.keys, item.Key)
		}
		out.items = append(out.items, page.Items...)
		out.full, out.unproven, out.warnings = page.Full, out.unproven || page.Unproven, append(out.warnings, page.Warnings...)
		if page.Short != "" {
			out.short = page.Short
		}
		out.cursors = append(out.cursors, at)
		out.next = page.Next
		if page.Done {
			return out, nil
		}
		if at == page.Next {
			t.Fatalf("the cursor %s leads to itself", at)
		}
		at = page.Next
	}
	t.Fatal("the pass has no end")
	return out, nil
}

// gives is a pass that must come to its end.
func gives(t *testing.T, at harvest.Cursor, c jsonapi.Config, f jsonapi.Fetcher) pass {
	t.Helper()
	p, err := walk(t, at, c, f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// since is what a cursor asks from.
func since(t *testing.T, at harvest.Cursor) string {
	t.Helper()
	var c struct{ Since string }
	if err := json.Unmarshal([]byte(at), &c); err != nil {
		t.Fatal(err)
	}
	return c.Since
}

func broken(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}
