package endpoint

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A list is a list that was asked for: where in the log it begins and ends, and which records belong to it.
type list struct {
	store.Range
	format servedFormat
	never  bool // no record was ever in the set
}

// empty reports whether the counters know that no record was ever in the set or had the format. Then the log need not be
// read.
func (l *list) empty() bool { return l.never || !l.format.everyone() && l.format.size == 0 }

// List implements [oaipmh.Repository]. Datestamps never decrease along the log, so a list between two dates is a range of
// seqs.
func (r *Repository) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (out *oaipmh.Listing, err error) {
	since := r.Log.Commits() // before the snapshot, so that Fresh knows of every commit that the snapshot lacks
	err = r.Log.Snapshot(ctx, func(v store.View) error {
		head := v.Head()
		out = &oaipmh.Listing{Head: head.Datestamp, Size: -1}
		in, err := r.find(v, q, out)
		if err != nil || in.empty() {
			return err
		}
		var last, refused int64
		c := renderer{repo: r, view: v, format: &in.format}
		err = v.Rows(&in.Range, func(row *store.Row) (bool, error) {
			if err := c.render(row, q.HeadersOnly); err != nil {
				return false, err
			}
			if !offer(&c.rec) {
				out.Next = pipeline.Cursor{Epoch: head.Epoch, Seq: last}.String()
				refused = row.Seq
				return false, nil
			}
			last = row.Seq
			return true, nil
		})
		if err == nil && last != 0 {
			out.Fresh = r.fresh(since, in, q.After != "", refused, c.departed)
		}
		return err
	})
	if ctx.Err() != nil && err != nil {
		err = ctx.Err()
	}
	return out, err
}

// fresh makes the function that tells whether a page of a list is still right ([oaipmh.Listing] says what that means).
//
// In most lists a page in the middle is right as long as no record in its part of the log has moved, up to the refused
// record, which comes after the page. That one must still be there too: if it has moved beyond the list's until, or has
// left a silent set, there may be nothing to go on with.
//
// Other pages depend on the whole log. The last page shows whatever comes behind it, the first page tells the size of the
// list, and in the list of a format a departed record is shown in the state that it has now.
func (r *Repository) fresh(since int64, in *list, continued bool, refused int64, departed bool) func(context.Context) (time.Time, bool) {
	log, after, upto := r.Log, in.After, int64(0)
	if continued && refused != 0 && (in.format.everyone() || in.SetKey == 0 && !departed) {
		upto = refused
	}
	return func(ctx context.Context) (time.Time, bool) { return log.Fresh(ctx, since, after, upto) }
}

// find finds out which records belong to the list, and where it begins and ends.
func (r *Repository) find(v store.View, q *oaipmh.Query, out *oaipmh.Listing) (in *list, err error) {
	in = &list{Range: store.Range{Set: q.Set, Upto: math.MaxInt64, Headers: q.HeadersOnly}}
	var at int64
	if q.After != "" {
		if at, err = position(v, q.After); err != nil {
			return in, err
		}
	}
	// Before anything that a log which has come further might answer otherwise, and after the position: in another epoch
	// nothing has to be caught up with.
	if v.Head().Datestamp.Before(q.Seen) {
		return in, oaipmh.ErrBehind
	}
	if err := r.whatOf(v, q, in, out); err != nil {
		return in, err
	}
	if !q.From.IsZero() {
		out.Size = -1
		if in.After, err = v.LastBefore(q.From.Unix()); err != nil {
			return in, err
		}
	}
	if !q.Until.IsZero() {
		out.Size = -1
		if in.Upto, err = v.LastBefore(q.Until.Unix() + 1); err != nil {
			return in, err
		}
	}
	in.After = max(in.After, at)
	return in, nil
}

// position reads a position in a list. It refuses a position of an earlier history: one of an epoch that is over, or a
// seq that was given out by a history which is lost.
func position(v store.View, text string) (seq int64, err error) {
	head := v.Head()
	c, err := pipeline.ParseCursor(text)
	if err != nil || c.Epoch != head.Epoch {
		return 0, oaipmh.ErrBadPosition
	}
	if c.Seq > head.Seq {
		return 0, oaipmh.ErrBehind
	}
	lost, err := v.Lost(c.Seq)
	if err == nil && lost {
		err = oaipmh.ErrBadPosition
	}
	return c.Seq, err
}

// whatOf finds out which records belong to the list, and its size if a counter has it.
func (r *Repository) whatOf(v store.View, q *oaipmh.Query, in *list, out *oaipmh.Listing) (err error) {
	var noFormat, noSet error
	var known bool
	if in.format, known, err = r.format(v, q.Prefix); err != nil {
		return err
	}
	if !known {
		noFormat = oaipmh.ErrNoSuchFormat
	}
	in.OAIDC = in.format.isOAIDC()
	if !in.format.everyone() {
		in.Format, in.Made = in.format.key, in.format.demanding()
	}
	switch {
	case q.Set != "":
		if noSet, err = r.setOf(v, q, in, out); err != nil {
			return err
		}
	case q.After != "":
	case in.format.everyone():
		if out.Size, err = v.Size(); err != nil {
			return err
		}
	default:
		out.Size = in.format.size
	}
	return errors.Join(noFormat, noSet)
}

// setOf finds the set of the list. noSet is the answer if there is no such set.
func (r *Repository) setOf(v store.View, q *oaipmh.Query, in *list, out *oaipmh.Listing) (noSet, err error) {
	if in.Silent, err = v.Silent(q.Set); err != nil {
		return nil, err
	}
	set, err := v.List(store.SetList, q.Set)
	if err != nil {
		return nil, err
	}
	in.SetKey, in.never = set.Key, set.Key == 0
	switch {
	case in.never:
		out.Size = 0
		if !slices.Contains(r.Declared, q.Set) {
			noSet = oaipmh.ErrNoSuchSet
		}
	case !in.format.everyone():
	case in.Silent:
		out.Size = set.Members
	default:
		out.Size = set.Members + set.Departures
	}
	return noSet, nil
}
