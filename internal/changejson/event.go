package changejson

import (
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// EventType is the media type of an event.
const EventType = "application/cloudevents+json"

// MaxRecord is how many bytes of JSON the content of a record may have to be part of its event. Beyond it the event has
// only a link.
const MaxRecord = 64 << 10

// An EventEncoder writes changes as CloudEvents 1.0.2 in structured JSON. Several goroutines may use it at once.
type EventEncoder struct {
	Encoder
	pointer func(source string) bool
	again   string // what stands behind the id of an event that is sent again on request
}

// NewEventEncoder makes an encoder whose links lead to the gateway at this URL. The events of sources for which pointer
// says so have a link in place of the record; nil for none.
func NewEventEncoder(gatewayURL string, pointer func(source string) bool) EventEncoder {
	if pointer == nil {
		pointer = func(string) bool { return false }
	}
	return EventEncoder{Encoder: NewEncoder(gatewayURL), pointer: pointer}
}

// Refreshed is an encoder of events that are sent again on request: they have a type of their own, and this behind
// their ids.
func (e EventEncoder) Refreshed(again string) EventEncoder {
	e.again = again
	return e
}

// AppendEvent appends the event; it is valid JSON whatever the record's strings hold, provided that
// its DC is JSON. If it would be longer than limit bytes, it names the record and links to it, and
// leaves out the rest.
func (e *EventEncoder) AppendEvent(dst []byte, ev *pipeline.Event, limit int) []byte {
	start := len(dst)
	told := Whole
	if e.pointer(ev.Source) || Operation(ev) == Upserted && len(ev.DC) > MaxRecord {
		told = Linked
	}
	dst = e.appendFull(dst, ev, told)
	if len(dst)-start > limit {
		dst = e.appendFull(dst[:start], ev, Bare)
	}
	return dst
}

func (e *EventEncoder) appendFull(dst []byte, ev *pipeline.Event, told Extent) []byte {
	op := Operation(ev)
	dst = append(dst, `{"specversion":"1.0","id":"`...)
	mark := len(dst)
	dst = AppendEventID(dst, ev)
	dst = EscapeFrom(dst, mark)
	dst = append(dst, e.again...)
	dst = append(dst, `","source":`...)
	dst = e.AppendURL(dst, "/sources/", ev.Source, "")
	dst = append(dst, `,"type":"sheaf.record.`...)
	if e.again != "" {
		dst = append(dst, "refreshed"...) // its operation is in the data
	} else {
		dst = append(dst, op...)
	}
	dst = append(dst, `.v1","subject":`...)
	dst = wording.AppendJSON(dst, ev.Identifier)
	dst = append(dst, `,"time":"`...)
	dst = AppendTime(dst, ev.Datestamp)
	dst = append(dst, `","datacontenttype":"application/json","sequence":"`...)
	dst = appendPadded(dst, ev.Seq)
	dst = append(dst, '"')
	if op == Upserted && (told != Whole || len(ev.DC) == 0) {
		dst = append(dst, `,"dataref":`...)
		dst = e.AppendOAI(dst, ev.Identifier)
	}
	dst = e.Append(append(dst, `,"data":`...), ev, told)
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

// AppendEventID appends the id of an event: "<identifier>@<epoch>.<seq>", printable ASCII without spaces,
// since it is a header too. Other bytes are percent-encoded; minted identifiers have none.
func AppendEventID(dst []byte, ev *pipeline.Event) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(ev.Identifier) {
		if b := ev.Identifier[i]; b > ' ' && b < 0x7f {
			dst = append(dst, b)
		} else {
			dst = append(dst, '%', hex[b>>4], hex[b&15])
		}
	}
	dst = strconv.AppendInt(append(dst, '@'), ev.Epoch, 10)
	return strconv.AppendInt(append(dst, '.'), ev.Seq, 10)
}
