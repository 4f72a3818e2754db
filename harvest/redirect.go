package harvest

import (
	"net/http"
	"net/url"
)

// redirected returns where a redirect leads, and the form to post there if there is one; nil if resp is not a redirect.
//
// The question survives. A query that the new address lacks is carried over, because servers that move from http to
// https often drop it. A form is posted again; after 303 it becomes the query. A redirect from https to http is
// refused.
func redirected(from *url.URL, form url.Values, resp *Response) (*url.URL, url.Values, error) {
	switch resp.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil, nil
	}
	location := resp.Header.Get("Location")
	to, err := from.Parse(location)
	if location == "" || err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil, nil, &Error{Kind: Protocol, URL: shown(from), Status: resp.Status, Detail: "redirected to nowhere"}
	}
	if from.Scheme == "https" && to.Scheme == "http" {
		return nil, nil, &Error{Kind: Protocol, URL: shown(from), Status: resp.Status, Detail: "redirected from https to http"}
	}
	if to.RawQuery == "" {
		to.RawQuery = from.RawQuery
	}
	if form != nil && resp.Status == http.StatusSeeOther {
		query := to.Query()
		for name, values := range form {
			query[name] = values
		}
		to.RawQuery, form = query.Encode(), nil
	}
	return to, form, nil
}
