package config

import (
	"reflect"
	"slices"
	"time"
)

// Changed are the keys whose values differ between two configurations, in the order of the fields: sources.lyon.every. Where
// something is there in only one of them, such as a source, its own key stands for all below it. The contents of secrets
// count, those of other files do not.
func Changed(before, now *Config) []string {
	d := differing{}
	d.structure("", reflect.ValueOf(before).Elem(), reflect.ValueOf(now).Elem())
	return d.keys
}

type differing struct{ keys []string }

func (d *differing) structure(path string, a, b reflect.Value) {
	for _, f := range fieldsOf(a.Type()) {
		d.value(below(path, f.key), a.Field(f.index), b.Field(f.index))
	}
	if s, is := a.Addr().Interface().(*Source); is {
		d.settings(path, s, b.Addr().Interface().(*Source))
	}
}

// settings compares what the kinds of two sources have of their own. Another kind is told of by its key.
func (d *differing) settings(path string, a, b *Source) {
	if a.Settings != nil && b.Settings != nil && reflect.TypeOf(a.Settings) == reflect.TypeOf(b.Settings) {
		d.structure(path, reflect.ValueOf(a.Settings).Elem(), reflect.ValueOf(b.Settings).Elem())
	}
}

func (d *differing) value(key string, a, b reflect.Value) {
	switch {
	case a.Kind() == reflect.Map:
		for _, k := range slices.Concat(sortedKeys(a), sortedKeys(b)) {
			was, is := a.MapIndex(k), b.MapIndex(k)
			switch name := below(key, k.String()); {
			case was.IsValid() && is.IsValid():
				d.value(name, was, is)
			default:
				d.add(name)
			}
		}
	case a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil():
		if zone, is := a.Interface().(*time.Location); is { // what else is in it depends on when it was loaded
			if zone.String() != b.Interface().(*time.Location).String() {
				d.add(key)
			}
			return
		}
		d.value(key, a.Elem(), b.Elem())
	case a.Kind() == reflect.Struct && len(fieldsOf(a.Type())) > 0:
		d.structure(key, a, b)
	case !reflect.DeepEqual(a.Interface(), b.Interface()):
		d.add(key)
	}
}

func (d *differing) add(key string) {
	if !slices.Contains(d.keys, key) { // a map is walked twice
		d.keys = append(d.keys, key)
	}
}
