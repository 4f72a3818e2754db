// Package changejson writes a change of a record as JSON. Each way out that hands changes on writes the same object: it is the
// data of an event on NATS, a line of the change feed and of a dump, and a line of sheaf export. A consumer can go from
// one to the other and read what comes with the same code.
package changejson

import (
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

//go:embed record-change.v1.schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of what an [Encoder] writes. The caller must not change it.
func Schema() []byte { return schema }

// What an operation is called.
const (
	Upserted = "upserted"
	Deleted  = "deleted"
)

// Operation is what happened to the record.
func Operation(ev *pipeline.Event) string {
	if ev.Deleted != pipeline.Live {
		return Deleted
	}
	return Upserted
}

// An Extent is how much is said of a change.
type Extent int

// The extents, each with what the one before it has.
const (
	Bare   Extent = iota // only what every change must have
	Linked               // sets and formats
	Whole                // the record; of one that is gone, its last title and date
)

// An Encoder writes changes. Several goroutines may use it at once.
type Encoder struct {
	base string // the gateway's URL without a slash at the end
}

// NewEncoder makes an encoder whose links lead to the gateway at this URL.
func NewEncoder(gatewayURL string) Encoder { return Encoder{strings.TrimRight(gatewayURL, "/")} }

// Append appends a change as a JSON object. It is valid whatever the record's strings hold, provided that its DC is JSON.
func (e *Encoder) Append(dst []byte, ev *pipeline.Event, x Extent) []byte {
	op := Operation(ev)
	dst = append(dst, `{"identifier":`...)
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
	if op == Deleted {
		dst = append(dst, `,"reason":`...)
		dst = wording.AppendJSON(dst, string(ev.Deleted))
	}
	dst = append(dst, `,"datestamp":"`...)
	dst = AppendTime(dst, ev.Datestamp)
	dst = append(dst, `","hash":"`...)
	dst = hex.AppendEncode(dst, ev.Fingerprint[:])
	dst = append(dst, '"')
	dst = e.appendLinks(dst, ev, op == Upserted && x < Whole)
	if x >= Linked {
		dst = appendSets(dst, ev.Sets)
		dst = appendFormats(dst, ev, op)
	}
	if x >= Whole {
		switch {
		case op == Upserted && len(ev.DC) > 0:
			dst = append(append(dst, `,"record":`...), ev.DC...)
		case op == Deleted && !ev.Deleted.Final():
			dst = appendLastKnown(dst, ev.DC)
		}
	}
	return append(dst, '}')
}

// apiRecordsPath is where a program gets a record as JSON (package internal/web/site).
const apiRecordsPath = "/api/v1" + pipeline.RecordsPath

// appendLinks appends where the record is. What has the record already needs no link to its JSON.
func (e *Encoder) appendLinks(dst []byte, ev *pipeline.Event, asJSON bool) []byte {
	dst = append(dst, `,"links":{"oai":`...)
	dst = e.AppendOAI(dst, ev.Identifier)
	dst = append(dst, `,"page":`...)
	dst = e.AppendURL(dst, pipeline.RecordsPath, ev.Source, localPart(ev.Identifier))
	if asJSON {
		dst = e.AppendURL(append(dst, `,"json":`...), apiRecordsPath, ev.Source, localPart(ev.Identifier))
	}
	return append(dst, '}')
}

// AppendOAI appends where a record is had as oai_dc, as a JSON string.
func (e *Encoder) AppendOAI(dst []byte, identifier string) []byte {
	dst = append(dst, '"')
	mark := len(dst)
	dst = append(dst, e.base...)
	dst = append(dst, "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier="...)
	dst = AppendEscaped(dst, identifier, false)
	dst = EscapeFrom(dst, mark)
	return append(dst, '"')
}

// AppendURL appends a URL of the gateway as a JSON string. The path is that of the record's page (pipeline.LocalPath).
func (e *Encoder) AppendURL(dst []byte, path, source, local string) []byte {
	dst = append(dst, '"')
	mark := len(dst)
	dst = append(dst, e.base...)
	dst = append(dst, path...)
	dst = AppendEscaped(dst, source, true)
	if local != "" {
		dst = append(append(dst, '/'), pipeline.LocalPath(local)...)
	}
	dst = EscapeFrom(dst, mark)
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
	if op == Upserted {
		dst = append(dst, `"oai_dc"`...)
		if p := ev.Origin.Format.Prefix; p != "" && p != "oai_dc" {
			dst = wording.AppendJSON(append(dst, ','), p)
		}
	}
	return append(dst, ']')
}

// A record larger than this is not looked into for its last-known title.
const maxLook = 1 << 20

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

// maxTitle bounds a title of a record that is gone, in bytes: nobody reads a longer one.
const maxTitle = 300

// localPart is what follows "oai:<namespace>:<source>/".
func localPart(identifier string) string {
	_, local, ok := strings.Cut(identifier, "/")
	if !ok {
		return identifier
	}
	return local
}

// AppendTime appends a datestamp.
func AppendTime(dst []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(dst, time.RFC3339) // in whole seconds; this layout has a quick way of its own
}
