package config

import (
	"reflect"
)

// maxSets bounds the sets that rules make: each is tried on each record that is mapped.
const maxSets = 500

// A Set is a set made by a rule. Its spec is rules:<name>, for ever.
type Set struct {
	// What the set is called, for people.
	Title string `yaml:"title" also:"name,label"`
	// What is in it, in Dublin Core: DCMI terms, such as description or subject, each with one value or a list.
	Description map[string][]string `yaml:"description" also:"descriptions,about"`
	// Which records are in it: a condition on their Dublin Core, in the words of mapping rules, such as
	// type is StillImage and created before 1950. An edited one acts on what is in the log with sheaf remap.
	Where string `yaml:"where" also:"rule,if,when,condition"`
	// What a harvester of the set is told of a record that leaves it: that it is deleted (there, and only
	// there), or nothing (silent).
	Leaving string `yaml:"leaving" enum:"deleted,silent" also:"leave,departures"`
}

func (s *Set) setDefaults() { s.Leaving = "deleted" }

// A Mistake is something wrong in a condition. Line and Column are those of its text, from 1; Line is 0
// where the whole is meant.
type Mistake struct {
	Line, Column int
	Message      string
}

// sets fills the sets that rules make.
func (d *decoder) sets(root *node, c *Config) {
	c.Sets = map[string]*Set{}
	fields := d.named(root, "sets")
	if len(fields) > maxSets {
		d.problem(fields[maxSets].place, "sets", "has more than %d entries", maxSets)
		return
	}
	for _, f := range fields {
		key := "sets." + f.key
		if !nameGrammar.MatchString(f.key) {
			d.problem(f.place, key, "%s must be letters a–z, digits and hyphens, at most 64, and not begin with a hyphen: it is part of set specs for ever", quote(f.key))
			continue
		}
		s := &Set{}
		s.setDefaults()
		if f.value.shape != mapping {
			d.problem(f.place, key, "needs keys below it, such as title: and where:")
			continue
		}
		d.structure(f.value, reflect.ValueOf(s).Elem(), key)
		d.checkTerms(f.value, key, "description")
		d.checkWhere(f, key)
		c.Sets[f.key] = s
	}
}

// checkWhere lets the program read the condition.
func (d *decoder) checkWhere(f *field, key string) {
	where := f.value.field("where")
	if where == nil || where.value.shape == null {
		d.problem(f.place, key, "needs where: a condition such as type is StillImage and created before 1950")
		return
	}
	if where.value.shape != scalar || d.options.Condition == nil {
		return
	}
	for _, m := range d.options.Condition(where.value.text) {
		at := where.value.place
		if m.Line == 1 && m.Column > 0 && where.value.inside > 0 {
			at.column = where.value.inside + m.Column - 1
		}
		d.problem(at, key+".where", "%s", m.Message)
	}
}
