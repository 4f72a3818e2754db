package oaipmh

import "strings"

// inPrefixAlphabet marks the bytes that a metadataPrefix and the parts of a setSpec may have. The schema's pattern
// allows what RFC 2396 calls "unreserved".
var inPrefixAlphabet = alphabet("-_.!~*'()")

// alphabet marks the ASCII letters and digits, and the bytes of more.
func alphabet(more string) (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for i := range len(more) {
		t[more[i]] = true
	}
	return t
}

func allIn(s string, t *[256]bool) bool {
	for i := range len(s) {
		if !t[s[i]] {
			return false
		}
	}
	return s != ""
}

// ValidPrefix reports whether s is a legal metadataPrefix (section 3.4).
func ValidPrefix(s string) bool { return allIn(s, &inPrefixAlphabet) }

// ValidSetSpec reports whether s is a legal setSpec: parts of letters, digits and -_.!~*'(),
// separated by colons (section 2.6).
func ValidSetSpec(s string) bool {
	for {
		part, rest, more := strings.Cut(s, ":")
		if !allIn(part, &inPrefixAlphabet) {
			return false
		}
		if !more {
			return true
		}
		s = rest
	}
}

// SetAncestors returns the sets above a set, from the top: "a" and "a:b" for "a:b:c".
func SetAncestors(spec string) []string {
	var above []string
	for i := range len(spec) {
		if spec[i] == ':' {
			above = append(above, spec[:i])
		}
	}
	return above
}

// InSet reports whether a record in the set spec is also in set, because the two are the same or set is above spec.
func InSet(spec, set string) bool {
	return strings.HasPrefix(spec, set) && (len(spec) == len(set) || spec[len(set)] == ':')
}
