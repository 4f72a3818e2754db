package crosswalk

import (
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/webpage"
)

// linkKeys are the properties of schema.org whose texts are addresses, and may be relative to the page.
var linkKeys = []string{"@id", "contentUrl", "downloadUrl", "embedUrl", "image", "license", "mainEntityOfPage", "sameAs", "thumbnail", "thumbnailUrl", "url"}

// onPage makes whole URLs of the relative ones in a thing. A thing that says nowhere where it is, is where the page is.
func onPage(thing map[string]any, p *webpage.Page) map[string]any {
	out, _ := resolvedLinks("", thing, p).(map[string]any)
	if p.Address != "" && textAt(out, "url") == "" && textAt(out, "@id") == "" && out["mainEntityOfPage"] == nil {
		out["url"] = p.Address
	}
	return out
}

func resolvedLinks(key string, v any, p *webpage.Page) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = resolvedLinks(key, v[i], p)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = resolvedLinks(k, x, p)
		}
		return out
	case string:
		if slices.Contains(linkKeys, key) && isRelative(key, v) {
			if whole := p.Resolve(v); whole != "" {
				return whole
			}
		}
	}
	return v
}

// isRelative reports whether a text is an address that is relative to a page. What only may be one ("CC BY" as a license, a
// name within the document as @id) stays as it is.
func isRelative(key, text string) bool {
	for _, begin := range []string{"/", "./", "../", "?"} {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	isURL := key == "url" || strings.HasSuffix(key, "Url")
	return isURL && text != "" && !strings.ContainsAny(text, ": \t\n#")
}

// sameAddress reports whether two URLs are the same but for what servers don't tell apart.
func sameAddress(a, b string) bool { return a != "" && plainAddress(a) == plainAddress(b) }

func plainAddress(address string) string {
	address, _, _ = strings.Cut(address, "#")
	if rest, ok := strings.CutPrefix(address, "http://"); ok {
		address = "https://" + rest
	}
	return strings.TrimSuffix(address, "/")
}
