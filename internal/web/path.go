package web

import (
	"net/url"
	"strings"
)

// A record's path is /records/<source>/<local>, with the local part of its identifier as it is
// wherever that is possible. On the way through browsers and proxies, empty and dotted segments are
// lost, and %2F may be refused. So where a slash or dots would not survive, they are written as they
// would stand in an identifier if they could not stand for themselves: %2F, %2E (percent-encoded once
// more, as %252F and %252E). No identifier has these for anything else, since minting encodes
// neither slashes nor dots.

// recordPath is the path of a record's page; empty if the identifier is not of this namespace.
func recordPath(namespace, identifier string) string {
	rest, ok := strings.CutPrefix(identifier, "oai:"+namespace+":")
	if !ok {
		return ""
	}
	source, local, ok := strings.Cut(rest, "/")
	if !ok || source == "" || local == "" {
		return ""
	}
	return "/records/" + url.PathEscape(source) + "/" + localPath(local)
}

func localPath(local string) string {
	segments := strings.Split(local, "/")
	if len(segments) == 1 && lost(local) {
		return strings.ReplaceAll(local, ".", "%252E")
	}
	var b strings.Builder
	joined := false // the last segment written has an encoded slash, so it is not lost
	for i, segment := range segments {
		switch last := i == len(segments)-1; {
		case i == 0:
		case !joined && lost(segments[i-1]) || last && lost(segment):
			b.WriteString("%252F")
			joined = true
		default:
			b.WriteByte('/')
			joined = false
		}
		b.WriteString(url.PathEscape(segment))
	}
	return b.String()
}

// lost says whether a segment does not survive in a path.
func lost(segment string) bool { return segment == "" || segment == "." || segment == ".." }

// identifier is the identifier of the record at a path.
func identifier(namespace, source, local string) string {
	return "oai:" + namespace + ":" + source + "/" + strings.NewReplacer("%2F", "/", "%2E", ".").Replace(local)
}
