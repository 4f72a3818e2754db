package sheaf_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/sheaf"
)

// A gateway answers as a gateway's feed does, with the records 1 to last of an epoch, in answers of a bounded size.
type gateway struct {
	epoch, last int64
	domain      string
	most        int                                            // lines in an answer
	spoil       func(after string, answer string) string       // what becomes of an answer on its way
	refuse      func(w http.ResponseWriter, after string) bool // answers something else
	asked       []string
}

func (g *gateway) line(seq, prev int64) string {
	id := "oai:" + g.domain + ":letters/" + strconv.FormatInt(seq, 10)
	if seq%5 == 0 {
		return fmt.Sprintf(`{"identifier":"%s","source":"letters","epoch":"%d","seq":"%d","prev":"%d","version":1,"operation":"deleted","reason":"takedown","datestamp":"2026-05-01T00:00:00Z"}`+"\n", id, g.epoch, seq, prev)
	}
	return fmt.Sprintf(`{"identifier":"%s","source":"letters","epoch":"%d","seq":"%d","prev":"%d","version":1,"operation":"upserted","datestamp":"2026-05-01T00:00:00Z","sets":["letters","letters:a"],`+
		`"record":{"title":[{"value":"T%d"}]},"origin":{"identifier":"far:%d","baseURL":"https://far.example.org/oai","datestamp":"2026-04-01","harvestDate":"2026-04-02T00:00:00Z"}}`+"\n", id, g.epoch, seq, prev, seq, seq)
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	after := r.FormValue("after")
	g.asked = append(g.asked, after+" "+r.FormValue("limit"))
	if g.refuse != nil && g.refuse(w, after) {
		return
	}
	epoch, at, _ := strings.Cut(after, ".")
	seq, _ := strconv.ParseInt(at, 10, 64)
	if after != "0" && epoch != strconv.FormatInt(g.epoch, 10) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusGone)
		fmt.Fprintf(w, `{"type":"about:blank","status":410,"title":"Gone","epoch":"%d"}`, g.epoch)
		return
	}
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	var b strings.Builder
	for n := 0; n < min(limit, g.most) && seq < g.last; n++ {
		b.WriteString(g.line(seq+1, seq))
		seq++
	}
	live := g.last - g.last/5
	records := ""
	if seq == g.last {
		records = fmt.Sprintf(`,"records":%d`, live)
	}
	fmt.Fprintf(&b, `{"head":{"epoch":"%d","seq":"%d","datestamp":"2026-05-01T00:00:00Z"%s},"next":"%d.%d","more":%t}`+"\n", g.epoch, g.last, records, g.epoch, seq, seq < g.last)
	answer := b.String()
	if g.spoil != nil {
		answer = g.spoil(after, answer)
	}
	_, _ = w.Write([]byte(answer)) // the client may have gone
}

func open(t *testing.T, g *gateway, c sheaf.Config) *sheaf.Source {
	t.Helper()
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	c.From = srv.URL + "/"
	s, err := sheaf.New(c, harvest.NewFetcher(harvest.Options{
		Reach: harvest.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Attempts: 2, Backoff: time.Millisecond,
	}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A pass is what a pass gave.
type pass struct {
	keys     []string
	full     bool
	last     *harvest.Page
	warnings []string
	next     harvest.Cursor
}

func walk(t *testing.T, s *sheaf.Source, at harvest.Cursor) (out pass, err error) {
	t.Helper()
	for range 1000 {
		p, err := s.Page(t.Context(), at)
		if err != nil {
			return out, err
		}
		for _, item := range p.Items {
			key := item.Key
			if item.Deleted {
				key += " gone"
			}
			out.keys = append(out.keys, key)
		}
		out.warnings, out.last, out.full = append(out.warnings, p.Warnings...), p, p.Full
		if at = p.Next; p.Done {
			out.next = at
			return out, nil
		}
	}
	t.Fatal("the pass has no end")
	return out, nil
}

// TestPasses: everything, then what has changed, and everything again in a new epoch, also of one that begins in the middle.
func TestPasses(t *testing.T) {
	g := &gateway{epoch: 7, last: 12, domain: "a.example.org", most: 5}
	s := open(t, g, sheaf.Config{})
	p, err := walk(t, s, "")
	if err != nil || !p.full || len(p.keys) != 12 || p.keys[0] != "letters/1" || p.keys[4] != "letters/5 gone" || p.last.Short != "" || len(p.warnings) != 2 {
		t.Fatalf("everything: %+v, %v", p, err)
	}
	g.last = 14
	p, err = walk(t, s, p.next)
	if err != nil || p.full || !cmp.Equal(p.keys, []string{"letters/13", "letters/14"}) {
		t.Fatalf("what has changed: %+v, %v", p, err)
	}
	if p, err = walk(t, s, p.next); err != nil || p.full || len(p.keys) != 0 {
		t.Fatalf("nothing has changed: %+v, %v", p, err)
	}
	g.epoch = 8
	p, err = walk(t, s, p.next)
	if err != nil || !p.full || len(p.keys) != 14 || p.last.Unproven || !strings.Contains(strings.Join(p.warnings, ""), "new epoch") {
		t.Fatalf("a new epoch: %+v, %v", p, err)
	}
	if p, err = walk(t, s, s.Restart(p.next)); err != nil || !p.full || len(p.keys) != 14 {
		t.Fatalf("from the beginning: %+v, %v", p, err)
	}
	g.refuse = func(_ http.ResponseWriter, after string) bool {
		if after == "8.5" {
			g.epoch = 9
		}
		return false
	}
	p, err = walk(t, s, s.Restart(p.next))
	if err != nil || len(p.keys) != 5+14 || !p.last.Unproven {
		t.Fatalf("a new epoch in the middle proves nothing: %+v, %v", p, err)
	}
	if p, err = walk(t, s, p.next); err != nil || !p.full || p.last.Unproven {
		t.Fatalf("after that everything is asked for: %+v, %v", p, err)
	}
}

// TestItem: what a line becomes.
func TestItem(t *testing.T) {
	g := &gateway{epoch: 7, last: 1, domain: "a.example.org", most: 5}
	p, err := walk(t, open(t, g, sheaf.Config{}), "")
	if err != nil {
		t.Fatal(err)
	}
	item := p.last.Items[0]
	if item.Identifier != "oai:a.example.org:letters/1" || item.Datestamp != "2026-05-01T00:00:00Z" || !cmp.Equal(item.Sets, []string{"letters", "letters:a"}) ||
		item.Format != sheaf.Format || string(item.Original) != `{"title":[{"value":"T1"}]}` {
		t.Errorf("the item is %+v", item)
	}
	if o := string(item.Provenance); !strings.Contains(o, `altered="true"`) || !strings.Contains(o, "<baseURL>https://far.example.org/oai</baseURL><identifier>far:1</identifier>") {
		t.Errorf("its provenance is %s", o)
	}
}

// TestNothingInSilence: an answer that is not whole, or not what it should be, is never a shorter page.
func TestNothingInSilence(t *testing.T) {
	cases := map[string]struct {
		spoil func(after, answer string) string
		kind  harvest.Kind
	}{
		"cut in a line":         {func(_, a string) string { return a[:len(a)/2] }, harvest.Truncated},
		"cut behind a line":     {func(_, a string) string { return a[:strings.Index(a, "\n")+1] }, harvest.Truncated},
		"empty":                 {func(_, a string) string { return "" }, harvest.Truncated},
		"a line is lost":        {func(_, a string) string { return a[strings.Index(a, "\n")+1:] }, harvest.Protocol},
		"a line is there twice": {func(_, a string) string { return a[:strings.Index(a, "\n")+1] + a }, harvest.Protocol},
		"nonsense":              {func(_, a string) string { return `{"identifier":"x"}` + "\n" + a }, harvest.Protocol},
		"more behind the end":   {func(_, a string) string { return a + a }, harvest.Protocol},
		"another place":         {func(_, a string) string { return strings.Replace(a, `"next":"7.`, `"next":"8.`, 1) }, harvest.Protocol},
		"stands still":          {func(_, a string) string { return `{"head":{"epoch":"7","seq":"9"},"next":"7.0","more":true}` + "\n" }, ""},
		"a page":                {func(_, a string) string { return "<!doctype html><title>Log in</title>" }, harvest.HTML},
	}
	for name, c := range cases {
		g := &gateway{epoch: 7, last: 9, domain: "a.example.org", most: 4, spoil: c.spoil}
		s := open(t, g, sheaf.Config{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		p, err := s.Page(ctx, "")
		cancel()
		if c.kind == "" { // it goes on from the same place; the run sees that a list runs in a circle
			p, err = s.Page(t.Context(), p.Next)
		}
		if err == nil || c.kind != "" && harvest.KindOf(err) != c.kind {
			t.Errorf("%s: page %+v, error %v, want %s", name, p, err, c.kind)
		}
	}
	// Records that are lost without a trace.
	g := &gateway{epoch: 7, last: 9, domain: "a.example.org", most: 100}
	g.spoil = func(after, a string) string { return strings.Replace(a, `"records":8`, `"records":11`, 1) }
	s := open(t, g, sheaf.Config{})
	p, err := walk(t, s, "")
	if err != nil || p.last.Short != "the gateway has 11 records, and has given 8" {
		t.Errorf("fewer than the gateway has: %+v, %v", p.last, err)
	}
	if p, err = walk(t, s, p.next); err != nil || !p.full {
		t.Errorf("after that: %+v, %v", p, err)
	}
}

// TestOthersSay410: only a gateway says that a place is none of its log.
func TestOthersSay410(t *testing.T) {
	g := &gateway{epoch: 7, last: 9, domain: "a.example.org", most: 4}
	s := open(t, g, sheaf.Config{})
	p, err := walk(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	g.refuse = func(w http.ResponseWriter, _ string) bool {
		w.WriteHeader(http.StatusGone)
		fmt.Fprint(w, "moved")
		return true
	}
	if page, err := s.Page(t.Context(), p.next); harvest.KindOf(err) != harvest.HTTP4xx {
		t.Errorf("%+v, %v", page, err)
	}
}

// TestAnotherGateway: one that answers in the place of another is not taken for it, unless a person says so.
func TestAnotherGateway(t *testing.T) {
	g := &gateway{epoch: 7, last: 9, domain: "a.example.org", most: 4}
	s := open(t, g, sheaf.Config{})
	p, err := walk(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	g.domain, g.epoch = "b.example.org", 8
	if _, err := walk(t, s, p.next); harvest.KindOf(err) != harvest.Renamed || !strings.Contains(err.Error(), "--accept") {
		t.Errorf("the error is %v", err)
	}
	if p, err = walk(t, s, s.Accept(p.next)); err != nil || len(p.keys) != 9 {
		t.Errorf("accepted: %+v, %v", p, err)
	}
}

// TestSmallerAnswers: what is cut again and again is asked for in smaller parts.
func TestSmallerAnswers(t *testing.T) {
	g := &gateway{epoch: 7, last: 400, domain: "a.example.org", most: 5000}
	g.spoil = func(_, a string) string { return a[:min(len(a), 40<<10)] }
	s := open(t, g, sheaf.Config{})
	at := harvest.Cursor("")
	for run := 0; ; run++ {
		if run == 100 {
			t.Fatalf("asked %q", g.asked)
		}
		p, err := s.Page(t.Context(), at)
		if err != nil {
			at = s.Detour(at, err)
			continue
		}
		if at = p.Next; p.Done {
			break
		}
	}
}

// TestItems reads an answer that somebody saved.
func TestItems(t *testing.T) {
	g := &gateway{epoch: 7, domain: "a.example.org"}
	items, err := sheaf.Items(sheaf.Config{}, []byte(g.line(3, 2)+g.line(5, 3)+"nonsense\n"+`{"head":{}}`))
	if err != nil || len(items) != 2 || items[0].Key != "letters/3" || items[1].Rejected == nil {
		t.Errorf("%+v, %v", items, err)
	}
}

func TestProbe(t *testing.T) {
	g := &gateway{epoch: 7, last: 9, domain: "a.example.org", most: 4}
	srv := httptest.NewServer(g)
	defer srv.Close()
	f := harvest.NewFetcher(harvest.Options{Reach: harvest.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Attempts: 1})
	look, err := sheaf.Probe(t.Context(), f, srv.URL)
	if err != nil || *look != (sheaf.Look{BaseURL: srv.URL + "/oai", Domain: "a.example.org", Records: 8, Datestamp: "2026-05-01T00:00:00Z"}) {
		t.Errorf("%+v, %v", look, err)
	}
	g.refuse = func(w http.ResponseWriter, _ string) bool { http.NotFound(w, nil); return true }
	if look, err := sheaf.Probe(t.Context(), f, srv.URL); look != nil || err != nil {
		t.Errorf("%+v, %v", look, err)
	}
	g.refuse = func(w http.ResponseWriter, _ string) bool { fmt.Fprint(w, "hello"); return true }
	if look, err := sheaf.Probe(t.Context(), f, srv.URL); look != nil || err != nil {
		t.Errorf("%+v, %v", look, err)
	}
}

func FuzzItems(f *testing.F) {
	g := &gateway{epoch: 7, domain: "a.example.org"}
	f.Add([]byte(g.line(3, 2)))
	f.Add([]byte(g.line(5, 2)))
	f.Fuzz(func(t *testing.T, body []byte) {
		items, err := sheaf.Items(sheaf.Config{}, body)
		for _, item := range items {
			if err == nil && item.Rejected == nil && (item.Key == "" || len(item.Original) == 0) {
				t.Errorf("an item without key or original: %+v", item)
			}
		}
	})
}
