package pipeline

import (
	"cmp"
	"net/url"
	"strings"
)

// RecordsPath is the path, below the gateway's public root, below which each record has its page.
const RecordsPath = "/records/"

// SourceIn is the name of the source in an identifier, which stays when the source is renamed; empty if no gateway mints
// such an identifier.
func SourceIn(identifier string) string {
	rest, minted := strings.CutPrefix(identifier, "oai:")
	_, record, named := strings.Cut(rest, ":")
	source, _, whole := strings.Cut(record, "/")
	if !minted || !named || !whole {
		return ""
	}
	return source
}

// NameSource gives the event the name of its source that is in its identifier: a source that is renamed changes nothing of
// what consumers were told.
func (e *Event) NameSource() { e.Source = cmp.Or(SourceIn(e.Identifier), e.Source) }

// RecordPath is the path of a record below [RecordsPath], escaped: <source>/<local>. It is empty if no gateway mints
// such an identifier.
func RecordPath(identifier string) string {
	rest, minted := strings.CutPrefix(identifier, "oai:")
	_, record, named := strings.Cut(rest, ":")
	source, local, whole := strings.Cut(record, "/")
	if !minted || !named || !whole || source == "" || local == "" {
		return ""
	}
	return url.PathEscape(source) + "/" + LocalPath(local)
}

// RecordURL is the address of the page of a record at the gateway with this public root; empty if the gateway has no public
// root, or mints no such identifier.
func RecordURL(root, identifier string) string {
	path := RecordPath(identifier)
	if root == "" || path == "" {
		return ""
	}
	return root + RecordsPath + path
}

// LocalPath is the local part of an identifier as the end of a URL path, escaped, for every door that
// has a path for each record.
//
// The local part stands as it is wherever that is possible. On the way through browsers and proxies,
// empty and dotted segments are lost, and %2F may be refused. So where a slash or dots would not
// survive, they are written as they would stand in an identifier if they could not stand for
// themselves: %2F and %2E, percent-encoded once more as %252F and %252E. No identifier has these for
// anything else, since Mint encodes neither slashes nor dots.
func LocalPath(local string) string {
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

// LocalOf is the local part of the identifier to which a path belongs: the inverse of LocalPath, on
// the path as net/http gives it, unescaped once.
func LocalOf(path string) string { return localOf.Replace(path) }

var localOf = strings.NewReplacer("%2F", "/", "%2E", ".")
