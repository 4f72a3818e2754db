package pipeline

import (
	"fmt"
	"strings"
)

// maxIdentifier bounds an identifier, in bytes.
const maxIdentifier = 1024

// Mint makes the OAI identifier of an item: oai:<namespace>:<source>/<local>. Bytes outside the
// alphabet of the oai-identifier scheme, and the percent sign itself, are percent-encoded, so that
// different items never share an identifier. The error says why an item can't have one.
func Mint(namespace, source, local string) (string, error) {
	b := make([]byte, 0, len(namespace)+len(source)+len(local)+16)
	b = append(b, "oai:"...)
	b = append(b, namespace...)
	b = append(b, ':')
	b = append(b, source...)
	b = append(b, '/')
	b = appendEncoded(b, local, '%', identifierByte)
	switch {
	case local == "":
		return "", fmt.Errorf("the item has no identifier")
	case len(b) > maxIdentifier:
		return "", fmt.Errorf("the identifier is %d bytes long, more than %d", len(b), maxIdentifier)
	}
	return string(b), nil
}

// SetSpec makes the set spec of a source's own set: <source>:<upstream spec>. The hierarchy is kept;
// bytes outside the setSpec alphabet, and the tilde itself, are written ~XX, and an empty part is a
// single tilde.
func SetSpec(source, upstream string) string {
	b := append([]byte(nil), source...)
	for part := range strings.SplitSeq(upstream, ":") {
		b = append(b, ':')
		if part == "" {
			b = append(b, '~')
			continue
		}
		b = appendEncoded(b, part, '~', setSpecByte)
	}
	return string(b)
}

func appendEncoded(dst []byte, s string, escape byte, plain func(byte) bool) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; c != escape && plain(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, escape, hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// identifierByte is the alphabet of the local part (oai-identifier guidelines, section 2).
func identifierByte(c byte) bool {
	return alphanumeric(c) || strings.IndexByte("-_.!~*'();/?:@&=+$,%", c) >= 0
}

// setSpecByte is the alphabet of one part of a setSpec (OAI-PMH.xsd, setSpecType).
func setSpecByte(c byte) bool {
	return alphanumeric(c) || strings.IndexByte("-_.!~*'()", c) >= 0
}

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
