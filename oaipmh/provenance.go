package oaipmh

import (
	"strings"
	"time"
)

// An Origin says where a record was harvested, and where it had come from before (guidelines for provenance). Only
// records that came by OAI-PMH have one, because others have no base URL and no datestamp.
type Origin struct {
	BaseURL    string
	Identifier string
	// Datestamp is the datestamp that the origin gave, as the origin wrote it.
	Datestamp string
	Namespace string // of the metadata that was harvested
	// Harvested is when this version was harvested.
	Harvested time.Time
	// Altered says that the metadata that is served is not the metadata that was harvested. A record may be altered
	// in one format and not in another.
	Altered bool
	// Earlier is where the origin had harvested the record, if it said so.
	Earlier *Origin
}

// maxOrigins bounds a chain of origins.
const maxOrigins = 16

// AppendProvenance appends a provenance element for a record's about container. It has the whole chain of origins,
// o outermost and the earlier ones nested inside. The chain ends after 16 origins, and before an origin that the
// schema refuses. An identifier that is no URI is escaped. If the schema refuses o itself, nothing is appended.
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
		dst = appendText(dst, "identifier", asURI(o.Identifier))
		dst = appendText(dst, "datestamp", strings.TrimSpace(o.Datestamp))
		dst = appendText(dst, "metadataNamespace", o.Namespace)
	}
	for range chain {
		dst = append(dst, "</originDescription>"...)
	}
	return append(dst, "</provenance>"...)
}

// valid reports whether the schema accepts o. It may not, because repositories use all kinds of identifiers.
func (o *Origin) valid() bool {
	_, _, err := ParseDatestamp(strings.TrimSpace(o.Datestamp))
	return err == nil && ValidURI(o.BaseURL) && ValidURI(asURI(o.Identifier)) && (o.Namespace == "" || ValidURI(o.Namespace)) &&
		!o.Harvested.IsZero()
}
