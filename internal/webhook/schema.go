package webhook

import _ "embed"

//go:embed webhook-event.v1.schema.json
var schema []byte

// SchemaName is the name under which the schema is served.
const SchemaName = "webhook-event.v1.schema.json"

// Schema is the JSON Schema (2020-12) of what is sent beside changes. The caller must not change it.
func Schema() []byte { return schema }
