package endpoint

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// Sets implements [oaipmh.Repository]: it offers the sets of the log and the declared ones in one order.
func (r *Repository) Sets(ctx context.Context, after string, offer func(*oaipmh.Set) bool) (head time.Time, err error) {
	err = r.Log.Snapshot(ctx, func(v store.View) error {
		head = v.Head().Datestamp
		at, _ := slices.BinarySearch(r.Declared, after+"\x00")
		declared, more := r.Declared[at:], true
		// upTo offers the declared sets before a spec, or all that are left if the spec is empty.
		upTo := func(spec string) {
			for ; more && len(declared) > 0 && (spec == "" || declared[0] < spec); declared = declared[1:] {
				more = r.offerSet(declared[0], declared[0], offer)
			}
			if len(declared) > 0 && declared[0] == spec {
				declared = declared[1:]
			}
		}
		err := v.Lists(store.SetList, after, func(l *store.List) bool {
			upTo(l.Name)
			more = more && r.offerSet(l.Name, l.Title, offer)
			return more
		})
		if err == nil {
			upTo("")
		}
		return err
	})
	return head, err
}

// Set is the set of a spec; nil if there is none. A set is there from the moment that it is declared, or a record is in it.
func (r *Repository) Set(ctx context.Context, spec string) (out *oaipmh.Set, err error) {
	err = r.Log.Snapshot(ctx, func(v store.View) error {
		l, err := v.List(store.SetList, spec)
		if _, declared := slices.BinarySearch(r.Declared, spec); l.Key != 0 || declared {
			r.offerSet(spec, cmp.Or(l.Title, spec), func(s *oaipmh.Set) bool { out = s; return false })
		}
		return err
	})
	return out, err
}

// offerSet offers a set with its description. name is its name in the log.
func (r *Repository) offerSet(spec, name string, offer func(*oaipmh.Set) bool) bool {
	set := oaipmh.Set{Spec: spec, Name: name}
	if r.Describe != nil {
		name, descriptions := r.Describe(spec)
		set.Name, set.Descriptions = cmp.Or(name, set.Name), descriptions
	}
	return offer(&set)
}
