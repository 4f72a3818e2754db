package oai_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
)

// A repository plays a script: what it answers to ListRecords. Requests are noted.
type repository struct {
	t *testing.T

	mu       sync.Mutex
	list     func(q url.Values) string // the body; the status before it with "422 <…"
	identify string                    // more of Identify
	gran     string
	formats  []string
	asked    []string // the list requests, as "from=…&set=…"
	headers  []string // what it has listed, which is what it lists the headers of
	sets     []string // nil if it does not list them

	identifiers func(q url.Values) string // what it answers to ListIdentifiers instead of that
	listed      []string                  // the requests for headers
}

var aHeader = regexp.MustCompile(`<header.*?</header>`)

const head = `<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-05-01T10:00:00Z</responseDate><request>x</request>`

func newRepository(t *testing.T, list func(q url.Values) string) (*repository, string) {
	r := &repository{t: t, list: list, gran: "YYYY-MM-DDThh:mm:ssZ", formats: []string{"oai_dc"}}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return r, s.URL + "/oai"
}

func (r *repository) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	hr.ParseForm()
	q := hr.Form
	w.Header().Set("Content-Type", "text/xml")
	switch q.Get("verb") {
	case "Identify":
		io.WriteString(w, head+`<Identify><repositoryName>R</repositoryName><granularity>`+r.gran+`</granularity>`+r.identify+`</Identify></OAI-PMH>`)
	case "ListMetadataFormats":
		io.WriteString(w, head+"<ListMetadataFormats>")
		for _, f := range r.formats {
			prefix, namespace, _ := strings.Cut(f, " ")
			fmt.Fprintf(w, "<metadataFormat><metadataPrefix>%s</metadataPrefix><metadataNamespace>%s</metadataNamespace></metadataFormat>", prefix, namespace)
		}
		io.WriteString(w, "</ListMetadataFormats></OAI-PMH>")
	case "ListRecords":
		q.Del("verb")
		r.asked = append(r.asked, q.Encode())
		body := r.list(q)
		for _, h := range aHeader.FindAllString(body, -1) {
			if !slices.Contains(r.headers, h) && strings.Contains(h, "<identifier>") {
				r.headers = append(r.headers, h)
			}
		}
		if status, rest, ok := strings.Cut(body, " "); ok && len(status) == 3 {
			if code, err := strconv.Atoi(status); err == nil {
				w.WriteHeader(code)
				body = rest
			}
		}
		io.WriteString(w, body)
	case "ListSets":
		if r.sets == nil {
			io.WriteString(w, reported("badVerb", ""))
			return
		}
		io.WriteString(w, head+"<ListSets>")
		for _, s := range r.sets {
			fmt.Fprintf(w, "<set><setSpec>%s</setSpec><setName>%s</setName></set>", s, s)
		}
		io.WriteString(w, "</ListSets></OAI-PMH>")
	case "ListIdentifiers":
		q.Del("verb")
		r.listed = append(r.listed, q.Encode())
		if r.identifiers != nil {
			io.WriteString(w, r.identifiers(q))
			return
		}
		io.WriteString(w, head+"<ListIdentifiers>"+strings.Join(r.headers, "")+"</ListIdentifiers></OAI-PMH>")
	default:
		io.WriteString(w, reported("badVerb", "no such verb"))
	}
}

// requests gives the list requests since the last call.
func (r *repository) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := r.asked
	r.asked = nil
	return asked
}

func reported(code, message string) string {
	return head + `<error code="` + code + `">` + message + `</error></OAI-PMH>`
}

// records is a page of records; an empty token ends the list.
func records(token string, recs ...string) string {
	if token != "" {
		token = "<resumptionToken>" + token + "</resumptionToken>"
	}
	return head + "<ListRecords>" + strings.Join(recs, "") + token + "</ListRecords></OAI-PMH>"
}

func sized(size int, page string) string {
	return strings.Replace(page, "<resumptionToken>", fmt.Sprintf(`<resumptionToken completeListSize="%d">`, size), 1)
}

func record(id string) string { return stamped(id, "2026-04-30T00:00:00Z") }

func stamped(id, datestamp string) string {
	return `<record><header><identifier>` + id + `</identifier><datestamp>` + datestamp + `</datestamp><setSpec>s</setSpec></header><metadata><dc xmlns="u"><title>` + id + `</title></dc></metadata></record>`
}

func deleted(id string) string {
	return `<record><header status="deleted"><identifier>` + id + `</identifier><datestamp>2026-04-30T00:00:00Z</datestamp></header></record>`
}

// restless sleeps by moving on.
type restless struct {
	mu  sync.Mutex
	now time.Time
}

func (c *restless) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *restless) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
	return ctx.Err()
}

var today = time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)

// here is where the servers of tests are.
var here = harvest.Reach{From: []string{"http://127.0.0.1"}}

func newSource(t *testing.T, cfg oai.Config) *oai.Source {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return today }
	}
	s, err := oai.New(cfg, harvest.NewFetcher(harvest.Options{Reach: here, Clock: &restless{now: today}, Attempts: 2}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A pass is what the pages of one gave.
type pass struct {
	keys       []string // in order; "-" before deleted ones, "!" before rejected ones, "?" before those that are only listed
	items      []harvest.Item
	pages      int
	full       bool
	incomplete bool
	warnings   []string
	next       harvest.Cursor
}

// run goes from the cursor to the end of the pass. Each page is asked for twice, and must be the same.
func run(t *testing.T, s *oai.Source, at harvest.Cursor) (pass, error) {
	t.Helper()
	var p pass
	for range 100 {
		page, err := s.Page(t.Context(), at)
		if err != nil {
			p.next = at
			return p, err
		}
		p.pages++
		p.full, p.incomplete = page.Full, page.Unproven || page.Short != ""
		p.warnings = append(p.warnings, page.Warnings...)
		for _, item := range page.Items {
			if item.Listed && slices.ContainsFunc(p.items, func(met harvest.Item) bool { return met.Identifier == item.Identifier }) {
				continue
			}
			mark := ""
			if item.Listed {
				mark = "?"
			}
			if item.Deleted {
				mark = "-"
			}
			if item.Rejected != nil {
				mark = "!"
			}
			p.keys = append(p.keys, mark+item.Key)
			p.items = append(p.items, item)
		}
		if !page.Done && page.Next == at {
			t.Fatal("the cursor does not move")
		}
		at = page.Next
		if page.Done {
			p.next = at
			return p, nil
		}
	}
	t.Fatal("the pass does not end")
	return p, nil
}

func mustRun(t *testing.T, s *oai.Source, at harvest.Cursor) pass {
	t.Helper()
	p, err := run(t, s, at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p pass) want(t *testing.T, keys ...string) {
	t.Helper()
	if !slices.Equal(p.keys, keys) {
		t.Errorf("items %q, want %q", p.keys, keys)
	}
}

func (p pass) warned(t *testing.T, about string) {
	t.Helper()
	if !strings.Contains(strings.Join(p.warnings, "\n"), about) {
		t.Errorf("warnings %q, want one about %q", p.warnings, about)
	}
}

func wantKind(t *testing.T, err error, kind harvest.Kind) *harvest.Error {
	t.Helper()
	var e *harvest.Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Fatalf("got %v, want an error of kind %s", err, kind)
	}
	return e
}
