package config

import (
	"maps"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// maxSources bounds the sources of one gateway, and its groups; a file has at most maxKeys of them.
const maxSources = 10_000

// Options has what the program knows and the configuration may name. Of the others, what is nil is not checked.
type Options struct {
	Kinds    []Kind   // the kinds of source that the program can harvest
	Terms    []string // the terms that a context may have
	Mappings []string // the built-in mappings
	// Condition says what is wrong with the condition of a set that a rule makes.
	Condition func(where string) []Mistake
	// Doubt says why a value of a context may not be what its author means, and what to write instead; empty if nothing
	// speaks against it.
	Doubt func(term, value string) string
	// Files reports whether a pattern of files matches any. Only a check of the configuration asks.
	Files func(pattern string) bool
}

// Load reads a configuration file and what it includes. An error is of type [Problems] and has everything that is wrong.
// Without an error, the Warnings of the [Config] have what only deserves a look.
func Load(path string, o Options) (*Config, error) {
	l := newLoader()
	l.main(path)
	return l.config(o)
}

// Parse is Load for the bytes of a file that would stand at path.
func Parse(path string, data []byte, o Options) (*Config, error) {
	l := newLoader()
	l.parse(path, data)
	return l.config(o)
}

// Check returns all problems of a configuration file, warnings too, in the order of the files; none if the file is good.
func Check(path string, o Options) Problems {
	l := newLoader()
	l.main(path)
	l.build(o)
	return l.problems()
}

// DataOf is the data folder that a configuration file names, whatever else is wrong with the file.
func DataOf(path string, o Options) string {
	l := newLoader()
	l.main(path)
	c := l.build(o)
	if l.root == nil { // it can't be read at all
		return filepath.Join(filepath.Dir(path), c.Data)
	}
	return c.Data
}

func newLoader() *loader {
	return &loader{reader: reader{&collector{order: map[string]int{}}}}
}

func (l *loader) config(o Options) (*Config, error) {
	c := l.build(o)
	stop, warn := l.problems().split()
	if len(stop) > 0 {
		return nil, stop
	}
	c.Warnings = warn
	return c, nil
}

// build makes a configuration of what was read.
func (l *loader) build(o Options) *Config {
	c := Default()
	if l.root == nil {
		return c
	}
	if len(l.root.fields) == 0 && l.stops == 0 {
		l.add(Problem{File: l.root.file.name, Message: "says nothing; the gateway runs with the defaults, and harvests nothing", Warning: true})
	}
	d := &decoder{reader: l.reader, options: o}
	c.Data = filepath.Join(l.root.file.dir, c.Data)
	d.sections(l.root, c)
	d.sources(l.root, c)
	d.sets(l.root, c)
	d.check(l.root, c)
	c.Include = l.includedNames()
	return c
}

// sections fills everything but the sources and what they inherit.
func (d *decoder) sections(root *node, c *Config) {
	v := reflect.ValueOf(c).Elem()
	for _, f := range root.fields {
		t, ok := fieldNamed(configType, f.key)
		switch {
		case !ok:
			d.problem(f.place, f.key, "unknown key%s", d.suggestKey(configType, f.key))
		case f.key == "sources", f.key == "groups", f.key == "defaults", f.key == "sets":
		default:
			d.value(f.value, v.Field(t.index), t, f.key)
		}
	}
}

// sources fills the sources: each with what it inherits.
func (d *decoder) sources(root *node, c *Config) {
	defaults := d.defaults(root, c)
	groups := d.groups(root, c)
	c.Sources = map[string]*Source{}
	for _, f := range d.named(root, "sources") {
		key := "sources." + f.key
		if _, err := readName(nil, f.key); err != nil {
			d.problem(f.place, key, "%s %v", quote(f.key), err)
			continue
		}
		if f.value.shape != mapping {
			d.problem(f.place, key, "needs keys below it, such as kind: and from:")
			continue
		}
		var group *node
		if g := f.value.field("group"); g != nil && g.value.shape == scalar {
			n, ok := groups[g.value.text]
			if !ok {
				d.problem(g.value.place, key+".group", "there is no group %s%s", quote(g.value.text), didYouMean(wording.Nearest(g.value.text, slices.Sorted(maps.Keys(groups)))))
			}
			group = n
		}
		s := defaultSource()
		n := inherit(f.value, group, defaults)
		d.source(n, s, key)
		d.checkSource(&source{key: key, place: f.place, node: n, is: s})
		c.Sources[f.key] = s
		c.names = append(c.names, f.key)
	}
}

// defaults reads what every source inherits; nil if every source inherits nothing.
func (d *decoder) defaults(root *node, c *Config) *node {
	f := root.field("defaults")
	c.Defaults = defaultSource()
	if f == nil {
		return nil
	}
	d.sharedSource(f.value, c.Defaults, "defaults")
	return d.heritage(f.value)
}

// groups reads what the sources of each group inherit.
func (d *decoder) groups(root *node, c *Config) map[string]*node {
	out := map[string]*node{}
	c.Groups = map[string]*Source{}
	for _, f := range d.named(root, "groups") {
		s := defaultSource()
		d.sharedSource(f.value, s, "groups."+f.key)
		c.Groups[f.key] = s
		out[f.key] = d.heritage(f.value)
	}
	return out
}

func (d *decoder) sharedSource(n *node, s *Source, key string) {
	if n.shape == null {
		return
	}
	d.shared = true
	d.source(n, s, key)
	d.checkTerms(n, key, "context")
	d.shared = false
}

// named are the entries of a section of names.
func (d *decoder) named(root *node, section string) []*field {
	f := root.field(section)
	switch {
	case f == nil || f.value.shape == null:
		return nil
	case f.value.shape != mapping:
		d.problem(f.value.place, section, "needs names below it, each with its keys; here stands %v", f.value.shape)
		return nil
	}
	return f.value.fields
}
