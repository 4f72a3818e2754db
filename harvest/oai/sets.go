package oai

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// mostSets bounds the sets that are looked through for one that is configured.
const mostSets = 20_000

// judgeSet looks at the first page of a set, where everything in it is asked for. A repository answers alike for a set that
// is empty and for one that it does not have; some ignore the set, and list everything.
func (w *walk) judgeSet(ctx context.Context, r *oaipmh.Response) error {
	if len(w.s.cfg.Sets) == 0 || w.p.Token != "" || !w.p.full() || w.p.headersOnly() || w.p.Windows != nil {
		return nil
	}
	set := w.s.cfg.Sets[w.p.Set]
	switch {
	case r.Error("noRecordsMatch") != nil, len(r.Errors) == 0 && len(r.Records) == 0:
		return w.findSet(ctx, set)
	case len(r.Errors) == 0 && outside(r.Records, set):
		return w.wholeInstead(ctx, set, r)
	}
	return nil
}

// findSet returns an error if the repository says that it has no such set. One whose sets can't be listed may have it.
func (w *walk) findSet(ctx context.Context, set string) error {
	var all Repository
	err := w.s.sets(ctx, &all, mostSets)
	if err != nil || all.MoreSets {
		return nil
	}
	if len(all.Sets) == 0 {
		return w.s.problem(harvest.Config, "it has no sets, and so no set "+set+"; leave out sets to harvest everything", nil)
	}
	if slices.ContainsFunc(all.Sets, func(s oaipmh.Set) bool { return within(s.Spec, set) }) {
		return nil
	}
	var specs []string
	for i := range all.Sets[:min(len(all.Sets), 20)] {
		specs = append(specs, all.Sets[i].Spec)
	}
	return w.s.problem(harvest.Config, fmt.Sprintf("there is no set %s; there are %d, such as %s", set, len(all.Sets), oneLine(strings.Join(specs, ", "))), nil)
}

// within reports whether a set is another one, or below it.
func within(spec, set string) bool { return spec == set || strings.HasPrefix(spec, set+":") }

// outside reports whether records say which sets they are in, and none says that it is in this one.
func outside(records []oaipmh.Record, set string) bool {
	named := false
	for i := range records {
		named = named || len(records[i].Sets) > 0
		if slices.ContainsFunc(records[i].Sets, func(s string) bool { return within(s, set) }) {
			return false
		}
	}
	return named
}

// wholeInstead judges a list whose records are in other sets than the one that was asked for. If it is as long as the
// list of everything, the repository ignores the set. If not, or if it does not say, its headers may be incomplete.
func (w *walk) wholeInstead(ctx context.Context, set string, r *oaipmh.Response) error {
	args := url.Values{"verb": {"ListIdentifiers"}, "metadataPrefix": {w.p.Format.Prefix}}
	whole, err := w.s.ask(ctx, args)
	if err == nil && r.Token != nil && whole.Token != nil && r.Token.CompleteListSize > 0 && r.Token.CompleteListSize == whole.Token.CompleteListSize {
		return w.s.problem(harvest.Config, fmt.Sprintf("the repository ignores sets: what it lists for %s is in other sets, and is as much as it has at all. Leave out sets to harvest everything",
			set), nil)
	}
	w.warn("What the repository lists for a set is in other sets by its headers; it may ignore sets.")
	return nil
}
