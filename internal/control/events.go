package control

import (
	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// EventsInfo says how the event stream of a running gateway stands.
type EventsInfo struct {
	// Place is the last event that is known to be in the stream; zero if nothing is published yet.
	Place pipeline.Cursor `json:"place"`
	// Trouble says why events wait in the log; empty if they don't.
	Trouble string `json:"trouble,omitempty"`
	// Strays is how many messages of others were found in the stream since the gateway started.
	Strays uint64 `json:"strays,omitempty"`
	// Consumers are the durable consumers of the stream, in order of their names.
	Consumers []events.Consumer `json:"consumers,omitempty"`
}
