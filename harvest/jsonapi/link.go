package jsonapi

import (
	"net/http"
	"strings"
)

// nextLink is the target of the link with rel=next in a header Link (RFC 8288); empty if there is none.
func nextLink(h http.Header) string {
	for _, line := range h.Values("Link") {
		for line != "" {
			_, after, ok := strings.Cut(line, "<")
			if !ok {
				break
			}
			target, rest, ok := strings.Cut(after, ">")
			if !ok {
				break
			}
			var isNext bool
			if isNext, line = linkParameters(rest); isNext {
				return strings.TrimSpace(target)
			}
		}
	}
	return ""
}

// linkParameters reads the parameters of a link, up to the comma before the next link. Only the first rel counts.
func linkParameters(text string) (isNext bool, rest string) {
	seen := false
	for {
		text = strings.TrimLeft(text, " \t;")
		if text == "" || text[0] == ',' {
			return isNext, strings.TrimPrefix(text, ",")
		}
		end := strings.IndexAny(text, "=;,")
		if end < 0 {
			return isNext, ""
		}
		name := strings.TrimSpace(text[:end])
		if text[end] != '=' {
			text = text[end:]
			continue
		}
		var value string
		value, text = linkValue(strings.TrimLeft(text[end+1:], " \t"))
		if strings.EqualFold(name, "rel") && !seen {
			seen = true
			for _, rel := range strings.Fields(value) {
				isNext = isNext || strings.EqualFold(rel, "next")
			}
		}
	}
}

// linkValue reads the value of a parameter, which may be in quotes.
func linkValue(text string) (value, rest string) {
	if strings.HasPrefix(text, `"`) {
		n := quoted([]byte(text))
		if n < 0 {
			return text[1:], ""
		}
		return text[1 : n-1], text[n:]
	}
	end := strings.IndexAny(text, ";,")
	if end < 0 {
		return text, ""
	}
	return text[:end], text[end:]
}
