package site

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// recordPath returns the path of a record's page; empty if the identifier is not of this namespace.
func recordPath(namespace, identifier string) string {
	path := pipeline.RecordPath(identifier)
	if path == "" || !strings.HasPrefix(identifier, "oai:"+namespace+":") {
		return ""
	}
	return pipeline.RecordsPath + path
}

// identifier returns the identifier of the record at a path.
func identifier(namespace, source, local string) string {
	return "oai:" + namespace + ":" + source + "/" + pipeline.LocalOf(local)
}
