package oai

import (
	"context"
	"net/url"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// Some repositories read from in their local time, or as a later time than it says, or list nothing by date though they
// could. Then changes are on no list, and nothing shows it. But the newest record that a pass has given must be in a window
// that begins with its datestamp: as it was, or with a later datestamp if it has changed. So after each full pass one
// question tells whether the repository can be asked by date.

// lateBy is how much further back is asked if from is read too late. Time zones are less than a day apart.
const lateBy = 24 * time.Hour

// noteNewest notes the latest datestamp of the pass. One that lies ahead of the repository's own clock is wrong.
func (w *walk) noteNewest(records []oaipmh.Record) {
	begun, _, _ := oaipmh.ParseDatestamp(w.p.Begun)
	newest, _, _ := oaipmh.ParseDatestamp(w.p.Newest)
	for i := range records {
		if at := records[i].Datestamp; at.After(newest) && !at.After(begun) {
			newest, w.p.Newest, w.p.NewestIn = at, stamp(at), w.p.Set
		}
	}
}

// tryFrom asks whether the repository lists the newest record that is known by its date, before it is asked for changes for
// the first time after a full pass. If it reads dates too late, more is asked for from then on; if it does not list the record
// by date at all, everything is listed.
func (w *walk) tryFrom(ctx context.Context) error {
	if w.p.full() || w.p.Tried || w.p.Newest == "" || w.p.Token != "" || w.p.headersOnly() || w.p.Windows != nil || w.p.NewestIn >= max(len(w.s.cfg.Sets), 1) {
		return nil
	}
	w.p.Tried = true
	newest, _, _ := oaipmh.ParseDatestamp(w.p.Newest)
	holds, known, err := w.holdsNewest(ctx, newest, newest)
	if err != nil || holds || !known {
		return err
	}
	if holds, _, err = w.holdsNewest(ctx, newest, newest.Add(-lateBy)); err != nil {
		return err
	}
	if holds {
		w.p.Late = true
		w.warn("The repository reads from in its local time, or too late; a day more is asked for.")
		return nil
	}
	w.p.NoFrom, w.p.Set = true, 0
	w.warn("The repository does not list by date what it has; everything is listed instead.")
	return nil
}

// holdsNewest reports whether a list from a time on holds a record with the newest datestamp or a later one, or ignores the
// time. It is not known if the repository does not list headers by date.
func (w *walk) holdsNewest(ctx context.Context, newest, from time.Time) (holds, known bool, err error) {
	g := oaipmh.Second
	if w.p.Granularity == day {
		g = oaipmh.Day
	}
	args := url.Values{"verb": {"ListIdentifiers"}, "metadataPrefix": {w.p.Format.Prefix}, "from": {g.Format(from)}}
	if len(w.s.cfg.Sets) > 0 {
		args.Set("set", w.s.cfg.Sets[w.p.NewestIn])
	}
	r, err := w.s.ask(ctx, args)
	switch {
	case err != nil && itsOwn(harvest.KindOf(err)):
		return false, false, nil
	case err != nil:
		return false, false, err
	case len(r.Errors) > 0:
		return false, r.Error("noRecordsMatch") != nil, nil
	}
	return len(r.Records) > 0, true, nil
}
