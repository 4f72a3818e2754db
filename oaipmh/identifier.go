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

// validURI reports whether s is certainly an xsd:anyURI: it becomes a URI when the characters that no URI can have
// are escaped (XML Schema part 2, section 3.2.17).
func validURI(s string) bool {
	if s == "" || !xmlscan.IsClean(s) || strings.TrimSpace(s) != s {
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
