package jsonapi

import (
	"bytes"
	"encoding/json"
)

// Canonical is an item by which versions of it are compared: the order of members, white space and what [Config.Ignore]
// names don't count. It is nil if the original is not JSON.
func (s *Source) Canonical(original []byte) []byte {
	var v any
	in := json.NewDecoder(bytes.NewReader(original))
	in.UseNumber()
	if in.Decode(&v) != nil {
		return nil
	}
	for _, p := range s.ignore {
		without(v, p)
	}
	out, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return out
}

// without takes what is at a path out of a value. A list on the way stands for each of its elements, unless one is named.
func without(v any, p path) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			without(element, p)
		}
	case map[string]any:
		s, inside := p[0], v[p[0].name]
		list, isList := inside.([]any)
		switch {
		case s.index >= 0 && (!isList || s.index >= len(list)):
		case len(p) == 1 && s.index >= 0:
			list[s.index] = nil
		case len(p) == 1:
			delete(v, s.name)
		case s.index >= 0:
			without(list[s.index], p[1:])
		default:
			without(inside, p[1:])
		}
	}
}
