package changejson

import (
	"encoding/base64"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Extras are what a line can have beyond the change itself.
type Extras struct {
	OAIDC    bool // the oai_dc element
	Original bool // what the source sent, and where it came from
	Origin   bool // where it came from
	// Seen, if not 0, is the seq of the head that this line, and those behind it, were read under.
	Seen int64
}

// AppendLine appends a whole change, with these extras, and a newline. A record that is gone has only an origin, and not even
// that if a person took it away.
func (e *Encoder) AppendLine(dst []byte, ev *pipeline.Event, x Extras) []byte {
	dst = e.Append(dst, ev, Whole)
	dst = dst[:len(dst)-1]
	live := ev.Deleted == pipeline.Live
	if x.OAIDC && live {
		dst = wording.AppendJSON(append(dst, `,"oai_dc":`...), string(ev.OAIDC))
	}
	if x.Original && live {
		dst = appendOriginal(dst, &ev.Record)
	}
	if x.Original && live || x.Origin && !ev.Deleted.Final() && ev.Deleted != pipeline.LeftSet {
		dst = appendOrigin(dst, &ev.Origin)
	}
	if x.Seen != 0 {
		dst = append(strconv.AppendInt(append(dst, `,"seen":"`...), x.Seen, 10), '"')
	}
	return append(dst, '}', '\n')
}

func appendOriginal(dst []byte, r *pipeline.Record) []byte {
	dst = wording.AppendJSON(append(dst, `,"original":{"format":`...), r.Origin.Format.Prefix)
	dst = appendMember(dst, "namespace", r.Origin.Format.Namespace)
	dst = append(dst, `,"data":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, r.Original)
	return append(dst, '"', '}')
}

// appendOrigin appends what the provenance of a record says.
func appendOrigin(dst []byte, o *pipeline.Origin) []byte {
	dst = append(dst, `,"origin":{`...)
	dst = appendFacts(dst, &oaipmh.Origin{
		BaseURL: o.BaseURL, Identifier: o.Identifier, Datestamp: o.Datestamp, Namespace: o.Format.Namespace, Harvested: o.Harvested,
	})
	dst = appendMember(dst, "format", o.Format.Prefix)
	if earlier := oaipmh.ParseProvenance(o.Provenance); earlier != nil {
		dst = append(dst, `,"chain":[`...)
		for one := earlier; one != nil; one = one.Earlier {
			if one != earlier {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"altered":`...)
			if one.Altered {
				dst = append(dst, "true"...)
			} else {
				dst = append(dst, "false"...)
			}
			dst = append(appendFacts(append(dst, ','), one), '}')
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendFacts(dst []byte, o *oaipmh.Origin) []byte {
	dst = wording.AppendJSON(append(dst, `"identifier":`...), o.Identifier)
	dst = appendMember(dst, "baseURL", o.BaseURL)
	dst = appendMember(dst, "datestamp", o.Datestamp)
	dst = appendMember(dst, "namespace", o.Namespace)
	if !o.Harvested.IsZero() {
		dst = append(AppendTime(append(dst, `,"harvestDate":"`...), o.Harvested), '"')
	}
	return dst
}

// appendMember appends a further member of an object, unless it is empty.
func appendMember(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(append(append(dst, ',', '"'), name...), '"', ':')
	return wording.AppendJSON(dst, value)
}
