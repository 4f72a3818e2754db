package ops

import (
	"errors"
	"net/http"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A view is what the templates of all pages see.
type view struct {
	Path string // of the page, with its query
	// Every is after how many seconds a script asks for the page again; 0 for never.
	Every int
	Data  any
}

// A finding is what a page shows.
type finding struct {
	template, title, here string
	every                 int
	data                  any
}

// page turns a function that finds what to show into a handler that shows it.
func (s *ops) page(find func(*http.Request) (*finding, error)) http.Handler {
	show := s.frame.Page(s.pages, func(r *http.Request) (*web.Answer, error) {
		f, err := find(r)
		if err != nil {
			return nil, problem(err)
		}
		return &web.Answer{
			Template: f.template, Title: f.title, Here: f.here,
			Data: &view{Path: r.URL.RequestURI(), Every: f.every, Data: f.data},
		}, nil
	})
	return protected(show)
}

// protected lets the pages run the one script that they have.
func protected(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.Protect(w.Header(), "script-src 'self'; connect-src 'self'")
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
