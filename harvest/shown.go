package harvest

import "net/url"

// Shown is an address as everybody may see it: without user, password, query and fragment, where keys stand. What
// is not a whole URL (the name of a file) is shown as it is. Whatever shows the address of a source shows this.
func Shown(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return shown(u)
}

// shown is Shown of an address that is read already; empty for none.
func shown(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
