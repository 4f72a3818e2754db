package tracing

import (
	"cmp"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// Answered traces a request of OAI-PMH that is answered just now. The id is that which the log and the answer name the request by.
//
// It begins a trace whatever the client says of its own: what strangers send must not decide what is traced.
func (t *Tracer) Answered(id string, o *oaipmh.Observation) {
	if !t.chosen() {
		return
	}
	now := time.Now()
	s := &span{place: begin(), name: "OAI-PMH " + cmp.Or(o.Verb, "request"), kind: server, began: now.Add(-o.Duration), ended: now, failed: o.Status >= 500,
		attributes: []attribute{
			text("http.route", "/oai"), number("http.response.status_code", int64(o.Status)), text("sheaf.request", id),
			number("sheaf.oai.records", int64(o.Records)), number("sheaf.oai.bytes", o.Bytes), number("sheaf.oai.cached", flag(o.Cached)),
		}}
	if o.Prefix != "" {
		s.attributes = append(s.attributes, text("sheaf.oai.prefix", o.Prefix))
	}
	if len(o.Codes) > 0 {
		s.attributes = append(s.attributes, text("sheaf.oai.error", o.Codes[0]))
	}
	t.send(s)
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
