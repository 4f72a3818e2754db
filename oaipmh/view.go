package oaipmh

import (
	"errors"
	"io"
	"net/http"
)

// A View is what a page for people shows.
type View struct{}

func writePage(w io.Writer, v *View) error { return errors.ErrUnsupported }

func (h *Handler) servePeople(w http.ResponseWriter, r *http.Request, raw string, o *Observation) {
	h.refuse(w, o, &httpError{status: http.StatusNotAcceptable})
}
