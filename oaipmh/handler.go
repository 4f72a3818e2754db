package oaipmh

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Options say how a Handler serves its repository.
type Options struct {
	// BaseURL is the public URL of the handler. It goes into every answer, byte for byte.
	BaseURL string

	// Keys sign resumption tokens. The first one signs and all are accepted, so a key can be replaced without
	// breaking the walks that are under way. Each has 16 bytes or more. Tokens live as long as their key, so keep
	// it across restarts, and give all servers of one repository the same.
	Keys [][]byte

	// PageSize is the number of records, headers or sets in an answer: 100 if zero, at most 1,000.
	PageSize int

	// MaxPageBytes bounds an answer before compression: 4 MiB if zero. One record is always sent,
	// however large.
	MaxPageBytes int

	// CacheBytes bounds the pages of lists that are kept in memory and served again, if the repository can say
	// whether they are still right ([Listing].Fresh): 16 MiB if zero, none if negative.
	CacheBytes int

	// After, if set, is a handler of the same repository and with the same bounds whose place this one takes. The pages that
	// it has kept are served on.
	After *Handler

	// Home is the URL of a page about the repository, for people; the pages for people link to it. Empty for none.
	Home string

	// SetPage, if set, is the URL of a page about the set of a spec, for people; the pages for people link to it.
	SetPage func(spec string) string

	// Admit, if set, is called before a page of a list is read, which is what costs most. It may wait for a turn,
	// or return an error, which is answered as an error of the [Repository] is. Pages that were kept are served
	// without it.
	Admit func(*http.Request) error

	// Observe, if set, is called after every request. It must be quick and safe for concurrent use.
	Observe func(*http.Request, Observation)

	// Page, if set, writes the pages for people instead of the built-in one. [View] is what it is given.
	Page func(io.Writer, *View) error
}

// Limits of Options and of requests.
const (
	DefaultPageSize     = 100
	MaxPageSize         = 1000
	DefaultMaxPageBytes = 4 << 20
	DefaultCacheBytes   = 16 << 20

	// maxRequest bounds a query string and a form, in bytes.
	maxRequest = 64 << 10
)

// A Handler serves a [Repository] by OAI-PMH 2.0. It answers at any path. Mount it at the base URL's path both
// without and with a slash at the end, because harvesters ask for both and follow no redirects.
//
// It answers GET, HEAD and POST in XML. A browser's GET gets a page for people.
type Handler struct {
	repo         Repository
	keys         keys
	baseURL      string
	escapedBase  []byte
	pageSize     int
	maxPageBytes int
	cache        *cache
	admit        func(*http.Request) error
	observe      func(*http.Request, Observation)
	page         func(io.Writer, *View) error
	home         string
	setPage      func(spec string) string
}

// NewHandler makes a Handler. An error says what is wrong with the options.
func NewHandler(repo Repository, o Options) (*Handler, error) {
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("oaipmh: Options.BaseURL is %q: give the public URL, such as https://archive.example.org/oai, without ? and #", o.BaseURL)
	}
	if o.PageSize < 0 || o.PageSize > MaxPageSize {
		return nil, fmt.Errorf("oaipmh: Options.PageSize is %d: give 1 to %d", o.PageSize, MaxPageSize)
	}
	if o.MaxPageBytes < 0 {
		return nil, fmt.Errorf("oaipmh: Options.MaxPageBytes is %d: give a positive number", o.MaxPageBytes)
	}
	ks, err := checkKeys(o.Keys)
	if err != nil {
		return nil, err
	}
	h := &Handler{
		repo: repo, keys: ks, baseURL: o.BaseURL, escapedBase: xmlscan.AppendExact(nil, o.BaseURL),
		pageSize: o.PageSize, maxPageBytes: o.MaxPageBytes, admit: o.Admit, observe: o.Observe, page: o.Page, home: o.Home, setPage: o.SetPage,
	}
	if h.pageSize == 0 {
		h.pageSize = DefaultPageSize
	}
	if h.maxPageBytes == 0 {
		h.maxPageBytes = DefaultMaxPageBytes
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = DefaultCacheBytes
	}
	if o.After != nil {
		h.cache = o.After.cache
	} else {
		h.cache = newCache(o.CacheBytes)
	}
	if h.observe == nil {
		h.observe = func(*http.Request, Observation) {}
	}
	if h.page == nil {
		h.page = writePage
	}
	if h.admit == nil {
		h.admit = func(*http.Request) error { return nil }
	}
	return h, nil
}

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o := Observation{Status: http.StatusOK}
	start := time.Now()
	h.serve(w, r, &o)
	o.Duration = time.Since(start)
	h.observe(r, o)
}

// admitted answers a request. A request for a list must be admitted first; other answers cost little.
func (h *Handler) admitted(r *http.Request, q *request, out sink) (*answer, error) {
	if len(q.errs) == 0 && isList(q.verb) {
		if err := h.admit(r); err != nil {
			return nil, err
		}
	}
	return h.answer(r.Context(), q, out)
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, o *Observation) {
	head := w.Header()
	head.Set("X-Content-Type-Options", "nosniff")
	// The answers are public and the same for everybody, so scripts of any site may read them.
	head.Set("Access-Control-Allow-Origin", "*")
	if r.Method == http.MethodOptions {
		head.Set("Allow", allowedMethods)
		head.Set("Access-Control-Allow-Methods", allowedMethods)
		head.Set("Access-Control-Allow-Headers", "Content-Type")
		o.Status = http.StatusNoContent
		w.WriteHeader(o.Status)
		return
	}
	raw, problem := readRequest(w, r)
	if problem != nil {
		if problem.status == http.StatusMethodNotAllowed {
			head.Set("Allow", allowedMethods)
		}
		h.refuse(w, o, problem)
		return
	}
	head.Set("Vary", "Accept, Accept-Encoding")
	if r.Method != http.MethodPost && prefersHTML(r.Header) {
		h.servePeople(w, r, raw, o)
		return
	}
	d := newDocument(h.escapedBase)
	defer d.release()
	q := h.keys.parseRequest(raw, false)
	d.begin(q, true)
	if q.verb != "" {
		d.open(q.verb)
	}
	d.start = len(d.buf)
	accepted := acceptedEncodings(r.Header)
	keeps := len(q.errs) == 0 && isList(q.verb) && cacheable(r.Header)
	var a *answer
	if keeps {
		a = h.recall(r, q, accepted.zipped, d)
	}
	if a == nil {
		var err error
		if a, err = h.admitted(r, q, d); err != nil {
			h.refuse(w, o, asHTTP(r.Context(), err))
			return
		}
	}
	d.finish(q, a, h.baseURL)
	o.note(q, a)
	o.Repaired = d.repaired
	head.Set("Content-Type", "text/xml; charset=utf-8")
	var keep func(*part)
	if keeps {
		keep = h.keeper(q, a, accepted.zipped)
	}
	o.Bytes = send(w, r, d, accepted, keep)
}
