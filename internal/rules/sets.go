package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// TopSet is the top of the specs of sets that rules make. No source may have this name.
const TopSet = "rules"

// A Set is a set made by a rule.
type Set struct {
	Spec  string // "rules:photographs"
	Where *crosswalk.Condition
}

// SetsOf returns the sets of a record: those that its source has put it in, then those that rules make, in order of their
// specs. sets may hold sets that earlier rules made; those are left out.
func (r *Rules) SetsOf(sets []string, record *dublincore.Record) []string {
	out := make([]string, 0, len(sets)+2)
	for _, s := range sets {
		if !madeByRule(s) {
			out = append(out, s)
		}
	}
	for i := range r.Sets {
		if s := &r.Sets[i]; s.Where.Holds(record, r.Source) {
			out = append(out, s.Spec)
		}
	}
	return out
}

func madeByRule(spec string) bool {
	rest, ok := strings.CutPrefix(spec, TopSet)
	return ok && (rest == "" || rest[0] == ':')
}

// CheckCondition says what is wrong with the condition of a set.
func CheckCondition(where string) []config.Mistake {
	_, err := crosswalk.CompileCondition("where", where)
	var all crosswalk.Errors
	if !errors.As(err, &all) {
		return nil
	}
	var out []config.Mistake
	for _, e := range all {
		m := config.Mistake{Line: e.Line, Column: e.Col, Message: e.Msg}
		if e.Hint != "" {
			m.Message += fmt.Sprintf("; did you mean %q?", e.Hint)
		}
		m.Message = strings.Join(strings.Fields(m.Message), " ")
		out = append(out, m)
	}
	return out
}

// SetSpec returns the spec of a configured set.
func SetSpec(name string) string { return TopSet + ":" + name }

// CompileSets compiles the rules of the configured sets.
func CompileSets(cfg *config.Config) (out []Set, err error) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Sets)) {
		where, e := crosswalk.CompileCondition("sets."+name+".where", cfg.Sets[name].Where)
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		out = append(out, Set{Spec: SetSpec(name), Where: where})
	}
	return out, err
}

// DeclaredSets returns the specs of the configured sets, and of the set above them.
func DeclaredSets(cfg *config.Config) []string {
	if len(cfg.Sets) == 0 {
		return nil
	}
	out := []string{TopSet}
	for _, name := range slices.Sorted(maps.Keys(cfg.Sets)) {
		out = append(out, SetSpec(name))
	}
	return out
}

// DescribedSets gives what each configured set is called, and what the configuration says of it; and so of the set above
// them.
func DescribedSets(cfg *config.Config) (map[string]Described, error) {
	out := map[string]Described{}
	for name, s := range cfg.Sets {
		about, err := aboutSet(s)
		if err != nil {
			return nil, fmt.Errorf("sets.%s.description: %w", name, err)
		}
		out[SetSpec(name)] = Described{s.Title, about}
		out[TopSet] = Described{Title: "Sets made by rules over the records of all sources"}
	}
	return out, nil
}

// A Described set has a title, and what is said of it in Dublin Core; nil for the set above all configured ones.
type Described struct {
	Title string
	About *dublincore.Record
}

// SilentSets says of each configured set whether it is silent, which means that it does not tell harvesters of records that
// leave it. The set above them is silent only if all of them are.
func SilentSets(cfg *config.Config) map[string]bool {
	if len(cfg.Sets) == 0 {
		return nil
	}
	out := map[string]bool{}
	all := true
	for name, s := range cfg.Sets {
		silent := s.Leaving == "silent"
		out[SetSpec(name)] = silent
		all = all && silent
	}
	out[TopSet] = all
	return out
}

// aboutSet describes a set made by a rule in Dublin Core.
func aboutSet(s *config.Set) (*dublincore.Record, error) {
	r := &dublincore.Record{}
	if s.Title != "" {
		r.AddText(dublincore.Title, s.Title)
	}
	for _, t := range dublincore.Terms() {
		for _, text := range s.Description[t.String()] {
			v, err := crosswalk.ContextValue(t.String(), text)
			if err != nil {
				return nil, err
			}
			r.Add(v)
		}
	}
	return r, nil
}
