package listing

import (
	"net/url"
	"strings"
)

// resolve makes a link absolute, and returns the part of it that stays when the site moves to another host: the path,
// and the query without what belongs to a session. A link to another host than the site's own keeps its host. (The
// site's own host is not known if the page was saved.) Links that lead nowhere ("#", "javascript:") are not links.
func resolve(href string, base *url.URL, own string) (link, path string) {
	if href == "" || strings.HasPrefix(href, "#") {
		return "", ""
	}
	u, err := url.Parse(href)
	if err != nil {
		return "", ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" {
		return "", ""
	}
	u.Fragment, u.RawFragment, u.User = "", "", nil
	path = stablePath(u)
	if own != "" && !strings.EqualFold(u.Hostname(), own) && path != "" {
		path = strings.ToLower(u.Hostname()) + "/" + path
	}
	return u.String(), path
}

// stablePath returns the path without slashes at its ends, and the query in the order of its names.
func stablePath(u *url.URL) string {
	path := upperEscapes(u.EscapedPath())
	if i := strings.Index(strings.ToLower(path), ";jsessionid="); i >= 0 {
		path = path[:i]
	}
	path = strings.Trim(path, "/")
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return path + "?" + url.QueryEscape(u.RawQuery)
	}
	for name := range query {
		if lower := strings.ToLower(name); ofSession[lower] || strings.HasPrefix(lower, "utm_") {
			query.Del(name)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// ofSession has the names, in lower case, of parameters that say who asks instead of what is asked for.
var ofSession = map[string]bool{
	"phpsessid": true, "jsessionid": true, "sessionid": true, "session_id": true, "aspsessionid": true,
	"sid": true, "fbclid": true, "gclid": true, "msclkid": true,
}

// upperEscapes writes %c3 as %C3.
func upperEscapes(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	b := []byte(path)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToUpper(string(b[i+1:i+3])))
		}
	}
	return string(b)
}
