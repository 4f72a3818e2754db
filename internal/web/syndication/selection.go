package syndication

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A selection is what of the log is asked for: the records of a source, or of a set, or all.
type selection struct{ source, set string }

func parseSelection(v url.Values) (q selection, err error) {
	q.source, q.set = v.Get("source"), v.Get("set")
	switch {
	case strings.Trim(q.source, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(q.source) > 64:
		return q, &refusal{http.StatusBadRequest, "source: the name of a source has letters a–z, digits and hyphens."}
	case q.set != "" && (len(q.set) > 1000 || !oaipmh.ValidSetSpec(q.set)):
		return q, &refusal{http.StatusBadRequest, "set: this is no setSpec; verb=ListSets of OAI-PMH lists those that there are."}
	case q.source != "" && q.set != "":
		return q, &refusal{http.StatusBadRequest, "source and set: give one of them. Sets of a source begin with its name."}
	}
	return q, nil
}

// values are the arguments of an address.
func (q selection) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"source": q.source, "set": q.set} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// page is the path of the page about it; empty for everything.
func (q selection) page() string {
	switch {
	case q.source != "":
		return "/sources/" + q.source
	case q.set != "":
		return "/sets/" + url.PathEscape(q.set)
	}
	return ""
}

// summary is what the selection is called.
func (d *Door) summary(q selection) string {
	switch {
	case q.source != "":
		title := web.Clean(d.Titles[q.source])
		if title == "" {
			title = q.source
		}
		return web.Clipped(d.Name+": "+title, maxTitle)
	case q.set != "":
		return web.Clipped(d.Name+": "+q.set, maxTitle)
	}
	return web.Clipped(d.Name, maxTitle)
}
