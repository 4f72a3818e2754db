// Package web is the frame of all pages for people: one layout, the few files that pages use, the headers, and the pages
// that explain a mistake. What stands in the frame is made by other packages: site for the public, ops for operators.
//
// Pages are written in the language of the reader ([words.Language]): the one that the parameter lang of the address names,
// which then stays in the links of the page; otherwise the one that the browser asks for.
//
// Pages work without scripts. All text that comes from elsewhere is escaped, bounded ([Clip]), and never taken for
// markup.
package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/web/words"
)

//go:embed assets
var assets embed.FS

// A Frame is what all pages of one listener have in common.
type Frame struct {
	// Name is what the gateway is called.
	Name string
	// URL is the root as the world sees it, without a slash at the end, and Root its path, escaped. If there is a
	// path, something in front of the gateway removes it from each request.
	URL, Root string
	// Nav are the links at the head of each page.
	Nav []Link
	// Look is what the installation makes of the pages.
	Look Look

	broken    []error // what is wrong with its templates
	languages []*words.Language
	pages     []string
	explain   func(error) *Problem
	shared    fs.FS
	private   bool
	logger    *slog.Logger
	layout    *template.Template
	ownLayout *template.Template // that of the installation, if it has one
	files     map[string]file
}

// A Link is a link with its text. The path begins below the root.
type Link struct{ Path, Text string }

// Options say what a frame is for.
type Options struct {
	Name, URL string
	Nav       []Link
	// Languages are those in which the pages are written, the first one for readers who want none of them; English alone if
	// empty. Pages are the paths of the pages: a path with a slash at its end stands for all below it.
	Languages []*words.Language
	Pages     []string
	Look      Look
	// Explain returns the page for an error that the frame does not know; nil if the error is a fault of ours.
	Explain func(error) *Problem
	// Private says that not everybody may see the pages, so that no cache may keep them.
	Private bool
	// Funcs are functions for the templates, beside those of every frame. Shared has files for all pages of the listener:
	// templates (*.part.html), which may fill the blocks of the layout, and what browsers ask for (*.css, *.js, *.svg). Nil if
	// there are none.
	Funcs  template.FuncMap
	Shared fs.FS
	Logger *slog.Logger // slog.Default if nil
}

// New makes a frame.
func New(o Options) *Frame {
	f := &Frame{
		Name: Clean(o.Name), URL: strings.TrimSuffix(o.URL, "/"), Nav: o.Nav, Look: o.Look, languages: o.Languages, pages: o.Pages,
		explain: o.Explain, private: o.Private, logger: o.Logger, shared: o.Shared, files: readFiles(assets, "assets/"+styleName, "assets/icon.svg"),
	}
	f.Look.files(f.files)
	if o.Shared != nil {
		maps.Copy(f.files, readFiles(o.Shared, globs(o.Shared, "*.css", "*.js", "*.svg")...))
	}
	if f.logger == nil {
		f.logger = slog.Default()
	}
	if u, err := url.Parse(f.URL); err == nil {
		f.Root = u.EscapedPath()
	}
	if len(f.languages) == 0 {
		f.languages = []*words.Language{words.English()}
	}
	funcs := template.FuncMap{"stamp": stamp}
	f.layout = template.Must(template.New("").Funcs(f.languages[0].Funcs()).Funcs(funcs).Funcs(o.Funcs).ParseFS(assets, "assets/layout.html"))
	var err error
	if f.ownLayout, err = f.own(f.layout, "layout.html"); err != nil {
		f.refuse("layout.html", err)
		f.ownLayout = f.layout
	}
	return f
}

// Pages are the templates of pages in each language: each is the layout with a "main" of its own.
type Pages map[*words.Language]map[string]*template.Template

// Parse reads the templates <name>.html of a file system. It panics if one is broken.
func (f *Frame) Parse(templates fs.FS, names ...string) Pages {
	read := map[string]*template.Template{"message": f.page(assets, "assets/message.html")}
	for _, name := range names {
		read[name] = f.page(templates, name+".html")
	}
	f.strangers(names)
	pages := Pages{}
	for _, l := range f.languages {
		pages[l] = map[string]*template.Template{}
		for name, page := range read {
			pages[l][name] = template.Must(page.Clone()).Funcs(l.Funcs())
		}
	}
	return pages
}

// page reads the template of a page, and puts over it what the installation has in its place.
func (f *Frame) page(templates fs.FS, name string) *template.Template {
	ours := f.read(f.layout, templates, name)
	if f.Look.Templates == nil {
		return ours
	}
	page, err := f.own(f.read(f.ownLayout, templates, name), path.Base(name))
	if err == nil {
		err = tried(page)
	}
	if err != nil {
		f.refuse(path.Base(name), err)
		return ours
	}
	return page
}

// read reads the template of a page of ours into a layout. Shared templates come last, because what they say of a block goes before what the
// frame says.
func (f *Frame) read(layout *template.Template, templates fs.FS, name string) *template.Template {
	page := template.Must(template.Must(layout.Clone()).ParseFS(templates, name))
	if f.shared == nil {
		return page
	}
	for _, part := range globs(f.shared, "*.part.html") {
		template.Must(page.ParseFS(f.shared, part))
	}
	return page
}

// pageTime bounds the making of one page.
const pageTime = 10 * time.Second

// An Answer is a page to be rendered, or a redirection.
type Answer struct {
	Template string
	Status   int    // 200 if zero
	Title    string // of the page; the gateway's name follows it
	Path     string // the page's own path and query, for its canonical link; empty if it has none
	Here     string // the path in the head of the page that it belongs to; empty if to none
	Data     any
	Feed     string // path and query of a feed of what the page lists; empty if there is none
	Redirect string // where the visitor is sent instead; Status says how
	// Header goes beside what every answer has. Body, if not nil, is sent instead of a page; Header says of what type it is.
	Header http.Header
	Body   []byte
}

// view is what every template sees.
type view struct {
	*Frame
	Title, Here, Canonical, Feed string
	Lang                         *words.Language
	Others                       []inLanguage // the same page in the other languages
	Data                         any
}

// A Problem is an error with a page of its own, which says what is the matter and what to do: texts of [words], with the
// parts of the second.
type Problem struct {
	Status      int
	Title, Text string
	Parts       []any
}

func (p *Problem) Error() string { return p.Title }

// The problems that every listener knows.
var (
	ErrNoPage = &Problem{Status: http.StatusNotFound, Title: "There is no such page",
		Text: "Nothing is at this address. It may have been copied incompletely; the list of all records is a good place to go on."}
	errBusy = &Problem{Status: http.StatusServiceUnavailable, Title: "The gateway is busy",
		Text: "The page took too long to make. Try again in a moment."}
	errBroken = &Problem{Status: http.StatusInternalServerError, Title: "The gateway could not make this page",
		Text: "The fault is on this side, and it was written down. Try again later."}
)

// Page turns a function that finds out what to show into a handler that shows it.
func (f *Frame) Page(pages Pages, find func(*http.Request) (*Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), pageTime)
		defer cancel()
		l, chosen := f.language(w.Header(), r)
		a, err := find(r.WithContext(words.With(ctx, l)))
		if err != nil {
			a = f.problem(r, l, err)
		}
		if a.Redirect != "" {
			if chosen {
				a.Redirect = f.carry(a.Redirect, l)
			}
			http.Redirect(w, r, a.Redirect, a.Status)
			return
		}
		body := a.Body
		if body == nil {
			body, err = f.render(pages, r, l, a)
			if chosen {
				body = f.carryAll(body, l)
			}
		}
		if err != nil {
			f.logger.Error("a page was not rendered", "path", r.URL.Path, "err", err)
			http.Error(w, errBroken.Title, errBroken.Status)
			return
		}
		f.send(w, r, a, body)
	}
}

// problem makes a page of an error. If the visitor did not cause the error, it is logged.
func (f *Frame) problem(r *http.Request, l *words.Language, err error) *Answer {
	var p *Problem
	switch {
	case errors.As(err, &p):
	case f.known(err, &p):
	case r.Context().Err() != nil: // the visitor has gone
		p = errBusy
	case errors.Is(err, context.DeadlineExceeded):
		p = errBusy
		f.logger.Warn("a page took too long", "path", r.URL.Path)
	default:
		p = errBroken
		f.logger.Error("a page was not made", "path", r.URL.Path, "err", err)
	}
	return &Answer{Template: "message", Status: p.Status, Title: l.T(p.Title), Data: l.T(p.Text, p.Parts...)}
}

func (f *Frame) known(err error, p **Problem) bool {
	if f.explain == nil {
		return false
	}
	*p = f.explain(err)
	return *p != nil
}

func (f *Frame) render(pages Pages, r *http.Request, l *words.Language, a *Answer) ([]byte, error) {
	v := view{Frame: f, Title: a.Title, Here: a.Here, Feed: a.Feed, Lang: l, Others: f.others(r, l), Data: a.Data}
	if a.Path != "" {
		v.Canonical = f.URL + a.Path
	}
	var b bytes.Buffer
	if err := pages[l][a.Template].ExecuteTemplate(&b, "layout.html", &v); err != nil {
		return nil, fmt.Errorf("render %s: %w", a.Template, err)
	}
	return b.Bytes(), nil
}

// send writes the page. A visitor who has the same page already is told so. The ETag is a hash of the bytes, so it is
// right whatever the page depends on.
func (f *Frame) send(w http.ResponseWriter, r *http.Request, a *Answer, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	maps.Copy(h, a.Header)
	if a.Status != 0 {
		h.Set("Cache-Control", "no-store")
		if a.Status == http.StatusServiceUnavailable {
			h.Set("Retry-After", "5")
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(a.Status)
		if r.Method != http.MethodHead {
			w.Write(body)
		}
		return
	}
	h.Set("Cache-Control", "public, no-cache")
	if f.private {
		h.Set("Cache-Control", "no-store")
	}
	if f.private { // how long a compressed page is would tell of the secrets that stand in it
		h.Set("ETag", etag(body))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
		return
	}
	serveTagged(w, r, etag(body), body)
}

// serveTagged answers with something public. Compressed it is another representation, and has a tag of its own.
func serveTagged(w http.ResponseWriter, r *http.Request, tag string, body []byte) {
	h := w.Header()
	if body = Gzipped(h, r, body); h.Get("Content-Encoding") != "" {
		tag = strings.TrimSuffix(tag, `"`) + `-gzip"`
	}
	h.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func etag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// Guarded refuses methods that change something, and lets browsers forbid what the pages never need: scripts, frames, and
// anything from other sites, except pictures from these hosts.
func Guarded(next http.Handler, pictures []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		Protect(h, pictures, "")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "These pages can only be read (GET or HEAD).", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Protect lets browsers forbid what pages never need: scripts, frames, and anything from other sites, except pictures from
// these hosts. more is what else a Content-Security-Policy allows, such as "script-src 'self'"; empty if nothing.
func Protect(h http.Header, pictures []string, more string) {
	images := "'self'"
	for _, host := range pictures {
		images += " https://" + host
	}
	policy := "default-src 'none'; style-src 'self'; img-src " + images + "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if more != "" {
		policy += "; " + more
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
