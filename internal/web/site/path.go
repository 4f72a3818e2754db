package site

import (
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

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
	return "/records/" + url.PathEscape(source) + "/" + pipeline.LocalPath(local)
}

// identifier is the identifier of the record at a path.
func identifier(namespace, source, local string) string {
	return "oai:" + namespace + ":" + source + "/" + pipeline.LocalOf(local)
}
