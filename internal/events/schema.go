package events

import (
	"embed"
	"io/fs"
)

//go:embed asyncapi.yaml *-event.v1.schema.json
var documents embed.FS

// Documents are what a consumer must know, as files: asyncapi.yaml, an AsyncAPI 3.1 document of the streams, subjects
// and messages, and beside it the JSON Schemas (2020-12) that it refers to, one for each family of events.
func Documents() fs.FS { return documents }

// Schema is the JSON Schema of the events of a family: record, source, harvest, consumer or snapshot.
func Schema(family string) ([]byte, error) {
	return documents.ReadFile(family + "-event.v1.schema.json")
}

// AsyncAPI is the description of streams, subjects and messages.
func AsyncAPI() ([]byte, error) { return documents.ReadFile("asyncapi.yaml") }
