package config

import (
	"reflect"
	"strings"
	"sync"
)

// tags is what the tags of a field say.
type tags struct {
	index    int
	key      string
	as       string
	min, max string
	enum     []string
	also     []string
	own      bool
	required bool
}

var (
	configType = reflect.TypeFor[Config]()
	sourceType = reflect.TypeFor[Source]()
)

var fieldCache sync.Map // reflect.Type to []tags

// fieldsOf are the keys of a struct, in order.
func fieldsOf(t reflect.Type) []tags {
	if known, ok := fieldCache.Load(t); ok {
		return known.([]tags)
	}
	var out []tags
	for f := range t.Fields() {
		key := f.Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		out = append(out, tags{
			index:    f.Index[0],
			key:      key,
			as:       f.Tag.Get("as"),
			min:      f.Tag.Get("min"),
			max:      f.Tag.Get("max"),
			enum:     words(f.Tag.Get("enum")),
			also:     words(f.Tag.Get("also")),
			own:      f.Tag.Get("own") == "true",
			required: f.Tag.Get("required") == "true",
		})
	}
	fieldCache.Store(t, out)
	return out
}

func words(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// fieldNamed finds a key of a struct.
func fieldNamed(t reflect.Type, key string) (tags, bool) {
	for _, f := range fieldsOf(t) {
		if f.key == key {
			return f, true
		}
	}
	return tags{}, false
}

func firstKey(t reflect.Type) string { return fieldsOf(t)[0].key + ":" }

// isSection reports whether a key may stand at the top of a file.
func isSection(key string) bool {
	_, ok := fieldNamed(configType, key)
	return ok
}
