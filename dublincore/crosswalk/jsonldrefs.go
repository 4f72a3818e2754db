package crosswalk

import "strings"

// Bounds of what is followed: how deep, and how many objects in all. A document may refer to itself.
const (
	maxReferences = 4
	maxFollowed   = 10_000
)

// resolved is a thing with what it refers to by @id in place of the references, as far as the document has it.
func resolved(t map[string]any, things []map[string]any) map[string]any {
	known := map[string]map[string]any{}
	for _, other := range things {
		if id, ok := other["@id"].(string); ok && len(other) > 1 && known[id] == nil {
			known[id] = other
		}
	}
	if len(known) == 0 {
		return t
	}
	f := follower{known, maxFollowed}
	out, _ := f.follow(t, maxReferences).(map[string]any)
	return out
}

// A follower puts things in the place of references, until it has made so many objects.
type follower struct {
	known map[string]map[string]any
	left  int
}

func (f *follower) follow(v any, depth int) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = f.follow(v[i], depth)
		}
		return out
	case map[string]any:
		if f.left--; f.left < 0 {
			return v
		}
		if id, ok := v["@id"].(string); ok && isReference(v) && f.known[id] != nil {
			if depth == 0 {
				return v
			}
			v, depth = f.known[id], depth-1
		}
		out := make(map[string]any, len(v))
		for key, x := range v {
			out[key] = x
			if key != "@id" && key != "@type" {
				out[key] = f.follow(x, depth)
			}
		}
		return out
	}
	return v
}

// isReference reports whether an object says nothing of what it names.
func isReference(v map[string]any) bool {
	for key := range v {
		if key != "@id" && key != "@type" {
			return false
		}
	}
	return true
}

// withoutRoles puts what has a role in the place of the role: schema.org writes
// "creator": {"@type": "Role", "creator": {…}}.
func withoutRoles(key string, v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutRoles(key, v[i])
		}
	case map[string]any:
		for _, kind := range typesOf(v) {
			if inner, ok := v[key]; ok && strings.HasSuffix(kind, "Role") {
				return withoutRoles(key, inner)
			}
		}
	}
	return v
}
