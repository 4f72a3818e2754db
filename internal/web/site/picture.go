package site

import (
	"net/url"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// picture is the URL of a small picture of what a record describes; empty if there is none that may be shown. A picture comes from
// where its record says, so whoever runs that host learns who reads about it here: only hosts that the operator names are
// asked, and the browser is told to ask no others (see [web.Protect]).
func (s *site) picture(dc *dublincore.Record) string {
	for i := range dc.Values {
		v := &dc.Values[i]
		if v.Term != dublincore.Thumbnail {
			continue
		}
		u, err := url.Parse(link(v.Text))
		if err == nil && u.Scheme == "https" && slices.ContainsFunc(s.Frame.Look.Pictures, func(host string) bool { return strings.EqualFold(u.Host, host) }) {
			return u.String()
		}
	}
	return ""
}
