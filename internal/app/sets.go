package app

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// checkCondition says what is wrong with the condition of a set.
func checkCondition(where string) []config.Mistake {
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

// ruleSet is the spec of a configured set.
func ruleSet(name string) string { return pipeline.RuleSets + ":" + name }

// ruleSets compiles the rules of the configured sets.
func ruleSets(cfg *config.Config) (out []pipeline.RuleSet, err error) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Sets)) {
		where, e := crosswalk.CompileCondition("sets."+name+".where", cfg.Sets[name].Where)
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		out = append(out, pipeline.RuleSet{Spec: ruleSet(name), Where: where})
	}
	return out, err
}

// declaredSets are the specs of the configured sets, and of the one above them.
func declaredSets(cfg *config.Config) []string {
	if len(cfg.Sets) == 0 {
		return nil
	}
	out := []string{pipeline.RuleSets}
	for _, name := range slices.Sorted(maps.Keys(cfg.Sets)) {
		out = append(out, ruleSet(name))
	}
	return out
}

// silentSets says of the configured sets whether they are silent. The one above them tells of who leaves
// it, unless all below it are silent.
func silentSets(cfg *config.Config) map[string]bool {
	if len(cfg.Sets) == 0 {
		return nil
	}
	out := map[string]bool{}
	all := true
	for name, s := range cfg.Sets {
		silent := s.Leaving == "silent"
		out[ruleSet(name)] = silent
		all = all && silent
	}
	out[pipeline.RuleSets] = all
	return out
}

// aboutSet is a set made by a rule in Dublin Core.
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
