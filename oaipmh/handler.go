package oaipmh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options say how a Handler serves its repository.
type Options struct {
	// BaseURL is the public URL of the handler. It goes into every answer, byte for byte.
	BaseURL string

	// Keys sign resumption tokens: the first signs, all are accepted, so that a key can be replaced
	// without breaking the walks that are under way. Each has 16 bytes or more. Tokens live as long
	// as their key: keep it across restarts, and give several gateways of one repository the same.
	Keys [][]byte

	// PageSize is the number of records, headers or sets in an answer: 100 if zero, at most 1,000.
	PageSize int

	// MaxPageBytes bounds an answer before compression: 4 MiB if zero. One record is always sent,
	// however large.
	MaxPageBytes int

	// Observe, if set, is told of every request when it is answered. It must be quick and safe for
	// concurrent use.
	Observe func(*http.Request, Observation)

	// Page, if set, writes the pages for people instead of the built-in one. See View.
	Page func(io.Writer, *View) error
}

// Limits of Options and of requests.
const (
	DefaultPageSize     = 100
	MaxPageSize         = 1000
	DefaultMaxPageBytes = 4 << 20

	// maxRequest bounds a query string and a form, in bytes.
	maxRequest = 64 << 10
)

// An Observation is what can be measured of one request.
type Observation struct {
	Verb     string // empty if there was no legal one
	Prefix   string // metadataPrefix, of a successful request only: it can serve as a metric's label
	Set      string // likewise
	From     time.Time
	Until    time.Time
	Codes    []string // the protocol's error codes in the answer
	Status   int      // HTTP status
	Records  int      // records, headers or sets in the answer
	Cursor   int64    // elements of the list that were given before
	Size     int64    // of the whole list, as far as known; else not positive
	Listing  bool     // the answer is part of a list
	Last     bool     // of which it is the end
	People   bool     // it was a page for people
	Bytes    int64    // of the answer's body, as sent
	Repaired int      // elements that were not XML as the repository gave them
	Duration time.Duration
	Err      error // why the answer is an HTTP error
}

// A Handler serves a Repository by OAI-PMH 2.0. It answers at any path, so mount it at the base URL's
// path both without and with a slash at the end: harvesters ask both, and follow no redirects.
//
// Requests by GET, HEAD and POST are answered in XML, those by GET of a browser with a page for people.
type Handler struct {
	repo         Repository
	keys         keys
	baseURL      string
	escapedBase  []byte
	pageSize     int
	maxPageBytes int
	observe      func(*http.Request, Observation)
	page         func(io.Writer, *View) error
}

// NewHandler makes a Handler. It says what is wrong with the options.
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
		repo: repo, keys: ks, baseURL: o.BaseURL, escapedBase: appendEscaped(nil, o.BaseURL),
		pageSize: o.PageSize, maxPageBytes: o.MaxPageBytes, observe: o.Observe, page: o.Page,
	}
	if h.pageSize == 0 {
		h.pageSize = DefaultPageSize
	}
	if h.maxPageBytes == 0 {
		h.maxPageBytes = DefaultMaxPageBytes
	}
	if h.observe == nil {
		h.observe = func(*http.Request, Observation) {}
	}
	if h.page == nil {
		h.page = writePage
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

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, o *Observation) {
	head := w.Header()
	head.Set("X-Content-Type-Options", "nosniff")
	// The answers are public and the same for everybody: scripts of any site may read them.
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
	a, err := h.answer(r.Context(), q, d)
	if err != nil {
		h.refuse(w, o, asHTTP(r.Context(), err))
		return
	}
	d.finish(q, a, h.baseURL)
	o.note(q, a)
	o.Repaired = d.repaired
	head.Set("Content-Type", "text/xml; charset=utf-8")
	o.Bytes = send(w, r, d.buf)
}

const allowedMethods = "GET, HEAD, POST, OPTIONS"

// An httpError is an answer outside the protocol, in plain text.
type httpError struct {
	status  int
	message string
	retry   time.Duration // Retry-After, if positive
	err     error
}

// readRequest gives the arguments of a request, still escaped.
func readRequest(w http.ResponseWriter, r *http.Request) (string, *httpError) {
	if len(r.URL.RawQuery) > maxRequest {
		return "", &httpError{status: http.StatusRequestURITooLong, message: "The query is longer than 64 KiB."}
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return r.URL.RawQuery, nil
	case http.MethodPost:
	default:
		return "", &httpError{status: http.StatusMethodNotAllowed, message: "Use GET or POST."}
	}
	if c := r.Header.Get("Content-Type"); c != "" {
		if kind, _, err := mime.ParseMediaType(c); err != nil || kind != "application/x-www-form-urlencoded" {
			return "", &httpError{status: http.StatusUnsupportedMediaType, message: "Send the arguments as application/x-www-form-urlencoded."}
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return "", &httpError{status: http.StatusRequestEntityTooLarge, message: "The form is longer than 64 KiB."}
	} else if err != nil {
		return "", &httpError{status: http.StatusBadRequest, message: "The form can't be read.", err: err}
	}
	// Some harvesters post with the arguments in the URL.
	return r.URL.RawQuery + "&" + strings.TrimRight(string(body), "\r\n"), nil
}

// asHTTP decides what an error of the repository is on the wire.
func asHTTP(ctx context.Context, err error) *httpError {
	p := &httpError{status: http.StatusServiceUnavailable, message: "The repository can't answer just now. Ask again later.", err: err}
	var temporary interface{ Temporary() bool }
	var wait interface{ RetryAfter() time.Duration }
	if errors.As(err, &wait) {
		p.retry = wait.RetryAfter()
	}
	switch {
	case errors.Is(err, ErrBehind):
		p.retry = max(p.retry, time.Second)
	case errors.As(err, &temporary) && temporary.Temporary(), ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		if p.retry <= 0 {
			p.retry = defaultRetry
		}
	default:
		p.status, p.retry = http.StatusInternalServerError, 0
		p.message = "The repository could not answer this request. The list is not complete: ask again later, or tell its administrator."
	}
	return p
}

// defaultRetry is the Retry-After of an error that names none.
const defaultRetry = 10 * time.Second

func (h *Handler) refuse(w http.ResponseWriter, o *Observation, p *httpError) {
	head := w.Header()
	head.Set("Content-Type", "text/plain; charset=utf-8")
	head.Set("Cache-Control", "no-store")
	if p.retry > 0 {
		// Seconds: every harvester reads them, few read dates.
		head.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retry.Seconds()))))
	}
	body := p.message + "\n"
	head.Set("Content-Length", strconv.Itoa(len(body)))
	o.Status, o.Err, o.Bytes = p.status, p.err, int64(len(body))
	w.WriteHeader(p.status)
	io.WriteString(w, body)
}

// note takes down what an answer was.
func (o *Observation) note(q *request, a *answer) {
	o.Verb = q.verb
	for _, e := range a.errs {
		o.Codes = append(o.Codes, e.code)
	}
	if len(a.errs) > 0 {
		return
	}
	o.Prefix, o.Set, o.From, o.Until = q.prefix, q.set, q.fromTime, q.untilTime
	if q.continued() {
		o.Prefix, o.Set, o.From, o.Until = q.place.prefix, q.place.set, q.place.from, q.place.until
	}
	o.Records, o.Cursor, o.Size = a.elements, a.resumption.cursor, a.resumption.size
	o.Listing = q.verb == verbSets || q.verb == verbListIdentifiers || q.verb == verbListRecords
	o.Last = o.Listing && a.resumption.token == ""
}

// maxKept is the largest buffer that is kept for the next answer.
const maxKept = 8 << 20

var documents = sync.Pool{New: func() any { return new(document) }}

func newDocument(escapedBase []byte) *document {
	d := documents.Get().(*document)
	d.base, d.repaired = escapedBase, 0
	return d
}

func (d *document) release() {
	if cap(d.buf) <= maxKept {
		documents.Put(d)
	}
}
