package control

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/sheaf-gateway/sheaf/internal/audit"
)

// The headers of a request that say who gives the command, and how, escaped as in a query.
const (
	whoHeader  = "Sheaf-Who"
	viaHeader  = "Sheaf-Via"
	fromHeader = "Sheaf-From"
)

// introduce says in a request who gives the command.
func (c *Client) introduce(r *http.Request) {
	r.Header.Set(whoHeader, url.QueryEscape(c.who))
	r.Header.Set(viaHeader, url.QueryEscape(c.via))
	r.Header.Set(fromHeader, url.QueryEscape(c.from))
}

func introduced(r *http.Request, header string) string {
	text, err := url.QueryUnescape(r.Header.Get(header))
	if err != nil {
		return ""
	}
	return text
}

// who is the person who gives a command: whom the command names, or else the user who gives it.
func who(r *http.Request) string {
	return cmp.Or(r.FormValue("who"), introduced(r, whoHeader), "unknown")
}

// byPages says that a command was given on the operators' pages.
func byPages(r *http.Request) bool { return introduced(r, viaHeader) == audit.ByPages }

// note writes down what a person has done. It is done by then: if it can't be written down, the whole entry is logged.
func (g *Gateway) note(r *http.Request, e audit.Entry) {
	if g.Audit == nil {
		return
	}
	e.Who, e.Via, e.From = who(r), cmp.Or(introduced(r, viaHeader), audit.ByCommand), introduced(r, fromHeader)
	if err := g.Audit.Note(e); err != nil {
		g.Logger.Error("what a person did is not in the audit log", "entry", e, "err", err)
	}
}
