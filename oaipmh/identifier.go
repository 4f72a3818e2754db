package oaipmh

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

var (
	inDomainPart = alphabet("-")
	inLocalPart  = alphabet("-_.!~*'();/?:@&=+$,%")
	// inURI is what can stand in a URI as it is (RFC 3986), and the percent sign.
	inURI = alphabet("-_.!~*'();/?:@&=+$,%#")
	// Of these, what nearly all have.
	inPlainScheme, inPlainHost, inPlainPath = alphabet(""), alphabet("-."), alphabet("-_.~/:")
)

// CheckRepositoryIdentifier says what is wrong with the domain part of identifiers. The domain must look like a
// domain name with at least one dot, and each label must begin with a letter (guidelines for oai-identifier, section
// 2.1). So "localhost" is refused, and so is an IP address.
func CheckRepositoryIdentifier(domain string) error {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return fmt.Errorf("%q has no dot: oai-identifier wants a domain name, such as archive.example.org", domain)
	}
	for _, l := range labels {
		if !allIn(l, &inDomainPart) || l[0] == '-' || '0' <= l[0] && l[0] <= '9' {
			return fmt.Errorf("%q: each part of the domain must begin with a letter and go on with letters, digits and hyphens (not %q)", domain, l)
		}
	}
	return nil
}

// CheckIdentifier says what is wrong with an identifier of the form oai:domain:local (guidelines for
// oai-identifier, section 2).
func CheckIdentifier(id string) error {
	rest, ok := strings.CutPrefix(id, "oai:")
	if !ok {
		return fmt.Errorf("%q does not begin with the scheme oai", id)
	}
	domain, local, ok := strings.Cut(rest, ":")
	if !ok || local == "" {
		return fmt.Errorf("%q has no local part after the domain %s", id, domain)
	}
	if err := CheckRepositoryIdentifier(domain); err != nil {
		return err
	}
	if !allIn(local, &inLocalPart) {
		return fmt.Errorf("%q: the local part may have letters, digits and -_.!~*'();/?:@&=+$,%% only; escape others with %%", id)
	}
	return nil
}

// asURI is an identifier as it may stand where the schema wants a URI: a percent sign that begins no escape, and a second
// number sign, are escaped. Repositories make identifiers such as oai:x.org:100%.
func asURI(id string) string {
	var b []byte // nil while nothing is escaped
	fragment := false
	for i := range len(id) {
		c := id[i]
		bad := c == '%' && (i+2 >= len(id) || !isHex(id[i+1]) || !isHex(id[i+2])) || c == '#' && fragment
		fragment = fragment || c == '#'
		if bad && b == nil {
			b = append(b, id[:i]...)
		}
		switch {
		case bad:
			b = fmt.Appendf(b, "%%%02X", c)
		case b != nil:
			b = append(b, c)
		}
	}
	if b == nil {
		return id
	}
	return string(b)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// ValidURI reports whether s is certainly an xsd:anyURI: it becomes a URI when the characters that no URI can have
// are escaped (XML Schema part 2, section 3.2.17).
func ValidURI(s string) bool { return plainURI(s) || parsesAsURI(s) }

// plainURI reports whether s has the form of nearly all identifiers and base URLs: a scheme, perhaps a host, and a
// path with nothing in it that is escaped or means something. They are looked at for each record of a harvest.
func plainURI(s string) bool {
	scheme, rest, _ := strings.Cut(s, ":")
	if rest == "" || !allIn(scheme, &inPlainScheme) || '0' <= scheme[0] && scheme[0] <= '9' {
		return false
	}
	if behind, ok := strings.CutPrefix(rest, "//"); ok {
		server, path, _ := strings.Cut(behind, "/")
		host, port, named := strings.Cut(server, ":")
		return allIn(host, &inPlainHost) && (!named || port != "" && strings.Trim(port, "0123456789") == "") && allIn(path, &inPlainPath)
	}
	return rest[0] != '/' && allIn(rest, &inPlainPath)
}

func parsesAsURI(s string) bool {
	if s == "" || asURI(s) != s || !xmlscan.IsClean(s) || strings.TrimSpace(s) != s {
		return false
	}
	escaped := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		if inURI[s[i]] {
			escaped = append(escaped, s[i])
		} else {
			escaped = fmt.Appendf(escaped, "%%%02X", s[i])
		}
	}
	_, err := url.Parse(string(escaped))
	return err == nil && bytes.Count(escaped, []byte("#")) <= 1
}
