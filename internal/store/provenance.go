package store

import (
	"bytes"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What stands around the origins in a provenance element is the same for all records, so a record keeps
// only what is in between, as it is for metadata that was altered.
var provenanceOpen, provenanceClose = func() (open, end []byte) {
	b := oaipmh.AppendProvenance(make([]byte, 0, 1<<10), &oaipmh.Origin{
		BaseURL: "http://a.example/", Identifier: "oai:a.example:1", Datestamp: "2000-01-01", Harvested: time.Unix(0, 0),
	})
	return bytes.Clone(b[:bytes.Index(b, []byte(originTag))]), bytes.Clone(b[bytes.LastIndex(b, []byte("</provenance>")):])
}()

const originTag = "<originDescription"

// originsOf is what a record keeps of its provenance: our origin outermost, the earlier ones inside;
// empty for what did not come by OAI-PMH, or if the protocol's schema would refuse it.
func originsOf(o *pipeline.Origin) string {
	if o.BaseURL == "" {
		return ""
	}
	room := scratch.Get().(*[]byte)
	defer scratch.Put(room)
	b := oaipmh.AppendProvenance((*room)[:0], &oaipmh.Origin{
		BaseURL: o.BaseURL, Identifier: o.Identifier, Datestamp: o.Datestamp, Namespace: o.Format.Namespace,
		Harvested: o.Harvested, Altered: true, Earlier: oaipmh.ParseProvenance(o.Provenance),
	})
	if cap(b) <= maxScratch {
		*room = b[:0]
	}
	b, _ = bytes.CutPrefix(b, provenanceOpen)
	return string(bytes.TrimSuffix(b, provenanceClose))
}

// AppendProvenance appends the element for a record that keeps these origins.
func AppendProvenance(dst, origins []byte, altered bool) []byte {
	dst = append(dst, provenanceOpen...)
	if before, after, ok := bytes.Cut(origins, []byte(`altered="true"`)); ok && !altered {
		dst = append(append(append(dst, before...), `altered="false"`...), after...)
	} else {
		dst = append(dst, origins...)
	}
	return append(dst, provenanceClose...)
}
