package store

import (
	"bytes"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
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
	b := oaipmh.AppendProvenance(make([]byte, 0, 1<<10), &oaipmh.Origin{
		BaseURL: o.BaseURL, Identifier: o.Identifier, Datestamp: o.Datestamp, Namespace: o.Format.Namespace,
		Harvested: o.Harvested, Altered: true, Earlier: earlierOrigins(o.Provenance),
	})
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

// maxEarlier bounds the chain that is read from what a source sent, and maxOriginText each text in it, in bytes.
const (
	maxEarlier    = 16
	maxOriginText = 4 << 10
)

// earlierOrigins reads the chain in a provenance element as it came: as much of it as can be read.
func earlierOrigins(element []byte) *oaipmh.Origin {
	if len(element) == 0 {
		return nil
	}
	first := &oaipmh.Origin{}
	last := first
	s := xmlscan.New(element, xmlscan.Limits{})
	for n := 0; n <= maxEarlier; {
		kind, err := s.Next()
		if err != nil || kind == xmlscan.EOF {
			break
		}
		if kind != xmlscan.Start {
			continue
		}
		if string(s.Local()) == "originDescription" {
			last.Earlier = readOrigin(s)
			last = last.Earlier
			n++
		} else if field := originField(last, string(s.Local())); field != nil {
			text, err := s.AppendText(nil)
			if err != nil || len(text) > maxOriginText {
				break
			}
			*field = strings.TrimSpace(string(text))
		}
	}
	return first.Earlier
}

// readOrigin reads the attributes of an originDescription.
func readOrigin(s *xmlscan.Scanner) *oaipmh.Origin {
	o := &oaipmh.Origin{}
	date, _ := s.Attr("", "harvestDate")
	o.Harvested, _, _ = oaipmh.ParseDatestamp(strings.TrimSpace(string(date)))
	altered, _ := s.Attr("", "altered")
	o.Altered = string(altered) == "true" || string(altered) == "1"
	return o
}

// originField is where the text of an element goes; nil if it has no place.
func originField(o *oaipmh.Origin, element string) *string {
	switch element {
	case "baseURL":
		return &o.BaseURL
	case "identifier":
		return &o.Identifier
	case "datestamp":
		return &o.Datestamp
	case "metadataNamespace":
		return &o.Namespace
	}
	return nil
}
