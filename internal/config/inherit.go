package config

// maxMap bounds the keys of a mapping inside a source.
const maxMap = 100

// inherit returns the node of a source with what it inherits. The source's own keys take precedence over those of its group,
// and those over the defaults. In a mapping (context, http) that holds again for each key. A null counts as if nobody had
// set the key.
func inherit(source, group, defaults *node) *node {
	return overlay(overlay(source, group, false), defaults, true)
}

// overlay puts the keys of over above those of under, which may be nil. Neither is changed.
func overlay(over, under *node, inherited bool) *node {
	out := *over
	out.fields = make([]*field, 0, len(over.fields))
	for _, f := range over.fields {
		if u := under.field(f.key); u != nil && f.value.shape == mapping && u.value.shape == mapping {
			merged := *f
			merged.value = overlay(f.value, u.value, inherited)
			f = &merged
		}
		out.fields = append(out.fields, f)
	}
	if under == nil {
		return &out
	}
	for _, u := range under.fields {
		if over.field(u.key) == nil {
			copied := *u
			copied.inherited = copied.inherited || inherited
			out.fields = append(out.fields, &copied)
		}
	}
	return &out
}

// heritage returns what sources take from a group or the defaults: only the keys that a source knows and can inherit, so
// that a long and wrong group costs each of its sources nothing. What is left out was reported when the group was read.
func (d *decoder) heritage(n *node) *node {
	if n == nil || n.shape != mapping {
		return nil
	}
	out := *n
	out.fields = nil
	for _, f := range n.fields {
		t, ok := d.sourceKey(f.key)
		if !ok || t.own || len(f.value.fields) > maxMap {
			continue
		}
		out.fields = append(out.fields, f)
	}
	return &out
}
