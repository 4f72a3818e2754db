package oaipmh

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// maxOriginText bounds each text in a chain that a source sent, in bytes.
const maxOriginText = 4 << 10

// ParseProvenance reads the chain in a provenance element as it came, the nearest origin first: as much of it as can be
// read, and no more than is served. It is nil if there is none.
func ParseProvenance(element []byte) *Origin {
	if len(element) == 0 {
		return nil
	}
	first := &Origin{}
	last := first
	s := xmlscan.New(element, xmlscan.Limits{})
	for n := 0; n < maxOrigins; {
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
func readOrigin(s *xmlscan.Scanner) *Origin {
	o := &Origin{}
	date, _ := s.Attr("", "harvestDate")
	o.Harvested, _, _ = ParseDatestamp(strings.TrimSpace(string(date)))
	altered, _ := s.Attr("", "altered")
	o.Altered = string(altered) == "true" || string(altered) == "1"
	return o
}

// originField is where the text of an element goes; nil if it has no place.
func originField(o *Origin, element string) *string {
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
