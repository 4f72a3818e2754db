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

// A list is one that was asked for: where it begins and ends in the log, and what it is of.
type list struct {
	store.Range
	format servedFormat
	never  bool // nothing was ever in the set
}

// empty says that nothing was ever in the set, or had the format, as the counters know: the log need not
// be looked through.
func (l *list) empty() bool { return l.never || !l.format.everyone() && l.format.size == 0 }

// List offers the records of a list (see [oaipmh.Repository]). A selective list is a range of seqs,
// since datestamps never decrease along them.
func (r *Repository) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (out *oaipmh.Listing, err error) {
	since := r.Log.Commits() // before the snapshot
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

// fresh makes the function that tells whether a page of a list is still right (see [oaipmh.Listing]). A
// page may show more than the rows of its stretch: with an open end what comes behind it, at the start
// of a list its size, and in the list of a format the state that a departed record is in now. A page that
// does not end the list is right as long as the refused record, the one after it, is there too: when that
// has moved beyond the list's until, or has left a silent set, there may be nothing to go on with.
func (r *Repository) fresh(since int64, in *list, continued bool, refused int64, departed bool) func(context.Context) (time.Time, bool) {
	log, after, upto := r.Log, in.After, int64(0)
	if continued && refused != 0 && (in.format.everyone() || in.SetKey == 0 && !departed) {
		upto = refused
	}
	return func(ctx context.Context) (time.Time, bool) { return log.Fresh(ctx, since, after, upto) }
}

// find finds out what the list is of, and where it begins and ends.
func (r *Repository) find(v store.View, q *oaipmh.Query, out *oaipmh.Listing) (in *list, err error) {
	in = &list{Range: store.Range{Set: q.Set, Upto: math.MaxInt64, Headers: q.HeadersOnly}}
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
	if q.After == "" {
		return in, nil
	}
	at, err := position(v, q.After)
	in.After = max(in.After, at)
	return in, err
}

// position reads a position in a list. One of an earlier history is refused: an epoch that is over, or a seq
// that was given out by a history that is lost.
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

// whatOf finds out what the list is of, and its size where a counter has it.
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

// setOf finds the set of the list; noSet if there is none.
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
