package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A Kind is what the configuration must know of a kind of source: which keys it has beside those of every source, and
// what they demand of each other. The kinds themselves are in another package, a file each.
type Kind struct {
	Name string
	// Settings points to a struct with the defaults of the keys, whose fields have the tags that those of [Source] have. A
	// source of the kind has a copy in its Settings.
	Settings any
	// Check finds what the keys of a source contradict. It may be nil.
	Check func(s *Source, r *Report)
	// Sends says that sources of the kind send by themselves: they have no place to be asked at, and are never due.
	Sends bool
	// Placeholders are the names in braces that a URL in from may have, such as {page}.
	Placeholders []string
	// Code is the Go source that declares the settings. Its comments are the descriptions in the schema.
	Code string
}

// defaults returns a copy of the settings.
func (k *Kind) defaults() any {
	p := reflect.New(k.settingsType())
	p.Elem().Set(reflect.ValueOf(k.Settings).Elem())
	return p.Interface()
}

func (k *Kind) settingsType() reflect.Type { return reflect.TypeOf(k.Settings).Elem() }

// keys are those of the settings.
func (k *Kind) keys() []tags { return fieldsOf(k.settingsType()) }

// A Report takes what a kind finds wrong with a source.
type Report struct {
	d *decoder
	s *source
}

// Has says whether a key is set, by the source or in what it inherits.
func (r *Report) Has(key string) bool { return r.s.field(key) != nil }

// Problem tells what is wrong with a key, and what to do, at the place of its value. The key may lie in others: select.row.
func (r *Report) Problem(key, format string, args ...any) {
	r.d.problem(r.s.at(key), join(r.s.key, key), format, args...)
}

// asked are the keys that say where, when and how a source is asked.
var asked = []string{"from", "http", "at", "window"}

// checkSender refuses the keys by which a source is asked. How often it is expected to send, only it can say, or its
// group: the defaults are for those that are harvested.
func (d *decoder) checkSender(s *source) {
	for _, key := range asked {
		if f := s.field(key); f != nil && !f.inherited {
			d.problem(f.place, join(s.key, key), "is not used by kind %s, because such a source sends by itself. Take it out", s.is.Kind)
		}
	}
	if f := s.field("every"); f == nil || f.inherited {
		s.is.Every = 0
	}
}

// IsURL says whether a place of records is a URL, and not a file.
func IsURL(from string) bool { return strings.Contains(from, "://") }

// kindNames are the names of the kinds, in their order.
func kindNames(kinds []Kind) (out []string) {
	for i := range kinds {
		out = append(out, kinds[i].Name)
	}
	return out
}

// kindNamed is the kind with this name; nil if the program has none.
func (d *decoder) kindNamed(name string) *Kind {
	if i := slices.IndexFunc(d.options.Kinds, func(k Kind) bool { return k.Name == name }); i >= 0 {
		return &d.options.Kinds[i]
	}
	return nil
}

// kindsWith are the kinds that have a key of their own.
func (d *decoder) kindsWith(key string) (out []*Kind) {
	for i := range d.options.Kinds {
		k := &d.options.Kinds[i]
		if _, ok := fieldNamed(k.settingsType(), key); ok {
			out = append(out, k)
		}
	}
	return out
}

// kindsPutting are the names of the kinds that put something in the place of a placeholder.
func (d *decoder) kindsPutting(mark string) (out []string) {
	for i := range d.options.Kinds {
		if k := &d.options.Kinds[i]; slices.Contains(k.Placeholders, mark) {
			out = append(out, k.Name)
		}
	}
	return out
}

// sourceKeys are the keys that a source may have: those of every source, and those of its kind, or of all kinds if it is nil.
func (d *decoder) sourceKeys(kind *Kind) []tags {
	kinds := d.options.Kinds
	if kind != nil {
		kinds = []Kind{*kind}
	}
	out := slices.Clone(fieldsOf(sourceType))
	for i := range kinds {
		for _, t := range kinds[i].keys() {
			if !slices.ContainsFunc(out, func(known tags) bool { return known.key == t.key }) {
				out = append(out, t)
			}
		}
	}
	return out
}

// sourceKey finds a key that a source may have.
func (d *decoder) sourceKey(key string) (tags, bool) {
	if t, ok := fieldNamed(sourceType, key); ok {
		return t, true
	}
	for _, k := range d.kindsWith(key) {
		return fieldNamed(k.settingsType(), key)
	}
	return tags{}, false
}

// source fills a source, and the settings of its kind. A key that only other kinds have is read as one of them would read
// it, so that a wrong value is told too.
func (d *decoder) source(n *node, s *Source, key string) {
	if n.shape != mapping {
		d.structure(n, reflect.ValueOf(s).Elem(), key)
		return
	}
	own := d.kindOf(n)
	if own != nil {
		s.Settings = own.defaults()
	}
	d.own = own
	defer func() { d.own = nil }()
	common := *n
	common.fields = nil
	for _, f := range n.fields {
		kinds := d.kindsWith(f.key)
		if len(kinds) == 0 {
			common.fields = append(common.fields, f)
			continue
		}
		settings := kinds[0].defaults()
		if slices.Contains(kinds, own) {
			settings = s.Settings
		}
		d.structure(&node{place: n.place, shape: mapping, fields: []*field{f}}, reflect.ValueOf(settings).Elem(), key)
	}
	d.structure(&common, reflect.ValueOf(s).Elem(), key)
}

// kindOf is the kind that a source names; nil if it names none that is known.
func (d *decoder) kindOf(n *node) *Kind {
	if f := n.field("kind"); f != nil && f.value.shape == scalar {
		return d.kindNamed(f.value.text)
	}
	return nil
}

// kind refuses a kind that the program can't harvest.
func (d *decoder) kind(name string) error {
	known := kindNames(d.options.Kinds)
	if slices.Contains(known, name) {
		return nil
	}
	if guess := wording.Nearest(name, known); guess != "" {
		return fmt.Errorf("is not a known kind%s", didYouMean(guess))
	}
	return errors.New("is not a known kind; known are " + strings.Join(known, ", "))
}

// checkKind refuses keys that only other kinds use, and has the kind check its own. Keys of other kinds may come from the
// defaults, which are for all kinds.
func (d *decoder) checkKind(s *source) {
	kind := d.kindNamed(s.is.Kind)
	if kind == nil {
		return
	}
	for _, f := range s.node.fields {
		kinds := d.kindsWith(f.key)
		if len(kinds) == 0 || f.inherited || f.value.shape == null || slices.Contains(kinds, kind) {
			continue
		}
		var names []string
		for _, k := range kinds {
			names = append(names, k.Name)
		}
		d.problem(f.place, join(s.key, f.key), "is not used by kind %s; it is for %s. Take it out", kind.Name, strings.Join(names, " and "))
	}
	if kind.Sends {
		d.checkSender(s)
	}
	if kind.Check != nil {
		kind.Check(s.is, &Report{d, s})
	}
}
