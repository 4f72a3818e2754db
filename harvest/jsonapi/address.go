package jsonapi

import (
	"net/url"
	"strconv"
	"strings"
)

// address is the URL of the page at a place.
func (s *Source) address(c *cursor) string {
	p := &s.config.Page
	if c.Next != "" && p.Cursor == "" {
		return c.Next
	}
	u := *s.from
	if c.Since != "" {
		setParameter(&u, s.config.Since.Param, s.sinceValue(c.Since))
	}
	switch {
	case p.Cursor != "" && c.Next != "":
		setParameter(&u, p.Param, c.Next)
	case p.Cursor != "" && p.First != "":
		setParameter(&u, p.Param, p.First)
	case p.Number != "":
		setParameter(&u, p.Number, strconv.Itoa(s.first+c.Pages))
	case p.Offset != "":
		setParameter(&u, p.Offset, strconv.Itoa(s.first+c.Seen+c.Past))
	}
	return u.String()
}

// The query of a URL stays as the configuration writes it, in its order, except for the parameter that is set: servers
// are particular about brackets, colons and semicolons.

// parameter is the value of a parameter of a URL.
func parameter(u *url.URL, name string) (value string, ok bool) {
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		if n, v, _ := strings.Cut(part, "="); name != "" && unescaped(n) == name {
			return unescaped(v), true
		}
	}
	return "", false
}

// setParameter gives a parameter of a URL a value in place of those that it has.
func setParameter(u *url.URL, name, value string) {
	dropParameter(u, name)
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += url.QueryEscape(name) + "=" + url.QueryEscape(value)
}

// dropParameter takes a parameter off a URL.
func dropParameter(u *url.URL, name string) {
	var parts []string
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		if n, _, _ := strings.Cut(part, "="); part != "" && unescaped(n) != name {
			parts = append(parts, part)
		}
	}
	u.RawQuery = strings.Join(parts, "&")
}

func unescaped(text string) string {
	if out, err := url.QueryUnescape(text); err == nil {
		return out
	}
	return text
}
