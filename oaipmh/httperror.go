package oaipmh

import (
	"context"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const allowedMethods = "GET, HEAD, POST, OPTIONS"

// An httpError is an answer outside the protocol, in plain text.
type httpError struct {
	status  int
	message string
	retry   time.Duration // Retry-After, if positive
	err     error
}

// readRequest returns the arguments of a request, still escaped.
func readRequest(w http.ResponseWriter, r *http.Request) (string, *httpError) {
	if len(r.URL.RawQuery) > maxRequest {
		return "", &httpError{status: http.StatusRequestURITooLong, message: "The query is longer than 64 KiB."}
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		// A part of the string that is kept would keep the whole request line in memory, up to a megabyte. So this
		// is a copy.
		return strings.Clone(r.URL.RawQuery), nil
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
	// Some harvesters post the request and put the arguments into the URL.
	return r.URL.RawQuery + "&" + strings.TrimRight(string(body), "\r\n"), nil
}

// asHTTP decides with which HTTP status an error of the repository is answered.
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
		// Every harvester reads seconds, few read dates.
		head.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retry.Seconds()))))
	}
	body := p.message + "\n"
	head.Set("Content-Length", strconv.Itoa(len(body)))
	o.Status, o.Err, o.Bytes = p.status, p.err, int64(len(body))
	w.WriteHeader(p.status)
	io.WriteString(w, body)
}
