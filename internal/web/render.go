package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// pageTime bounds the making of one page.
const pageTime = 10 * time.Second

// An answer is a page to be rendered, or a redirection.
type answer struct {
	template string
	status   int    // 200 if zero
	title    string // of the page; the gateway's name follows it
	path     string // the page's own path and query, for its canonical link; empty if it has none
	data     any
	alternate,
	redirect string
}

// view is what every template sees.
type view struct {
	*site
	Title, Canonical, Alternate string
	Data                        any
}

// A problem is an error with a page of its own: what is the matter, and what to do.
type problem struct {
	status      int
	title, text string
}

func (p *problem) Error() string { return p.title }

var (
	errNoPage = &problem{http.StatusNotFound, "There is no such page",
		"Nothing is at this address. It may have been copied incompletely; the list of all records is a good place to go on."}
	errNoRecord = &problem{http.StatusNotFound, "There is no such record",
		"This gateway has no record at this address, and never had one. The address may have been copied incompletely."}
	errNoSource = &problem{http.StatusNotFound, "There is no such source",
		"This gateway has no source of this name, or no records of it any more. The list of all records is a good place to go on."}
	errOldPlace = &problem{http.StatusGone, "This place in the list is no more",
		"The log of this gateway has begun anew since the address was made, so its pages are counted anew. The list can be read again from its beginning."}
	errBusy = &problem{http.StatusServiceUnavailable, "The gateway is busy",
		"The page took too long to make. Try again in a moment."}
	errBroken = &problem{http.StatusInternalServerError, "The gateway could not make this page",
		"The fault is on this side, and it was written down. Try again later."}
)

// page turns a function that finds out what to show into a handler that shows it.
func (s *site) page(find func(*http.Request) (*answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), pageTime)
		defer cancel()
		a, err := find(r.WithContext(ctx))
		if err != nil {
			a = s.explain(r, err)
		}
		if a.redirect != "" {
			http.Redirect(w, r, a.redirect, a.status)
			return
		}
		body, err := s.render(a)
		if err != nil {
			s.Logger.Error("a page was not rendered", "path", r.URL.Path, "err", err)
			http.Error(w, errBroken.title, errBroken.status)
			return
		}
		s.send(w, r, a, body)
	}
}

// explain makes a page of an error. What is not the visitor's doing is written to the log.
func (s *site) explain(r *http.Request, err error) *answer {
	var p *problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, pipeline.ErrNotFound):
		p = errNoRecord
	case r.Context().Err() != nil: // the visitor has gone
		p = errBusy
	case errors.Is(err, context.DeadlineExceeded):
		p = errBusy
		s.Logger.Warn("a page took too long", "path", r.URL.Path)
	default:
		p = errBroken
		s.Logger.Error("a page was not made", "path", r.URL.Path, "err", err)
	}
	return &answer{template: "message", status: p.status, title: p.title, data: p.text}
}

func (s *site) render(a *answer) ([]byte, error) {
	v := view{site: s, Title: a.title, Alternate: a.alternate, Data: a.data}
	if a.path != "" {
		v.Canonical = s.URL + a.path
	}
	var b bytes.Buffer
	if err := s.pages[a.template].ExecuteTemplate(&b, "layout.html", &v); err != nil {
		return nil, fmt.Errorf("render %s: %w", a.template, err)
	}
	return b.Bytes(), nil
}

// send writes the page. A visitor who has the same page already is told so: the ETag is a hash of
// the bytes, hence right whatever a page depends on.
func (s *site) send(w http.ResponseWriter, r *http.Request, a *answer, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if a.status != 0 {
		h.Set("Cache-Control", "no-store")
		if a.status == http.StatusServiceUnavailable {
			h.Set("Retry-After", "5")
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(a.status)
		if r.Method != http.MethodHead {
			w.Write(body)
		}
		return
	}
	h.Set("Cache-Control", "public, no-cache")
	h.Set("ETag", etag(body))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func etag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// guarded refuses methods that change something, and forbids what the pages never do: scripts,
// frames, and anything from elsewhere.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "These pages can only be read (GET or HEAD).", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// parse reads the templates: each page is the layout with its own "main".
func (s *site) parse(names ...string) map[string]*template.Template {
	funcs := template.FuncMap{"count": count, "day": day, "moment": moment, "stamp": stamp}
	layout := template.Must(template.New("").Funcs(funcs).ParseFS(assets, "assets/layout.html"))
	pages := map[string]*template.Template{}
	for _, name := range names {
		pages[name] = template.Must(template.Must(layout.Clone()).ParseFS(assets, "assets/"+name+".html"))
	}
	return pages
}
