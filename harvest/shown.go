package harvest

import "net/url"

// Shown returns an address as everybody may see it: without user, password, query and fragment, because keys stand
// there. An address that is not a whole URL, such as the name of a file, is returned as it is. Everything that shows
// the address of a source to somebody must show this.
func Shown(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return shown(u)
}

// shown is [Shown] for an address that was parsed before; empty for nil.
func shown(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
