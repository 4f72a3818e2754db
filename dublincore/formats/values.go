package formats

import (
	"iter"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// values are the values of the record under the term, in order, except those that are empty.
func values(rec *dublincore.Record, term dublincore.Term) iter.Seq[*dublincore.Value] {
	return func(yield func(*dublincore.Value) bool) {
		for i := range rec.Values {
			v := &rec.Values[i]
			if v.Term == term && xmlscan.Clean(v.Text) != "" && !yield(v) {
				return
			}
		}
	}
}

// each are the values under the terms, one term after the other.
func each(rec *dublincore.Record, terms ...dublincore.Term) iter.Seq[*dublincore.Value] {
	return func(yield func(*dublincore.Value) bool) {
		for _, term := range terms {
			for v := range values(rec, term) {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// has reports whether the record says anything under one of the terms.
func has(rec *dublincore.Record, terms ...dublincore.Term) bool {
	for i := range rec.Values {
		if v := &rec.Values[i]; slices.Contains(terms, v.Term) && xmlscan.Clean(v.Text) != "" {
			return true
		}
	}
	return false
}

// first is the first value under the term that says anything; nil if there is none.
func first(rec *dublincore.Record, term dublincore.Term) *dublincore.Value {
	for v := range values(rec, term) {
		return v
	}
	return nil
}

// webURL is the first URL under the term; empty if there is none.
func webURL(rec *dublincore.Record, term dublincore.Term) string {
	for v := range values(rec, term) {
		if isWebURL(v.Text) {
			return v.Text
		}
	}
	return ""
}

// isMediaType reports whether text has the form of an Internet media type: "image/jpeg".
func isMediaType(text string) bool {
	kind, sub, ok := strings.Cut(xmlscan.Clean(text), "/")
	switch kind {
	case "application", "audio", "chemical", "font", "image", "message", "model", "multipart", "text", "video":
	default:
		return false
	}
	return ok && sub != "" && !strings.ContainsAny(sub, " \t\r\n/,")
}

// onlyMediaType is the record's media type, if it has exactly one.
func onlyMediaType(rec *dublincore.Record) string {
	found := ""
	for v := range values(rec, dublincore.Format) {
		if isMediaType(v.Text) {
			if found != "" {
				return ""
			}
			found = v.Text
		}
	}
	return found
}

// rightsURI is the first canonical URI of rights under the terms that ok accepts; empty if there is none.
func rightsURI(rec *dublincore.Record, ok func(uri string) bool, terms ...dublincore.Term) string {
	for v := range each(rec, terms...) {
		if uri := canonicalRights(v); uri != "" && ok(uri) {
			return uri
		}
	}
	return ""
}

// maxRightsName bounds what may be the name of a licence, in bytes: terms of use go on for pages.
const maxRightsName = 200

// canonicalRights is the canonical URI of what the value says; empty if it has none. What the source wrote instead does
// not count, because a person may have corrected it.
func canonicalRights(v *dublincore.Value) string {
	if len(v.Text) > maxRightsName {
		return ""
	}
	n, _, ok := dublincore.NormalizeRights(v.Text)
	if !ok {
		return ""
	}
	return n.Text
}
