package events

import _ "embed"

//go:embed record-event.v1.schema.json
var schema []byte

//go:embed asyncapi.yaml
var asyncAPI []byte

// Schema is the JSON Schema (2020-12) of an event of a record. The caller must not change it.
func Schema() []byte { return schema }

// AsyncAPI is the description of streams, subjects and messages, an AsyncAPI 3.1 document in YAML; it
// refers to Schema by the name record-event.v1.schema.json. The caller must not change it.
func AsyncAPI() []byte { return asyncAPI }
