package limit_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/internal/limit"
)

// A clock is set by the test.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time          { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

func request(address string, forwarded ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/oai?verb=Identify", nil)
	r.RemoteAddr = address
	for _, f := range forwarded {
		r.Header.Add("X-Forwarded-For", f)
	}
	return r
}

var ok = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })

// ask makes a request and gives the status and Retry-After.
func ask(h http.Handler, r *http.Request) (status int, after string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Retry-After")
}

func networks(list ...string) (out []netip.Prefix) {
	for _, n := range list {
		out = append(out, netip.MustParsePrefix(n))
	}
	return out
}

func TestRequestsOverBudget(t *testing.T) {
	c := newClock()
	registry := prometheus.NewRegistry()
	l := limit.New(limit.Options{Requests: .5, Burst: 3, Now: c.Now, Registerer: registry})
	h := l.Handler(ok)
	for range 3 {
		if status, _ := ask(h, request("192.0.2.1:5")); status != http.StatusOK {
			t.Fatalf("within the burst: %d", status)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request("192.0.2.1:6"))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "2" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") ||
		!strings.Contains(w.Body.String(), "again in 2 s") {
		t.Errorf("over the burst: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if status, _ := ask(h, request("192.0.2.2:5")); status != http.StatusOK {
		t.Errorf("another client: %d", status)
	}
	c.advance(time.Second)
	if status, after := ask(h, request("192.0.2.1:5")); status != http.StatusServiceUnavailable || after != "1" {
		t.Errorf("too early: %d, %s", status, after)
	}
	c.advance(time.Second)
	if status, _ := ask(h, request("192.0.2.1:5")); status != http.StatusOK {
		t.Errorf("after the wait: %d", status)
	}
	if d := cmp.Diff(map[string]float64{"concurrency": 0, "records": 0, "requests": 2, "server": 0, "turns": 0}, throttled(t, registry)); d != "" {
		t.Errorf("sheaf_oai_throttled_total (-want +got):\n%s", d)
	}
}

// throttled gives the counter by its reasons.
func throttled(t *testing.T, r prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]float64)
	for _, f := range families {
		if f.GetName() != "sheaf_oai_throttled_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	return got
}

func TestRecordsOverBudget(t *testing.T) {
	c := newClock()
	l := limit.New(limit.Options{RecordsPerMinute: 600, Now: c.Now})
	h := l.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { l.Served(r, 500) }))
	for range 2 { // the second page brings the client into debt
		if status, _ := ask(h, request("192.0.2.1:5")); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
	}
	status, after := ask(h, request("192.0.2.1:5"))
	if status != http.StatusServiceUnavailable || after != "41" { // 400 records of debt and one to ask for, at 10 a second
		t.Errorf("in debt: %d, %s", status, after)
	}
	c.advance(41 * time.Second)
	if status, _ := ask(h, request("192.0.2.1:5")); status != http.StatusOK {
		t.Errorf("out of debt: %d", status)
	}
}

// Who comes back when it was told to is let in, whatever happened before; and nobody gets more than
// the budget, in any time.
func TestBudgetsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		rate := rapid.Float64Range(.01, 500).Draw(t, "rate")
		burst := rapid.IntRange(1, 50).Draw(t, "burst")
		h := limit.New(limit.Options{Requests: rate, Burst: burst, Now: c.Now}).Handler(ok)
		var admitted []time.Time
		for _, pause := range rapid.SliceOfN(rapid.IntRange(0, 5000), 1, 60).Draw(t, "pauses") {
			c.advance(time.Duration(pause) * time.Millisecond)
			status, after := ask(h, request("192.0.2.1:5"))
			if status != http.StatusOK {
				n, err := strconv.Atoi(after)
				if err != nil || n < 1 {
					t.Fatalf("Retry-After: %q", after)
				}
				c.advance(time.Duration(n) * time.Second)
				if status, _ := ask(h, request("192.0.2.1:5")); status != http.StatusOK {
					t.Fatalf("refused after %d s, as told", n)
				}
			}
			admitted = append(admitted, c.now)
		}
		for i := range admitted {
			for j := i; j < len(admitted); j++ {
				if most := float64(burst) + rate*admitted[j].Sub(admitted[i]).Seconds() + .001; float64(j-i+1) > most {
					t.Fatalf("%d requests in %v, the budget is %v", j-i+1, admitted[j].Sub(admitted[i]), most)
				}
			}
		}
	})
}

// blocking is a handler whose requests stay under way until they are released.
func blocking() (h http.Handler, entered, release chan struct{}) {
	entered, release = make(chan struct{}), make(chan struct{})
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-release
	}), entered, release
}

func TestConcurrency(t *testing.T) {
	block, entered, release := blocking()
	h := limit.New(limit.Options{Concurrency: 2, Total: 3, Allow: networks("198.51.100.0/24")}).Handler(block)
	done := make(chan int)
	begin := func(address string) {
		go func() {
			status, _ := ask(h, request(address))
			done <- status
		}()
		<-entered
	}
	refused := func(address string) {
		t.Helper()
		if status, after := ask(h, request(address)); status != http.StatusServiceUnavailable || after != "1" {
			t.Errorf("%s: %d %s", address, status, after)
		}
	}
	begin("192.0.2.1:1")
	begin("192.0.2.1:2")
	refused("192.0.2.1:3")
	begin("198.51.100.1:1")
	refused("192.0.2.2:1")    // the server has enough
	refused("198.51.100.1:2") // and that holds for everybody
	release <- struct{}{}
	<-done
	begin("198.51.100.1:3")
	for range 3 {
		release <- struct{}{}
		<-done
	}
	begin("192.0.2.1:4") // everybody is counted out
	begin("192.0.2.1:5")
	close(release)
	<-done
	<-done
}

func TestAllowedClientsHaveNoBudget(t *testing.T) {
	l := limit.New(limit.Options{Requests: 1, Burst: 1, RecordsPerMinute: 1, Concurrency: 1, Allow: networks("10.0.0.0/8", "::1/128")})
	h := l.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { l.Served(r, 1000) }))
	for range 20 {
		for _, address := range []string{"10.1.2.3:4", "[::1]:4", "[::ffff:10.1.2.3]:4"} {
			if status, _ := ask(h, request(address)); status != http.StatusOK {
				t.Fatalf("%s: %d", address, status)
			}
		}
	}
}

// An IPv6 machine has a whole network of 64 bits; it is one client.
func TestANetworkIsOneClient(t *testing.T) {
	h := limit.New(limit.Options{Requests: 1, Burst: 1, Now: newClock().Now}).Handler(ok)
	for i, c := range []struct {
		address string
		want    int
	}{{"[2001:db8::1]:1", 200}, {"[2001:db8::ffff:2]:1", 503}, {"[2001:db8:0:1::1]:1", 200}, {"192.0.2.1:1", 200}, {"192.0.2.2:1", 200}} {
		if status, _ := ask(h, request(c.address)); status != c.want {
			t.Errorf("%d: %s: %d, want %d", i, c.address, status, c.want)
		}
	}
}

// Harvesters behind one address have budgets of their own, by what they call themselves; who makes up names gains
// no more than a few.
func TestNamesOfClients(t *testing.T) {
	for header, of := range map[string]func(n int) http.Header{
		"User-Agent": func(n int) http.Header { return http.Header{"User-Agent": {fmt.Sprint("harvester ", n)}} },
		"From":       func(n int) http.Header { return http.Header{"From": {fmt.Sprintf("h%d@example.org", n)}} },
	} {
		h := limit.New(limit.Options{Requests: 1, Burst: 1, Now: newClock().Now}).Handler(ok)
		let := func(address string, n int) bool {
			r := request(address)
			r.Header = of(n)
			status, _ := ask(h, r)
			return status == http.StatusOK
		}
		if !let("192.0.2.1:1", 1) || !let("192.0.2.1:1", 2) || let("192.0.2.1:2", 1) || let("192.0.2.1:2", 2) {
			t.Errorf("%s: two harvesters behind one address", header)
		}
		in := 2
		for n := range 100 {
			if let("192.0.2.1:1", n) {
				in++
			}
		}
		if in != 5 {
			t.Errorf("%s: one address has %d budgets", header, in)
		}
		if !let("192.0.2.2:1", 1) {
			t.Errorf("%s: another address", header)
		}
	}
}

// However many clients come, what is remembered of them is bounded; the ones seen last stay.
func TestClientsAreForgotten(t *testing.T) {
	h := limit.New(limit.Options{Requests: .001, Burst: 1, Clients: 3, Now: newClock().Now}).Handler(ok)
	status := func(n int) int {
		s, _ := ask(h, request(fmt.Sprintf("192.0.2.%d:1", n)))
		return s
	}
	for n := range 4 {
		if s := status(n); s != http.StatusOK {
			t.Fatalf("client %d: %d", n, s)
		}
	}
	if s := status(3); s != http.StatusServiceUnavailable {
		t.Errorf("the client seen last was forgotten: %d", s)
	}
	if s := status(0); s != http.StatusOK {
		t.Errorf("the client seen first was not forgotten: %d", s)
	}
}

func TestClient(t *testing.T) {
	trusted := networks("10.0.0.0/8", "fd00::/8")
	for name, c := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no proxy":                    {"192.0.2.1:5", nil, "192.0.2.1"},
		"a stranger's word":           {"192.0.2.1:5", []string{"203.0.113.9"}, "192.0.2.1"},
		"a proxy's word":              {"10.0.0.1:5", []string{"203.0.113.9"}, "203.0.113.9"},
		"a proxy of an invented one":  {"10.0.0.1:5", []string{"127.0.0.1, 203.0.113.9"}, "203.0.113.9"},
		"two proxies":                 {"10.0.0.1:5", []string{"198.51.100.7, 203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		"several headers":             {"10.0.0.1:5", []string{"198.51.100.7", "203.0.113.9,10.0.0.3", "10.0.0.2"}, "203.0.113.9"},
		"with a port":                 {"10.0.0.1:5", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		"IPv6":                        {"[fd00::1]:5", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		"IPv6 in brackets":            {"[fd00::1]:5", []string{"[2001:db8::1]"}, "2001:db8::1"},
		"IPv4 in IPv6":                {"[::ffff:10.0.0.1]:5", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		"rubbish":                     {"10.0.0.1:5", []string{"203.0.113.9, unknown"}, "10.0.0.1"},
		"rubbish behind a proxy's":    {"10.0.0.1:5", []string{"<script>, 203.0.113.9"}, "203.0.113.9"},
		"nothing":                     {"10.0.0.1:5", []string{""}, "10.0.0.1"},
		"proxies only":                {"10.0.0.1:5", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"more hops than anybody has":  {"10.0.0.1:5", []string{"203.0.113.9" + strings.Repeat(",10.0.0.2", 1000)}, "10.0.0.2"},
		"an address that can't be so": {"@", nil, "invalid IP"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := limit.New(limit.Options{Trusted: trusted}).Client(request(c.remote, c.forwarded...)); got.String() != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Whatever a client writes into the header, what a trusted proxy wrote behind it counts.
func FuzzClient(f *testing.F) {
	f.Add("203.0.113.9, 10.0.0.1")
	f.Add(",,, [::1]:, 1.2.3.4:99999")
	l := limit.New(limit.Options{Trusted: networks("10.0.0.0/8")})
	f.Fuzz(func(t *testing.T, header string) {
		if got := l.Client(request("10.0.0.1:1", header, "198.51.100.7")); got != netip.MustParseAddr("198.51.100.7") {
			t.Errorf("behind a proxy: %v", got)
		}
		if got := l.Client(request("192.0.2.1:1", header)); got != netip.MustParseAddr("192.0.2.1") {
			t.Errorf("without a proxy: %v", got)
		}
		l.Client(request("10.0.0.1:1", header))
	})
}

// A client that does not read its answer loses it, and with it the handler is free.
func TestWritesHaveADeadline(t *testing.T) {
	var d deadlines
	h := limit.New(limit.Options{}).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "first")
		if _, is := w.(http.Flusher); !is {
			t.Error("the writer can't be flushed")
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		w.Write(make([]byte, 1<<20))
	}))
	begin := time.Now()
	h.ServeHTTP(&d, request("192.0.2.1:1"))
	if len(d.set) < 4 {
		t.Fatalf("%d deadlines", len(d.set))
	}
	shortest, longest := d.set[0].Sub(begin), time.Duration(0)
	for _, at := range d.set {
		shortest, longest = min(shortest, at.Sub(begin)), max(longest, at.Sub(begin))
	}
	if shortest < 10*time.Second || longest < time.Minute || longest > 5*time.Minute {
		t.Errorf("deadlines from %v to %v", shortest, longest)
	}
}

// deadlines notes what a writer is told.
type deadlines struct {
	httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) Header() http.Header                { return http.Header{} }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.set = append(d.set, t); return nil }
