package events

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The content of a record up to this size, in bytes of JSON, is part of its event. Beyond it the event
// has only a link.
const maxRecord = 64 << 10

// A record larger than this is not looked into for its last-known title.
const maxLook = 1 << 20

// An encoder writes events as CloudEvents 1.0.2 in structured JSON.
type encoder struct {
	names   names
	base    string // the gateway's URL without a slash at the end
	pointer func(source string) bool
}

func newEncoder(n names, gatewayURL string, pointer func(string) bool) encoder {
	if pointer == nil {
		pointer = func(string) bool { return false }
	}
	return encoder{n, strings.TrimRight(gatewayURL, "/"), pointer}
}

// appendEvent appends the event; it is valid JSON whatever the record's strings hold, provided that
// its DC is JSON. If it would be longer than limit bytes, it names the record and links to it, and
// leaves out the rest.
func (e *encoder) appendEvent(dst []byte, ev *pipeline.Event, limit int) []byte {
	start := len(dst)
	dst = e.appendFull(dst, ev, detail)
	if len(dst)-start > limit {
		dst = e.appendFull(dst[:start], ev, bare)
	}
	return dst
}

// How much an event says.
type extent bool

const (
	detail extent = true
	bare   extent = false // only what every event must have
)

func (e *encoder) appendFull(dst []byte, ev *pipeline.Event, x extent) []byte {
	op := operation(ev)
	pointer := e.pointer(ev.Source)
	inline := x == detail && op == opUpserted && !pointer && len(ev.DC) > 0 && len(ev.DC) <= maxRecord
	local := localPart(ev.Identifier)

	dst = append(dst, `{"specversion":"1.0","id":"`...)
	mark := len(dst)
	dst = appendID(dst, ev)
	dst = escapeFrom(dst, mark)
	dst = append(dst, `","source":`...)
	dst = e.appendURL(dst, "/sources/", ev.Source, "")
	dst = append(dst, `,"type":"sheaf.record.`...)
	dst = append(dst, op...)
	dst = append(dst, `.v1","subject":`...)
	dst = wording.AppendJSON(dst, ev.Identifier)
	dst = append(dst, `,"time":"`...)
	dst = appendTime(dst, ev.Datestamp)
	dst = append(dst, `","datacontenttype":"application/json","sequence":"`...)
	dst = appendPadded(dst, ev.Seq)
	dst = append(dst, '"')
	if op == opUpserted && !inline {
		dst = append(dst, `,"dataref":`...)
		dst = e.appendOAI(dst, ev.Identifier)
	}
	dst = append(dst, `,"data":{"identifier":`...)
	dst = wording.AppendJSON(dst, ev.Identifier)
	dst = append(dst, `,"source":`...)
	dst = wording.AppendJSON(dst, ev.Source)
	dst = append(dst, `,"epoch":"`...)
	dst = strconv.AppendInt(dst, ev.Epoch, 10)
	dst = append(dst, `","seq":"`...)
	dst = strconv.AppendInt(dst, ev.Seq, 10)
	dst = append(dst, `","prev":"`...)
	dst = strconv.AppendInt(dst, ev.Prev, 10)
	dst = append(dst, `","version":`...)
	dst = strconv.AppendInt(dst, ev.Version, 10)
	dst = append(dst, `,"operation":"`...)
	dst = append(dst, op...)
	dst = append(dst, '"')
	if op == opDeleted {
		dst = append(dst, `,"reason":`...)
		dst = wording.AppendJSON(dst, string(ev.Deleted))
	}
	dst = append(dst, `,"datestamp":"`...)
	dst = appendTime(dst, ev.Datestamp)
	dst = append(dst, `","hash":"`...)
	dst = hex.AppendEncode(dst, ev.Fingerprint[:])
	dst = append(dst, '"')
	dst = e.appendLinks(dst, ev, local)
	if x == detail {
		dst = appendSets(dst, ev.Sets)
		dst = appendFormats(dst, ev, op)
		switch {
		case inline:
			dst = append(append(dst, `,"record":`...), ev.DC...)
		case op == opDeleted && !ev.Deleted.Final() && !pointer:
			dst = appendLastKnown(dst, ev.DC)
		}
	}
	return append(dst, '}', '}')
}

func (e *encoder) appendLinks(dst []byte, ev *pipeline.Event, local string) []byte {
	dst = append(dst, `,"links":{"oai":`...)
	dst = e.appendOAI(dst, ev.Identifier)
	dst = append(dst, `,"page":`...)
	dst = e.appendURL(dst, pipeline.RecordsPath, ev.Source, local)
	return append(dst, '}')
}

// appendOAI appends where a record is had as oai_dc, as a JSON string.
func (e *encoder) appendOAI(dst []byte, identifier string) []byte {
	dst = append(dst, '"')
	mark := len(dst)
	dst = append(dst, e.base...)
	dst = append(dst, "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier="...)
	dst = appendEscaped(dst, identifier, false)
	dst = escapeFrom(dst, mark)
	return append(dst, '"')
}

// appendURL appends a URL of the gateway as a JSON string. The path is that of the record's page (pipeline.LocalPath).
func (e *encoder) appendURL(dst []byte, path, source, local string) []byte {
	dst = append(dst, '"')
	mark := len(dst)
	dst = append(dst, e.base...)
	dst = append(dst, path...)
	dst = appendEscaped(dst, source, true)
	if local != "" {
		dst = append(append(dst, '/'), pipeline.LocalPath(local)...)
	}
	dst = escapeFrom(dst, mark)
	return append(dst, '"')
}

func appendSets(dst []byte, sets []string) []byte {
	dst = append(dst, `,"sets":[`...)
	for i, s := range sets {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = wording.AppendJSON(dst, s)
	}
	return append(dst, ']')
}

// appendFormats appends the formats that the record is kept in: oai_dc, and what the source sent. (It
// may be offered in more: those made when asked for are the endpoint's business.)
func appendFormats(dst []byte, ev *pipeline.Event, op string) []byte {
	dst = append(dst, `,"formats":[`...)
	if op == opUpserted {
		dst = append(dst, `"oai_dc"`...)
		if p := ev.Origin.Format.Prefix; p != "" && p != "oai_dc" {
			dst = wording.AppendJSON(append(dst, ','), p)
		}
	}
	return append(dst, ']')
}

// appendLastKnown appends title and date of a record that is gone, for people who read logs.
func appendLastKnown(dst, dc []byte) []byte {
	type values []struct{ Value string }
	var last struct{ Title, Issued, Created, Date values }
	if len(dc) == 0 || len(dc) > maxLook || json.Unmarshal(dc, &last) != nil {
		return dst
	}
	if len(last.Title) > 0 {
		dst = wording.AppendJSON(append(dst, `,"title":`...), wording.Shorten(last.Title[0].Value, maxTitle))
	}
	for _, v := range []values{last.Issued, last.Created, last.Date} {
		if len(v) > 0 {
			return wording.AppendJSON(append(dst, `,"date":`...), wording.Shorten(v[0].Value, maxTitle))
		}
	}
	return dst
}

// maxTitle bounds a title in an event, in bytes: nobody reads a longer one.
const maxTitle = 300

// localPart is what follows "oai:<namespace>:<source>/".
func localPart(identifier string) string {
	_, local, ok := strings.Cut(identifier, "/")
	if !ok {
		return identifier
	}
	return local
}

func appendTime(dst []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(dst, "2006-01-02T15:04:05Z")
}

// appendPadded appends n with zeros in front, 20 digits in all, so that it sorts as text.
func appendPadded(dst []byte, n int64) []byte {
	const zeros = "00000000000000000000"
	var b [20]byte
	digits := strconv.AppendInt(b[:0], n, 10)
	dst = append(dst, zeros[:20-len(digits)]...)
	return append(dst, digits...)
}
