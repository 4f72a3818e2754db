package crosswalk

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// normalURL checks a web address. It leaves it as it is, because only the server knows what its addresses mean, and mends only
// what no server means: an ampersand that was escaped once more, and a DOI with two resolvers before it.
func normalURL(s string) normal {
	text := s
	for strings.Contains(text, "&amp;") {
		text = strings.ReplaceAll(text, "&amp;", "&")
	}
	if strings.Count(text, "doi.org/") > 1 {
		if id, ok := dublincore.DOI.Parse(text); ok {
			text = id.URI
		}
	}
	switch {
	case !isWebURL(text):
		return normal{kind: dublincore.NotUnderstood}
	case text != s:
		return normal{text: text, scheme: "URI", kind: dublincore.Repaired, ok: true}
	}
	return normal{text: s, scheme: "URI", ok: true}
}

// urnResolvers lead to the pages of URN:NBN, by the countries that run them.
var urnResolvers = map[string]string{
	"de": "https://nbn-resolving.org/", "at": "https://nbn-resolving.org/", "ch": "https://nbn-resolving.org/",
	"fi": "https://urn.fi/", "se": "https://urn.kb.se/resolve?urn=", "no": "https://urn.nb.no/",
}

// normalPage makes the address of the page of an identifier that has a resolver.
func normalPage(s string) normal {
	id, ok := dublincore.ParseIdentifier(s)
	if !ok {
		return normal{kind: dublincore.NotUnderstood}
	}
	n := normal{text: id.URI, scheme: "URI", ok: true}
	switch id.Kind {
	case dublincore.DOI, dublincore.Handle, dublincore.ARK:
	case dublincore.URN:
		country, is := strings.CutPrefix(strings.ToLower(id.Value), "urn:nbn:")
		country, _, _ = strings.Cut(country, ":")
		resolver := urnResolvers[country]
		if !is || resolver == "" {
			return normal{kind: dublincore.NotUnderstood}
		}
		n.text = resolver + id.URI
	default:
		return normal{kind: dublincore.NotUnderstood}
	}
	if n.text != s {
		n.kind = dublincore.Normalized
	}
	return n
}

// eachIdentifier parts several identifiers that stand in one element, at semicolons, commas or line breaks. Only if each part
// is an identifier, are they several.
func eachIdentifier(_ *run, in []item) []item {
	var out []item
	for i, it := range in {
		if !strings.ContainsAny(it.text, ";,\n") {
			if out != nil {
				out = append(out, it)
			}
			continue
		}
		parts := strings.FieldsFunc(it.text, func(r rune) bool { return r == ';' || r == ',' || r == '\n' })
		if len(parts) < 2 || !allIdentifiers(parts) {
			if out != nil {
				out = append(out, it)
			}
			continue
		}
		if out == nil {
			out = append(out, in[:i]...)
		}
		for _, part := range parts {
			one := it
			one.text = strings.TrimSpace(part)
			out = append(out, one)
			it.changes = nil // noted once
		}
	}
	if out == nil {
		return in
	}
	return out[:min(len(out), maxValues)]
}

func allIdentifiers(parts []string) bool {
	for _, part := range parts {
		if _, ok := dublincore.ParseIdentifier(part); !ok {
			return false
		}
	}
	return true
}
