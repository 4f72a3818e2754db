package harvest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options say how a [Fetcher] behaves. The zero value is polite and patient.
type Options struct {
	// UserAgent names the program; default "Sheaf". The contact is added to it.
	UserAgent string
	// Contact is how the operators of a server can reach whoever runs this program: a mail address, which is also
	// sent as From, or a URL.
	Contact string
	// Reach says where requests and redirects may lead; by default only to public addresses. It is not used if
	// there is a Transport, which has a reach of its own.
	Reach Reach
	// Transport makes the requests; default NewTransport(30 * time.Second, Reach). Wrap it to measure requests. It
	// must not decompress, because a fetcher bounds bodies before and after decompression.
	Transport http.RoundTripper
	// Hosts has the budget of each host. Fetchers that share one are polite together. The default is a new one.
	Hosts *Hosts

	Answer time.Duration // from the request to the first byte of the answer; default 5 min
	Idle   time.Duration // between two reads of the body; default 2 min
	Whole  time.Duration // a request with its body, without retries; default 15 min

	MaxBody   int64         // bytes of a body, as sent and as decompressed; default what the request says, or 256 MiB
	Attempts  int           // requests for one fetch, redirects not counted; default 4
	Backoff   time.Duration // wait before the first retry; doubles each time, with jitter; default 2 s
	MaxWait   time.Duration // longest single wait; a longer Retry-After ends the fetch; default 5 min
	Redirects int           // followed in a row; default 5

	// Clock is the time; default the system's.
	Clock Clock
}

// A Clock tells the time and sleeps.
type Clock interface {
	Now() time.Time
	// Sleep waits, or gives the context's error.
	Sleep(ctx context.Context, d time.Duration) error
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// A Fetcher asks remote servers politely. It makes one request at a time to a host, says its name and a contact, is
// patient, and never holds more of an answer than it is allowed to. Any number of goroutines may use it.
type Fetcher struct{ o Options }

// defaultMaxBody bounds a body, in bytes.
const defaultMaxBody = 256 << 20

// NewFetcher makes a Fetcher.
func NewFetcher(o Options) *Fetcher {
	duration := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	duration(&o.Answer, 5*time.Minute)
	duration(&o.Idle, 2*time.Minute)
	duration(&o.Whole, 15*time.Minute)
	duration(&o.Backoff, 2*time.Second)
	duration(&o.MaxWait, 5*time.Minute)
	if o.Attempts <= 0 {
		o.Attempts = 4
	}
	if o.Redirects <= 0 {
		o.Redirects = 5
	}
	if o.Transport == nil {
		o.Transport = NewTransport(30*time.Second, o.Reach)
	}
	if o.Hosts == nil {
		o.Hosts = NewHosts(HostLimits{})
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.UserAgent == "" {
		o.UserAgent = "Sheaf"
	}
	return &Fetcher{o: o}
}

// NewTransport makes a transport for the field Transport of [Options]. It connects only where reach allows, does not
// decompress, and keeps connections alive so that routers don't forget them. A connection may take as long as connect
// says, and TLS as long again. Requests with another reach need a transport of their own, because in this one they
// would find the connections that are open already.
func NewTransport(connect time.Duration, reach Reach) *http.Transport {
	g := newGuard(reach, connect)
	return &http.Transport{
		Proxy:                  g.proxy,
		DialContext:            g.dial,
		TLSHandshakeTimeout:    connect,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
}

// Access holds what a server wants before it lets us in. Secrets are not sent to another host after a redirect.
type Access struct {
	Header             http.Header // extra headers; a User-Agent here replaces ours
	Username, Password string      // HTTP Basic
	Token              string      // Authorization: Bearer
}

// A Request says what to fetch. Any request may be made again after a failure.
type Request struct {
	URL    string     // http or https
	Form   url.Values // if not nil, posted as a form; otherwise GET
	Accept string     // media types; default */*
	Access Access
	// IfNoneMatch and IfModifiedSince are the ETag and Last-Modified of an earlier answer. With them the answer may
	// be 304, without a body and without an error.
	IfNoneMatch, IfModifiedSince string
	// Check, if not nil, judges a whole answer before its status does.
	Check func(*Response) Verdict
	// Follow, if not nil, is asked before a redirect is followed. If it gives an error, the fetch ends with that.
	Follow func(ctx context.Context, to *url.URL) error
	// MaxBody, if not zero, bounds the body if Options.MaxBody does not.
	MaxBody int64
}

// A Verdict says what the caller makes of an answer.
type Verdict uint8

const (
	ByStatus Verdict = iota // the HTTP status decides
	Good                    // it is an answer, whatever the status says
	Broken                  // it was cut short, whatever the status says, so it is asked for again
)

// A Response is an answer with its body, decompressed.
type Response struct {
	URL      string // where it came from in the end
	Status   int
	Header   http.Header
	Body     []byte
	Attempts int // requests made for it, from 1
}

// ContentType is the media type of the body in lower case, without parameters; empty if not said.
func (r *Response) ContentType() string {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(mediaType))
}

// Fetch asks until there is an answer, or asking again makes no sense. If the remote is to blame the error is an
// [*Error]; if it answered at all, its last answer is returned beside the error. If ctx ends, the error is that of
// ctx.
func (f *Fetcher) Fetch(ctx context.Context, req Request) (*Response, error) {
	target, err := url.Parse(req.URL)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, &Error{Kind: Config, URL: shown(target), Detail: "the address must be a whole http or https URL"}
	}
	defer resumes(ctx)
	for attempt := 1; ; attempt++ {
		resp, err := f.once(ctx, target, &req)
		if ctx.Err() != nil && resp == nil { // an answer that came whole counts, even if ctx ended in that moment
			return nil, context.Cause(ctx)
		}
		if resp != nil {
			resp.Attempts = attempt
		}
		var problem *Error
		if err != nil {
			problem = f.broken(target, err)
		} else {
			problem = f.judge(resp, &req)
		}
		answered(ctx, resp, problem)
		if problem == nil {
			return resp, nil
		}
		wait, again := f.again(problem, attempt)
		if wait > 0 {
			f.o.Hosts.hold(target.Host, f.o.Clock.Now().Add(min(wait, f.o.MaxWait)))
		}
		if !again {
			return resp, problem
		}
		waits(ctx, Wait{ForRetry, target.Host, f.o.Clock.Now().Add(wait)})
		if err := f.o.Clock.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// Rest makes this and every other fetcher that shares its [Hosts] give a host ("example.org", or "example.org:8080") at least
// this pause between two requests, from now on.
func (f *Fetcher) Rest(host string, pause time.Duration) {
	f.o.Hosts.Rest(host, pause)
	f.o.Hosts.hold(host, f.o.Clock.Now().Add(pause))
}

// again says whether to ask again, and how long everybody should wait before asking this host.
func (f *Fetcher) again(e *Error, attempt int) (wait time.Duration, again bool) {
	if !transient(e) {
		return 0, false
	}
	wait = e.RetryAfter
	if wait == 0 {
		wait = f.o.Backoff << min(attempt-1, 20)
		wait = wait/2 + rand.N(wait/2+1)
		wait = min(wait, f.o.MaxWait)
	}
	return wait, attempt < f.o.Attempts && wait <= f.o.MaxWait
}

// once makes one request and follows its redirects.
func (f *Fetcher) once(ctx context.Context, target *url.URL, req *Request) (*Response, error) {
	from, form := target, req.Form
	for hop := 0; ; hop++ {
		resp, err := f.exchange(ctx, from, form, req, from.Host == target.Host)
		if err != nil {
			return nil, err
		}
		next, nextForm, err := redirected(from, form, resp)
		if err != nil || next == nil {
			return resp, err
		}
		if hop == f.o.Redirects {
			return resp, &Error{Kind: Protocol, URL: shown(target), Status: resp.Status, Detail: "redirected too often"}
		}
		if req.Follow != nil {
			if err := req.Follow(ctx, next); err != nil {
				return nil, err
			}
		}
		from, form = next, nextForm
	}
}

// exchange makes one HTTP request within the host's budget, and reads the body.
func (f *Fetcher) exchange(ctx context.Context, target *url.URL, form url.Values, req *Request, sameHost bool) (*Response, error) {
	release, err := f.o.Hosts.acquire(ctx, target, f.o.Clock)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := admitted(ctx); err != nil {
		return nil, err
	}
	waits(ctx, Wait{For: ForAnswer, Host: target.Host})
	watch, ctx := newWatch(ctx, f.o.Whole)
	defer watch.stop()
	hr, err := f.request(ctx, target, form, req, sameHost)
	if err != nil {
		return nil, err
	}
	watch.within(f.o.Answer, "no answer")
	res, err := f.o.Transport.RoundTrip(hr)
	if err != nil {
		return nil, watch.explain(err)
	}
	defer res.Body.Close()
	// The host is held before the turn is given back, so that nobody asks it in between.
	if wait := retryAfter(res.Header.Get("Retry-After"), f.o.Clock.Now()); wait > 0 && res.StatusCode >= 400 {
		f.o.Hosts.leave(ctx, target.Host, f.o.Clock.Now(), wait, f.o.MaxWait)
	}
	limit := cmp.Or(max(f.o.MaxBody, 0), req.MaxBody, defaultMaxBody)
	body, err := readBody(&idleReader{res.Body, watch, f.o.Idle}, res.ContentLength, res.Header.Values("Content-Encoding"), limit)
	if err != nil {
		return nil, watch.explain(err)
	}
	where := *target
	where.User = nil // links are resolved against this URL and end up in records, where no password may be
	return &Response{URL: where.String(), Status: res.StatusCode, Header: res.Header, Body: body}, nil
}

func (f *Fetcher) request(ctx context.Context, target *url.URL, form url.Values, req *Request, sameHost bool) (*http.Request, error) {
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	hr, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, &Error{Kind: Config, URL: shown(target), Err: err}
	}
	h := hr.Header
	h.Set("User-Agent", f.o.UserAgent)
	if c := f.o.Contact; c != "" {
		h.Set("User-Agent", fmt.Sprintf("%s (+%s)", f.o.UserAgent, c))
		if strings.Contains(c, "@") && !strings.Contains(c, "/") {
			h.Set("From", c)
			h.Set("User-Agent", fmt.Sprintf("%s (+mailto:%s)", f.o.UserAgent, c))
		}
	}
	h.Set("Accept", "*/*")
	if req.Accept != "" {
		h.Set("Accept", req.Accept)
	}
	h.Set("Accept-Encoding", "gzip, zstd, deflate")
	if form != nil {
		h.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range map[string]string{"If-None-Match": req.IfNoneMatch, "If-Modified-Since": req.IfModifiedSince} {
		if value != "" {
			h.Set(name, value)
		}
	}
	if sameHost {
		req.Access.apply(hr)
	}
	return hr, nil
}

func (a *Access) apply(hr *http.Request) {
	for name, values := range a.Header {
		hr.Header[http.CanonicalHeaderKey(name)] = values
	}
	if a.Token != "" {
		hr.Header.Set("Authorization", "Bearer "+a.Token)
	}
	if u := hr.URL.User; u != nil && hr.Header.Get("Authorization") == "" {
		password, _ := u.Password()
		hr.SetBasicAuth(u.Username(), password)
	}
	if a.Username != "" || a.Password != "" {
		hr.SetBasicAuth(a.Username, a.Password)
	}
}
