package harvest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"golang.org/x/net/dns/dnsmessage"
)

// resolver asks a name server on this machine, which gives the addresses of a name one after the other,
// the last for ever. Addresses with a space between them are given at once.
func resolver(t *testing.T, names map[string][]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		packet := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			if answer := answerDNS(packet[:n], names); answer != nil {
				conn.WriteTo(answer, from)
			}
		}
	})
	t.Cleanup(func() {
		conn.Close()
		done.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func answerDNS(question []byte, names map[string][]string) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	name := strings.TrimSuffix(q.Name.String(), ".")
	header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type}
	if all := names[name]; len(all) > 0 {
		for address := range strings.FieldsSeq(all[0]) {
			a := netip.MustParseAddr(address)
			switch {
			case a.Is4() && q.Type == dnsmessage.TypeA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
			case a.Is6() && q.Type == dnsmessage.TypeAAAA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
			}
		}
		if len(all) > 1 && q.Type == dnsmessage.TypeA {
			names[name] = all[1:]
		}
	} else {
		m.RCode = dnsmessage.RCodeNameError
	}
	out, _ := m.Pack()
	return out
}

// notPublic holds an error to be about an address that is not within reach, told at once.
func notPublic(t *testing.T, err error) {
	t.Helper()
	e := wantKind(t, err, harvest.NotPublic)
	if e.Resumable() || !strings.Contains(e.Sentence(), "private_networks") {
		t.Errorf("%v says %q", e, e.Sentence())
	}
}

// A name that anybody may own leads to no address but a public one.
func TestNamesThatMeanAddressesInside(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "10.0.0.1", "172.31.0.1", "192.168.1.1", "fd00::1", "100.64.0.1",
		"169.254.169.254", "169.254.1.1", "fe80::1", "fec0::1", "224.0.0.1", "ff02::1", "255.255.255.255", "192.0.0.192", "198.18.0.1",
		"100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:a00:1::1", "2002:7f00:1::", "2001::1",
	} {
		t.Run(address, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			f := harvest.NewFetcher(harvest.Options{Clock: newClock(), Attempts: 1, Reach: harvest.Reach{
				From: []string{"http://evil.example.org/"}, Resolver: resolver(t, map[string][]string{"evil.example.org": {address}}),
			}})
			_, err := f.Fetch(ctx, harvest.Request{URL: "http://evil.example.org:9/"})
			notPublic(t, err)
			literal := net.JoinHostPort(address, "9")
			_, err = f.Fetch(ctx, harvest.Request{URL: "http://" + literal + "/"})
			notPublic(t, err)
		})
	}
}

// A name that meant one address when it was first asked, and means another now, is looked at anew: in the next request, in
// the next attempt of the same request, and where an answer leads back to it. Of addresses that it means at once, only those
// within reach are connected to.
func TestRebinding(t *testing.T) {
	const outside, within = "127.0.0.2", "127.0.0.1" // the first stands for an address of the Internet
	for name, c := range map[string]struct {
		means   []string
		answer  func(w http.ResponseWriter, r *http.Request)
		fetches int
		refused bool
	}{
		"in the next request": {[]string{outside, within}, func(http.ResponseWriter, *http.Request) {}, 2, true},
		"in the next attempt": {[]string{outside, within}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, 1, true},
		"by its own redirect": {[]string{outside, within}, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/secret", http.StatusFound) }, 1, true},
		"of two at once":      {[]string{within + " " + outside}, func(http.ResponseWriter, *http.Request) {}, 2, false},
		"of none any more":    {[]string{outside, within + " ::1 169.254.169.254"}, func(http.ResponseWriter, *http.Request) {}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			var outsiders, insiders atomic.Int32
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if local := r.Context().Value(http.LocalAddrContextKey).(net.Addr).String(); strings.HasPrefix(local, outside+":") {
					outsiders.Add(1)
				} else {
					insiders.Add(1)
				}
				w.Header().Set("Connection", "close")
				c.answer(w, r)
			}))
			l, err := net.Listen("tcp4", "0.0.0.0:0")
			if err != nil {
				t.Fatal(err)
			}
			s.Listener.Close()
			s.Listener = l
			s.Start()
			t.Cleanup(s.Close)
			_, port, _ := net.SplitHostPort(l.Addr().String())
			f := harvest.NewFetcher(harvest.Options{Clock: newClock(), Reach: harvest.Reach{
				From: []string{"http://evil.example.org/"}, Networks: []netip.Prefix{netip.MustParsePrefix(outside + "/32")},
				Resolver: resolver(t, map[string][]string{"evil.example.org": c.means}),
			}})
			for range c.fetches {
				_, err = f.Fetch(t.Context(), harvest.Request{URL: "http://evil.example.org:" + port})
			}
			if c.refused {
				notPublic(t, err)
			} else if err != nil {
				t.Error(err)
			}
			if insiders.Load() != 0 || outsiders.Load() == 0 {
				t.Errorf("the server inside was asked %d times, the one outside %d times", insiders.Load(), outsiders.Load())
			}
		})
	}
}

// A server that is within reach leads nowhere else, by no name.
func TestRedirectInside(t *testing.T) {
	var asked atomic.Int32
	inside := serve(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1) })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(inside, "http://"))
	names := map[string][]string{"inside.example.org": {"127.0.0.1"}}
	for _, to := range []string{
		"http://localhost:" + port, "http://127.0.0.2:" + port, "http://[::1]:" + port, "http://[::ffff:127.0.0.1]:" + port,
		"http://inside.example.org:" + port, "http://inside.example.org.:" + port, "http://0.0.0.0:" + port,
	} {
		t.Run(to, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to+"/secret", http.StatusFound) })
			reach := harvest.Reach{From: []string{base}, Resolver: resolver(t, names)}
			_, err := harvest.NewFetcher(harvest.Options{Reach: reach}).Fetch(t.Context(), harvest.Request{URL: base})
			notPublic(t, err)
		})
	}
	if asked.Load() != 0 {
		t.Errorf("the server inside was asked %d times", asked.Load())
	}
}

// What a person wrote is within reach: an address, a name that no stranger owns, a network.
func TestReachThatAPersonNamed(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(base, "http://"))
	names := resolver(t, map[string][]string{"repository.example.org": {"127.0.0.1"}, "repository.internal": {"127.0.0.1"}, "odd.internal": {"169.254.169.254"}})
	home := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for name, c := range map[string]struct {
		reach   harvest.Reach
		host    string
		allowed bool
	}{
		"address":                      {harvest.Reach{From: []string{"http://127.0.0.1"}}, "127.0.0.1", true},
		"localhost":                    {harvest.Reach{From: []string{"http://LOCALHOST:1/oai"}}, "localhost", true},
		"name of nobody's":             {harvest.Reach{From: []string{"http://repository.internal"}}, "repository.internal.", true},
		"name of nobody's, elsewhere":  {harvest.Reach{From: []string{"http://odd.internal"}}, "odd.internal", false},
		"another name of nobody's":     {harvest.Reach{From: []string{"http://localhost"}}, "repository.internal", false},
		"name of somebody's":           {harvest.Reach{From: []string{"http://repository.example.org"}}, "repository.example.org", false},
		"name of somebody's, network":  {harvest.Reach{From: []string{"http://repository.example.org"}, Networks: home}, "repository.example.org", true},
		"nothing":                      {harvest.Reach{}, "127.0.0.1", false},
		"the pages of a listing":       {harvest.Reach{From: []string{"http://127.0.0.1/{page}?p={page}"}}, "127.0.0.1", true},
		"files beside":                 {harvest.Reach{From: []string{"/srv/127.0.0.1/*.html"}}, "127.0.0.1", false},
		"an address, of another class": {harvest.Reach{From: []string{"http://127.0.0.1"}}, "repository.internal", false},
	} {
		t.Run(name, func(t *testing.T) {
			c.reach.Resolver = names
			_, err := harvest.NewFetcher(harvest.Options{Reach: c.reach}).Fetch(t.Context(), harvest.Request{URL: "http://" + net.JoinHostPort(c.host, port)})
			if !c.allowed {
				notPublic(t, err)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// A proxy of the environment is used wherever it is, and asked for nothing inside. The environment is
// read once in a process, so this is one of its own.
func TestProxyOfTheEnvironment(t *testing.T) {
	if base := os.Getenv("HTTP_PROXY"); base != "" && os.Getenv("SHEAF_TEST_PROXY") == base {
		askThroughProxy(t)
		return
	}
	var asked atomic.Value
	asked.Store("")
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(asked.Load().(string) + r.Host + " ")
		io.WriteString(w, "by proxy")
	})
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyOfTheEnvironment$", "-test.v")
	cmd.Env = append(os.Environ(), "HTTP_PROXY="+proxy, "SHEAF_TEST_PROXY="+proxy, "NO_PROXY=", "no_proxy=", "http_proxy=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got, want := asked.Load(), "unknown.example.org public.example.org inside.example.org "; got != want {
		t.Errorf("the proxy was asked for %q, want %q", got, want)
	}
}

func askThroughProxy(t *testing.T) {
	reach := harvest.Reach{From: []string{"http://10.0.0.9/"}, Resolver: resolver(t, map[string][]string{
		"public.example.org": {"203.0.113.7"}, "inside.example.org": {"10.0.0.1"},
	})}
	fetch := func() func(url string) error {
		f := harvest.NewFetcher(harvest.Options{Reach: reach, Attempts: 1, Hosts: harvest.NewHosts(harvest.HostLimits{Rate: -1})})
		return func(url string) error {
			resp, err := f.Fetch(t.Context(), harvest.Request{URL: url})
			if err == nil && string(resp.Body) != "by proxy" {
				return errors.New("not by proxy: " + string(resp.Body))
			}
			return err
		}
	}
	ask := fetch()
	for _, url := range []string{"http://unknown.example.org/", "http://public.example.org/"} {
		if err := ask(url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, url := range []string{"http://inside.example.org/", "http://169.254.169.254/latest/", "http://10.0.0.1/", os.Getenv("HTTP_PROXY")} {
		notPublic(t, ask(url))
	}
	reach.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	if err := fetch()("http://inside.example.org/"); err != nil {
		t.Error(err)
	}
}
