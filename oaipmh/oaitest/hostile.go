package oaitest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// Hostile serves a repository with faults, each of which was seen in the wild. [Hostile.Play] chooses them; without
// faults it is a good server. It is safe for concurrent use. Some faults need a real connection, so serve it with an
// [http.Server] or with [Pipe].
type Hostile struct {
	good    http.Handler
	baseURL string

	mu     sync.Mutex
	faults []Fault
	used   map[string]int      // how often each token was sent
	ways   map[string][]string // the tokens before a token, and itself
}

// A Fault is one way to misbehave.
type Fault struct {
	Name string // as Play takes it
	What string // what the server does then
	// Check is the name of the check that finds the fault. It is empty if the protocol allows the behaviour, or no
	// client can see that it is wrong. Harvesters have to live with those.
	Check string

	play func(h *Hostile, x *exchange)
}

// Faults returns all faults, in the order of their names.
func Faults() []Fault {
	all := slices.Clone(faults)
	slices.SortFunc(all, func(a, b Fault) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// NewHostile makes a server of a repository, with pages of ten.
func NewHostile(repo oaipmh.Repository, baseURL string) (*Hostile, error) {
	good, err := oaipmh.NewHandler(repo, oaipmh.Options{BaseURL: baseURL, PageSize: 10, Keys: [][]byte{[]byte("not a secret: it is for tests")}})
	if err != nil {
		return nil, err
	}
	return Before(good, baseURL), nil
}

// Before makes a proxy that stands before a server of OAI-PMH and plays faults over its answers. baseURL is that of the
// server.
func Before(server http.Handler, baseURL string) *Hostile {
	return &Hostile{good: server, baseURL: baseURL, used: make(map[string]int), ways: make(map[string][]string)}
}

// Play chooses the faults from now on by their names. Without names the server is good again.
func (h *Hostile) Play(names ...string) error {
	var chosen []Fault
	for _, name := range names {
		i := slices.IndexFunc(faults, func(f Fault) bool { return f.Name == name })
		if i < 0 {
			return fmt.Errorf("there is no fault %q: see Faults", name)
		}
		chosen = append(chosen, faults[i])
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults, h.used, h.ways = chosen, make(map[string]int), make(map[string][]string)
	return nil
}

// An exchange is one request and its answer. A fault may change the request, ask the good server or not, and change the
// answer.
type exchange struct {
	h      *Hostile
	r      *http.Request
	args   url.Values
	asked  bool
	status int
	header http.Header
	body   string
	plain  bool                        // never send gzip
	wire   func(w http.ResponseWriter) // sends the answer; nil sends it as a good server does
}

// ask gets the good server's answer to the arguments as they are now, once.
func (x *exchange) ask() {
	if x.asked {
		return
	}
	x.asked = true
	x.status, x.header, x.body = x.h.ask(x.args)
}

// ask gets the good server's answer.
func (h *Hostile) ask(v url.Values) (int, http.Header, string) {
	r, err := http.NewRequest(http.MethodGet, h.baseURL+"?"+v.Encode(), http.NoBody)
	if err != nil {
		return http.StatusInternalServerError, make(http.Header), err.Error()
	}
	w := record(h.good, r)
	return w.status, w.header, w.body.String()
}

// verb is the verb of the request.
func (x *exchange) verb() string { return x.args.Get("verb") }

// isList reports whether records or headers are listed.
func (x *exchange) isList() bool {
	return x.verb() == "ListRecords" || x.verb() == "ListIdentifiers"
}

// replace changes the answer: the first occurrence, which may be none.
func (x *exchange) replace(old, new string) {
	x.ask()
	x.body = strings.Replace(x.body, old, new, 1)
}

// token gives the resumptionToken of the answer.
func (x *exchange) token() string {
	x.ask()
	_, t, _ := strings.Cut(x.body, "<resumptionToken")
	_, t, _ = strings.Cut(t, ">")
	t, _, found := strings.Cut(t, "</resumptionToken>")
	if !found {
		return ""
	}
	return t
}

// errorAnswer makes the answer an error.
func (x *exchange) errorAnswer(code string) {
	x.ask()
	head, _, _ := strings.Cut(x.body, "<request")
	x.body = head + "<request>" + x.h.baseURL + `</request><error code="` + code + `">no</error></OAI-PMH>` + "\n"
}

// ServeHTTP answers a request, as badly as it was told to.
func (h *Hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	chosen := h.faults
	h.mu.Unlock()
	if len(chosen) == 0 {
		h.good.ServeHTTP(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The arguments can't be read.", http.StatusBadRequest)
		return
	}
	x := &exchange{h: h, r: r, args: maps.Clone(r.Form)}
	for _, f := range chosen {
		f.play(h, x)
	}
	x.ask()
	if x.wire != nil {
		x.wire(w)
		return
	}
	x.header.Del("Content-Length")
	if !x.plain && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && x.header.Get("Content-Encoding") == "" && x.status == http.StatusOK {
		x.body = string(zip(x.body))
		x.header.Set("Content-Encoding", "gzip")
	}
	maps.Copy(w.Header(), x.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(x.body)))
	w.WriteHeader(x.status)
	w.Write([]byte(x.body))
}

// use counts the uses of a token.
func (h *Hostile) use(token string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.used[token]++
	return h.used[token]
}

// way gives the tokens by which a token was reached, itself among them.
func (h *Hostile) way(token string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.ways[token])
}

// leads notes by which tokens a token is reached.
func (h *Hostile) leads(token string, way []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ways[token] = way
}
