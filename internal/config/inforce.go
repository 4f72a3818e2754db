package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Line is a key of a configuration with its value, as people may see them.
type Line struct{ Key, Value string }

// InForce are all keys of the configuration that have a value, defaults included, in the order of its fields. Nothing of
// it is secret: of a secret the name of its file is told, of an address neither user, password nor query, and of headers
// the names alone.
func (c *Config) InForce() (out []Line) {
	w := showing{}
	w.structure("", reflect.ValueOf(c).Elem())
	return w.lines
}

// hidden stands for what may be a secret.
const hidden = "(hidden)"

type showing struct{ lines []Line }

func (w *showing) structure(path string, v reflect.Value) {
	for _, f := range fieldsOf(v.Type()) {
		w.value(below(path, f.key), v.Field(f.index))
	}
	if s, is := v.Addr().Interface().(*Source); is && s.Settings != nil {
		w.structure(path, reflect.ValueOf(s.Settings).Elem())
	}
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (w *showing) value(key string, v reflect.Value) {
	if v.IsZero() {
		return
	}
	switch text, is := word(v); {
	case is:
		w.lines = append(w.lines, Line{key, shownText(text)})
	case v.Kind() == reflect.Pointer:
		w.value(key, v.Elem())
	case v.Kind() == reflect.Struct:
		w.structure(key, v)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			w.value(key, v.Index(i))
		}
	case v.Kind() == reflect.Map:
		for _, k := range sortedKeys(v) {
			if strings.HasSuffix(key, ".headers") {
				w.lines = append(w.lines, Line{below(key, k.String()), hidden})
				continue
			}
			w.value(below(key, k.String()), v.MapIndex(k))
		}
	default:
		w.lines = append(w.lines, Line{key, fmt.Sprint(v.Interface())})
	}
}

// word is the text of a value that is written as one.
func word(v reflect.Value) (text string, is bool) {
	switch d := v.Interface().(type) {
	case Secret:
		return fmt.Sprint(d), true
	case Mapping:
		return d.Name, true
	case interface{ String() string }:
		return fmt.Sprint(written(v)), true
	case string:
		return d, true
	}
	return "", false
}

// shownText is a text without what may be secret in it, if it is an address.
func shownText(text string) string {
	if strings.Contains(text, "://") {
		return harvest.Shown(text)
	}
	return text
}

func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
