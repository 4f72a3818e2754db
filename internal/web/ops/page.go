package ops

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A view is what the templates of all pages see.
type view struct {
	Path string // of the page, with its query
	// Person is who sees it; nil if nobody knows. Form is the word that goes along with what they send from this page.
	Person *person
	Form   string
	Task   *task // what somebody asked for on it, and what came of that; nil if they did not
	// Every is after how many seconds a script asks for the page again; 0 for never.
	Every int
	Data  any
}

// A finding is what a page shows.
type finding struct {
	template, title, here string
	status                int // 200 if zero
	every                 int
	data                  any
}

// May reports whether the person who sees the page may do what needs a role.
func (v *view) May(role string) bool { return v.Person.May(role) }

// Back is the page's address without what came of a task.
func (v *view) Back() string {
	u, err := url.Parse(v.Path)
	if err != nil {
		return "/"
	}
	query := u.Query()
	query.Del("task")
	u.RawQuery = query.Encode()
	return u.String()
}

// viewOf is the view of a page whose templates are given data; nil for a page that is only a message.
func viewOf(data any) *view {
	v, _ := data.(*view)
	return v
}

// page turns a function that finds what to show into a handler that shows it.
func (s *ops) page(find func(*http.Request) (*finding, error)) http.Handler {
	show := s.frame.Page(s.pages, func(r *http.Request) (*web.Answer, error) {
		f, err := find(r)
		if err != nil {
			return nil, problem(err)
		}
		v := &view{Path: r.URL.RequestURI(), Person: visitor(r), Every: f.every, Data: f.data, Task: s.taskOf(r)}
		if v.Person != nil {
			v.Form = s.door.forms.word(v.Person, time.Now())
		}
		return &web.Answer{Template: f.template, Status: f.status, Title: f.title, Here: f.here, Data: v}, nil
	})
	return protected(show)
}

// protected lets the pages run the one script that they have.
func protected(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.Protect(w.Header(), nil, "script-src 'self'; connect-src 'self'")
		next.ServeHTTP(w, r)
	})
}

// errNoPage is for addresses where there is nothing.
var errNoPage = &web.Problem{Status: http.StatusNotFound, Title: "There is no such page",
	Text: "What was here may be gone: runs are kept for a year, and quarantine changes with each harvest."}

// problem is the page for an error of a command.
func problem(err error) error {
	var p *web.Problem
	switch {
	case errors.As(err, &p):
		return err
	case errors.Is(err, pipeline.ErrNotFound):
		return errNoPage
	case strings.HasPrefix(err.Error(), "ask the gateway:"):
		return err // a fault of ours, which is logged
	}
	return &web.Problem{Status: http.StatusBadRequest, Title: "That does not work", Text: web.Clipped(err.Error(), 2000)}
}

// nothing answers addresses that no page has.
func nothing(*http.Request) (*finding, error) { return nil, errNoPage }
