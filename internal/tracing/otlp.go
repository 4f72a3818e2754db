package tracing

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers of fields are those of opentelemetry/proto/trace/v1/trace.proto, of which the messages are named here.

// encode writes an ExportTraceServiceRequest.
func (t *Tracer) encode(batch []*span) []byte {
	scope := message(nil, 1, func(b []byte) []byte { return str(str(b, 1, "sheaf"), 2, t.options.Version) }) // InstrumentationScope
	for _, s := range batch {
		scope = message(scope, 2, s.encode)
	}
	return message(nil, 1, func(b []byte) []byte { // ResourceSpans
		b = message(b, 1, func(b []byte) []byte { // Resource
			for _, a := range []attribute{text("service.name", "sheaf"), text("service.version", t.options.Version), text("service.instance.id", t.options.Instance)} {
				b = message(b, 1, a.encode)
			}
			return b
		})
		return raw(b, 2, scope) // ScopeSpans
	})
}

// encode writes a Span.
func (s *span) encode(b []byte) []byte {
	b = raw(raw(b, 1, s.trace[:]), 2, s.span[:])
	if s.parent != [8]byte{} {
		b = raw(b, 4, s.parent[:])
	}
	b = str(b, 5, s.name)
	b = integer(b, 6, s.kind)
	b = moment(moment(b, 7, s.began), 8, s.ended)
	for _, a := range s.attributes {
		b = message(b, 9, a.encode)
	}
	for _, l := range s.links {
		b = message(b, 13, func(b []byte) []byte { return raw(raw(b, 1, l.trace[:]), 2, l.span[:]) })
	}
	if s.failed {
		b = message(b, 15, func(b []byte) []byte { return integer(b, 3, 2) }) // STATUS_CODE_ERROR
	}
	return b
}

// encode writes a KeyValue.
func (a attribute) encode(b []byte) []byte {
	return message(str(b, 1, a.key), 2, func(b []byte) []byte { // AnyValue
		if a.numeric {
			return integer(b, 3, uint64(a.number))
		}
		return str(b, 1, a.text)
	})
}

// rejected is how many spans an ExportTraceServiceResponse says were not taken.
func rejected(answer []byte) (n int64) {
	fields(answer, func(field protowire.Number, value []byte, _ uint64) {
		if field == 1 { // ExportTracePartialSuccess
			fields(value, func(field protowire.Number, _ []byte, number uint64) {
				if field == 1 {
					n = max(0, int64(number))
				}
			})
		}
	})
	return n
}

// fields calls f for each field of a message that is a number or has bytes.
func fields(message []byte, f func(field protowire.Number, value []byte, number uint64)) {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return // some answer with JSON
		}
		message = message[n:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(message)
		default:
			n = protowire.ConsumeFieldValue(field, kind, message)
		}
		if n < 0 {
			return
		}
		message = message[n:]
		f(field, value, number)
	}
}

func raw(b []byte, field protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), value)
}

func str(b []byte, field protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), value)
}

func integer(b []byte, field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), value)
}

func moment(b []byte, field protowire.Number, t time.Time) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), uint64(t.UnixNano()))
}

// message appends a message within the one that b holds.
func message(b []byte, field protowire.Number, write func([]byte) []byte) []byte {
	return raw(b, field, write(nil))
}
