package events

import (
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The content of a record up to this size, in bytes of JSON, is part of its event. Beyond it the event
// has only a link.
const maxRecord = 64 << 10

// An encoder writes events as CloudEvents 1.0.2 in structured JSON.
type encoder struct {
	names   names
	change  changejson.Encoder
	pointer func(source string) bool
	again   string // what stands behind the id of an event that is sent again on request; see refresh.go
}

func newEncoder(n names, gatewayURL string, pointer func(string) bool) encoder {
	if pointer == nil {
		pointer = func(string) bool { return false }
	}
	return encoder{names: n, change: changejson.NewEncoder(gatewayURL), pointer: pointer}
}

// appendEvent appends the event; it is valid JSON whatever the record's strings hold, provided that
// its DC is JSON. If it would be longer than limit bytes, it names the record and links to it, and
// leaves out the rest.
func (e *encoder) appendEvent(dst []byte, ev *pipeline.Event, limit int) []byte {
	start := len(dst)
	told := changejson.Whole
	if e.pointer(ev.Source) || changejson.Operation(ev) == opUpserted && len(ev.DC) > maxRecord {
		told = changejson.Linked
	}
	dst = e.appendFull(dst, ev, told)
	if len(dst)-start > limit {
		dst = e.appendFull(dst[:start], ev, changejson.Bare)
	}
	return dst
}

func (e *encoder) appendFull(dst []byte, ev *pipeline.Event, told changejson.Extent) []byte {
	op := changejson.Operation(ev)
	dst = append(dst, `{"specversion":"1.0","id":"`...)
	mark := len(dst)
	dst = appendID(dst, ev)
	dst = changejson.EscapeFrom(dst, mark)
	dst = append(dst, e.again...)
	dst = append(dst, `","source":`...)
	dst = e.change.AppendURL(dst, "/sources/", ev.Source, "")
	dst = append(dst, `,"type":"sheaf.record.`...)
	if e.again != "" {
		dst = append(dst, opRefreshed...)
	} else {
		dst = append(dst, op...)
	}
	dst = append(dst, `.v1","subject":`...)
	dst = wording.AppendJSON(dst, ev.Identifier)
	dst = append(dst, `,"time":"`...)
	dst = changejson.AppendTime(dst, ev.Datestamp)
	dst = append(dst, `","datacontenttype":"application/json","sequence":"`...)
	dst = appendPadded(dst, ev.Seq)
	dst = append(dst, '"')
	if op == opUpserted && (told != changejson.Whole || len(ev.DC) == 0) {
		dst = append(dst, `,"dataref":`...)
		dst = e.change.AppendOAI(dst, ev.Identifier)
	}
	dst = e.change.Append(append(dst, `,"data":`...), ev, told)
	return append(dst, '}')
}

// appendPadded appends n with zeros in front, 20 digits in all, so that it sorts as text.
func appendPadded(dst []byte, n int64) []byte {
	const zeros = "00000000000000000000"
	var b [20]byte
	digits := strconv.AppendInt(b[:0], n, 10)
	dst = append(dst, zeros[:20-len(digits)]...)
	return append(dst, digits...)
}
