package crosswalk

import (
	"regexp"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// normalURL checks a web address. It leaves it as it is, because only the server knows what its addresses mean, and mends only
// what no server means: an ampersand that was escaped once more, and a DOI or a handle that has its scheme or another resolver behind its resolver.
func normalURL(s string) normal {
	text := s
	for strings.Contains(text, "&amp;") {
		text = strings.ReplaceAll(text, "&amp;", "&")
	}
	if resolvedTwice.MatchString(text) {
		if id, ok := dublincore.ParseIdentifier(text); ok && (id.Kind == dublincore.DOI || id.Kind == dublincore.Handle) {
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

// resolvedTwice matches https://doi.org/https://doi.org/10.…, https://doi.org/doi:10.… and https://hdl.handle.net/hdl:….
var resolvedTwice = regexp.MustCompile(`(?i)^https?://(?:(?:dx\.|www\.)?doi\.org/|hdl\.handle\.net/)(?:https?:/|(?:dx\.|www\.)?doi\.org/|hdl\.handle\.net/|doi:|hdl:)`)

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

// link matches a text that is one link in HTML, which may be escaped once more.
var link = regexp.MustCompile(`(?is)^\s*(?:<|&lt;)a\s[^<]*?href\s*=\s*(?:"|\x27|&quot;)([^"\x27&<]+)(?:"|\x27|&quot;).*(?:<|&lt;)/a\s*(?:>|&gt;)[\s.]*$`)

func hrefs(_ *run, in []item) []item {
	for i := range in {
		if !strings.Contains(in[i].text, "href") || len(in[i].text) > maxPattern {
			continue
		}
		if found := link.FindStringSubmatch(in[i].text); found != nil {
			in[i].original, in[i].text = strings.TrimSpace(in[i].text), found[1]
		}
	}
	return in
}
