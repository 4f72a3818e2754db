package oaipmh

import (
	"strings"
	"time"
)

// An Origin says where a record was harvested, and from where before that, by the guidelines for
// provenance. It is for records that came by OAI-PMH: others have no base URL and no datestamp.
type Origin struct {
	BaseURL    string
	Identifier string
	// Datestamp is what the origin gave, in its granularity.
	Datestamp string
	Namespace string // of the metadata that was harvested
	// Harvested is when this version was harvested.
	Harvested time.Time
	// Altered says that what is served is not the metadata that was harvested, byte for byte or in
	// meaning; it differs by format.
	Altered bool
	// Earlier is where the origin had harvested the record, if it said so.
	Earlier *Origin
}

// maxOrigins bounds a chain of origins.
const maxOrigins = 16

// AppendProvenance appends a provenance element for a record's about container, with the whole chain of
// origins: o outermost, the earlier ones nested inside. Of a chain that is longer than 16, or that has
// an origin which the schema refuses, the rest is left out; if o itself is refused, nothing is appended.
func AppendProvenance(dst []byte, o *Origin) []byte {
	var chain []*Origin
	for ; o != nil && len(chain) < maxOrigins && o.valid(); o = o.Earlier {
		chain = append(chain, o)
	}
	if len(chain) == 0 {
		return dst
	}
	dst = append(appendOpen(dst, "provenance", nsProvenance, nsProvenance+".xsd"), '>')
	for _, o := range chain {
		dst = append(dst, `<originDescription harvestDate="`...)
		dst = AppendDatestamp(dst, o.Harvested)
		if o.Altered {
			dst = append(dst, `" altered="true">`...)
		} else {
			dst = append(dst, `" altered="false">`...)
		}
		dst = appendText(dst, "baseURL", o.BaseURL)
		dst = appendText(dst, "identifier", o.Identifier)
		dst = appendText(dst, "datestamp", strings.TrimSpace(o.Datestamp))
		dst = appendText(dst, "metadataNamespace", o.Namespace)
	}
	for range chain {
		dst = append(dst, "</originDescription>"...)
	}
	return append(dst, "</provenance>"...)
}

// valid reports whether the schema takes o: identifiers from the wild can be anything.
func (o *Origin) valid() bool {
	_, _, err := ParseDatestamp(strings.TrimSpace(o.Datestamp))
	return err == nil && validURI(o.BaseURL) && validURI(o.Identifier) && (o.Namespace == "" || validURI(o.Namespace)) &&
		!o.Harvested.IsZero()
}
