package config

import (
	"cmp"
	"fmt"
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// maxList bounds a list.
const maxList = 1000

// A decoder fills the structs from the tree. It goes on after a problem, so that it finds all of them.
type decoder struct {
	reader
	options Options
	// shared says that a group or the defaults are being read, which must not have what belongs to one source.
	shared bool
	// own is the kind of the source that is being read; nil if it names none, or none is being read.
	own *Kind
}

// structure fills a struct from a mapping. v keeps its defaults for the keys that the mapping does not have.
func (d *decoder) structure(n *node, v reflect.Value, key string) {
	if n.shape != mapping {
		d.problem(n.place, key, "needs keys below it, such as %s; here stands %v", firstKey(v.Type()), n.shape)
		return
	}
	for _, f := range n.fields {
		name := join(key, f.key)
		t, ok := fieldNamed(v.Type(), f.key)
		switch {
		case notYet(v.Type(), f.key) != "":
			d.problem(f.place, name, "%s", notYet(v.Type(), f.key))
		case !ok:
			d.problem(f.place, name, "unknown key%s", d.suggestKey(v.Type(), f.key))
		case t.own && d.shared:
			d.problem(f.place, name, "belongs to one source; it can't be shared. Move it to the source")
		case f.value.shape != null:
			d.value(f.value, v.Field(t.index), t, name)
		}
	}
}

// value fills one value of any kind.
func (d *decoder) value(n *node, v reflect.Value, t tags, key string) {
	if known, _ := d.scalar(n, v, t, key); known {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if s, ok := p.Interface().(interface{ setDefaults() }); ok {
			s.setDefaults()
		}
		d.value(n, p.Elem(), t, key)
		v.Set(p)
	case reflect.Struct:
		d.structure(n, v, key)
	case reflect.Slice:
		d.list(n, v, t, key)
	case reflect.Map:
		d.mapping(n, v, t, key)
	default:
		panic("config: no decoder for " + v.Type().String())
	}
}

// list fills a slice. A single value counts as a list of one.
func (d *decoder) list(n *node, v reflect.Value, t tags, key string) {
	items := n.items
	switch {
	case n.shape == scalar:
		items = []*node{n}
	case n.shape != list:
		d.problem(n.place, key, "must be one value or a list, not %v", n.shape)
		return
	}
	if len(items) > maxList {
		d.problem(n.place, key, "has more than %d entries", maxList)
		return
	}
	out := reflect.MakeSlice(v.Type(), 0, len(items))
	for _, item := range items {
		e := reflect.New(v.Type().Elem()).Elem()
		if _, good := d.scalar(item, e, t, key); good {
			out = reflect.Append(out, e)
		}
	}
	v.Set(out)
}

// mapping fills a map from names to values.
func (d *decoder) mapping(n *node, v reflect.Value, t tags, key string) {
	if n.shape != mapping {
		d.problem(n.place, key, "needs keys with values below it, not %v", n.shape)
		return
	}
	if len(n.fields) > maxMap {
		d.problem(n.place, key, "has more than %d keys", maxMap)
		return
	}
	out := reflect.MakeMap(v.Type())
	for _, f := range n.fields {
		if f.value.shape == null {
			continue
		}
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(f.value, e, t, join(key, f.key))
		out.SetMapIndex(reflect.ValueOf(f.key), e)
	}
	v.Set(out)
}

// scalar fills a value that is written as one word. known reports whether v is of such a type, and good whether the value
// was good.
func (d *decoder) scalar(n *node, v reflect.Value, t tags, key string) (known, good bool) {
	parse := d.parser(v)
	if parse == nil {
		return false, false
	}
	if n.shape != scalar {
		d.problem(n.place, key, "must be a single value, not %v", n.shape)
		return true, false
	}
	if c := strings.IndexFunc(n.text, forbidden); c >= 0 {
		d.problem(n.place, key, "holds a control character; take it out")
		return true, false
	}
	if err := parse(n, t, key); err != nil {
		d.problem(n.place, key, "%s %v", quote(n.text), err)
		return true, false
	}
	return true, true
}

// parser returns the function that reads a type which is written as one word; nil for other types.
func (d *decoder) parser(v reflect.Value) func(n *node, t tags, key string) error {
	switch p := v.Addr().Interface().(type) {
	case *string:
		return func(n *node, t tags, key string) (err error) {
			*p, err = d.text(n, t, key)
			return err
		}
	case *bool:
		return func(n *node, _ tags, _ string) error {
			*p = n.text == "true"
			if n.text != "true" && n.text != "false" {
				return fmt.Errorf("is neither true nor false")
			}
			return nil
		}
	case *int:
		return bounded(p, func(s string) (int, error) {
			i, err := strconv.Atoi(s)
			if err != nil {
				return 0, fmt.Errorf("is not a whole number")
			}
			return i, nil
		}, strconv.Itoa)
	case *time.Duration:
		return bounded(p, ParseDuration, FormatDuration)
	case *Size:
		return bounded(p, ParseSize, Size.String)
	case *TimeOfDay:
		return plain(p, ParseTimeOfDay)
	case *Window:
		return plain(p, ParseWindow)
	case *Threshold:
		return plain(p, ParseThreshold)
	case *netip.Prefix:
		return plain(p, parsePrefix)
	case **time.Location:
		return plain(p, parseZone)
	case *Secret:
		return func(n *node, _ tags, key string) error { return d.secret(n, p, key) }
	case *Mapping:
		return func(n *node, _ tags, _ string) error { return d.rules(n, p) }
	case *File:
		return func(n *node, _ tags, _ string) error {
			if *p = File(n.resolve(n.text)); !isFile(string(*p)) {
				return fmt.Errorf("is not a file; there is none at %s", *p)
			}
			return nil
		}
	}
	return nil
}

func plain[T any](p *T, parse func(string) (T, error)) func(*node, tags, string) error {
	return func(n *node, _ tags, _ string) error {
		v, err := parse(n.text)
		if err == nil {
			*p = v
		}
		return err
	}
}

// bounded refuses a value that is beyond the min or max of its field.
func bounded[T cmp.Ordered](p *T, parse func(string) (T, error), format func(T) string) func(*node, tags, string) error {
	return func(n *node, t tags, _ string) error {
		v, err := parse(n.text)
		if err != nil {
			return err
		}
		limit := func(s string) T {
			v, err := parse(s)
			if err != nil {
				panic("config: bad bound " + s)
			}
			return v
		}
		switch {
		case t.min != "" && v < limit(t.min):
			return fmt.Errorf("is too small; at least %s", format(limit(t.min)))
		case t.max != "" && v > limit(t.max):
			return fmt.Errorf("is too large; at most %s", format(limit(t.max)))
		}
		*p = v
		return nil
	}
}

// text reads a text of the form that its field asks for.
func (d *decoder) text(n *node, t tags, key string) (string, error) {
	if len(t.enum) > 0 {
		if !slices.Contains(t.enum, n.text) {
			return "", fmt.Errorf("is not one of %s%s", strings.Join(t.enum, ", "), didYouMean(wording.Nearest(n.text, t.enum)))
		}
		return n.text, nil
	}
	if t.as == "kind" {
		return n.text, d.kind(n.text)
	}
	form, ok := forms[t.as]
	if !ok {
		return strings.TrimSpace(n.text), nil
	}
	return form.read(n, n.text)
}

// secret reads the file that a *_file key names.
func (d *decoder) secret(n *node, s *Secret, key string) error {
	path := n.resolve(n.text)
	got, warning, err := readSecret(path)
	if err != nil {
		return err
	}
	if warning != "" {
		d.warning(n.place, key, "%s %s", quote(n.text), warning)
	}
	*s = got
	return nil
}

// rules finds the mapping. A file of one's own takes precedence over a built-in mapping of the same name.
func (d *decoder) rules(n *node, m *Mapping) error {
	path := n.resolve(n.text)
	if isFile(path) {
		*m = Mapping{Name: n.text, File: path}
		return nil
	}
	if d.options.Mappings != nil && !slices.Contains(d.options.Mappings, n.text) {
		if guess := wording.Nearest(n.text, d.options.Mappings); guess != "" {
			return fmt.Errorf("is neither a file nor a built-in mapping%s", didYouMean(guess))
		}
		return fmt.Errorf("is neither a file nor a built-in mapping; built in are %s", strings.Join(d.options.Mappings, ", "))
	}
	*m = Mapping{Name: n.text}
	return nil
}

// resolve makes a path absolute. A path is relative to the file that it stands in.
func (p place) resolve(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(p.file.dir, path)
}

// quote makes a value fit for a message: on one line, not too long, and without the user, the password and the query of a
// URL, even if the URL is wrong in other ways.
func quote(s string) string {
	if before, after, ok := strings.Cut(s, "://"); ok {
		if i := strings.LastIndexByte(after, '@'); i >= 0 {
			s = before + "://…" + after[i:]
		}
		if place, _, ok := strings.Cut(s, "?"); ok {
			s = place + "?…"
		}
	}
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return strconv.Quote(s)
}
