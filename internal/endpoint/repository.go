// Package endpoint serves the log through OAI-PMH: it is an [oaipmh.Repository] over the rows of any log that gives
// snapshots of itself. The position in a list is the log's cursor.
//
// What it shows of a record is stored with the record, except the formats that are made of its Dublin Core. Those are
// written when somebody asks for them. The record names the version of the writer and the gateway for which they are
// written, so that what is served changes only when the record moves.
package endpoint

import (
	"context"
	"errors"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A Log is what the endpoint needs of the log.
type Log interface {
	// Namespace is the domain in the identifiers of the log.
	Namespace() string
	// Snapshot runs f on one snapshot, which shows the present second as far as the clock can be trusted. If f says
	// [oaipmh.ErrBehind], or [oaipmh.ErrBadPosition], before it has offered anything, it may run again on a later one.
	Snapshot(ctx context.Context, f func(store.View) error) error
	// Commits returns the number of the last commit that Fresh knows of. It must be called before the snapshot.
	Commits() int64
	// Fresh reports whether what a snapshot showed is still right: in the whole log, or, if upto is not 0, in the seqs
	// behind after up to upto. since is what Commits returned before the snapshot. head is the head's datestamp, which
	// is read before that is found out.
	Fresh(ctx context.Context, since, after, upto int64) (head time.Time, ok bool)
}

// A Repository serves a log.
type Repository struct {
	Log Log
	// Writers has the writers of formats; those of this release if nil.
	Writers *formats.Table
	// Name, AdminEmails and Descriptions are part of the answer to Identify.
	Name         string
	AdminEmails  []string
	Descriptions [][]byte
	// Describe returns the name of a set, which is empty if the name in the log is right, and its descriptions. It may
	// be nil.
	Describe func(spec string) (name string, descriptions [][]byte)
	// Declared has the specs of sets that exist even if no record is in them yet. They are sorted, and their ancestors
	// are among them.
	Declared []string
	// Page returns the address of the page about a record, below the root of the gateway for which it is written. It is
	// nil if there are no pages.
	Page func(root, identifier string) string
}

func (r *Repository) writers() *formats.Table {
	if r.Writers == nil {
		return formats.Builtin()
	}
	return r.Writers
}

// Clock implements [oaipmh.Repository].
func (r *Repository) Clock(ctx context.Context) (now time.Time, err error) {
	err = r.Log.Snapshot(ctx, func(v store.View) error {
		now = v.Head().Datestamp
		return nil
	})
	return now, err
}

// Identify implements [oaipmh.Repository]. The earliest datestamp is the moment at which the log was made.
func (r *Repository) Identify(ctx context.Context) (id *oaipmh.Identity, err error) {
	err = r.Log.Snapshot(ctx, func(v store.View) error {
		id = &oaipmh.Identity{Head: v.Head().Datestamp, Name: r.Name, AdminEmails: r.AdminEmails, Descriptions: r.Descriptions}
		if b, err := r.describeIdentifiers(v); err != nil {
			return err
		} else if b != nil {
			id.Descriptions = append([][]byte{b}, id.Descriptions...)
		}
		id.EarliestDatestamp, err = v.Earliest()
		return err
	})
	return id, err
}

// describeIdentifiers says how our identifiers are made. One of the oldest records is the sample, so the description is
// nil as long as there are no records.
func (r *Repository) describeIdentifiers(v store.View) ([]byte, error) {
	sample, err := v.Sample()
	if err != nil || sample == "" {
		return nil, err
	}
	b, err := oaipmh.DescribeIdentifiers(r.Log.Namespace(), sample)
	if err != nil {
		return nil, nil // the guidelines don't allow this namespace, which sheaf config check reports
	}
	return b, nil
}

// Get implements [oaipmh.Repository].
func (r *Repository) Get(ctx context.Context, identifier, prefix string) (rec *oaipmh.Record, head time.Time, err error) {
	err = r.Log.Snapshot(ctx, func(v store.View) error {
		head = v.Head().Datestamp
		f, known, err := r.format(v, prefix)
		if err != nil {
			return err
		}
		row, err := v.Row(identifier, f.isOAIDC())
		switch {
		case err != nil:
			return err
		case row == nil:
			return oaipmh.ErrNoItem
		case known && f.has(row.Formats, row.Native):
			c := renderer{repo: r, view: v, format: &f}
			rec = &c.rec
			return c.render(row, false)
		}
		if rec, err = departed(v, identifier, f.key); errors.Is(err, oaipmh.ErrNoFormat) && f.made != nil && !row.Deleted {
			return lacks(v, &f, row)
		}
		return err
	})
	return rec, head, err
}

// departed returns the header of a record that had a format and lost it. The error is [oaipmh.ErrNoFormat] if the record
// never had it.
func departed(v store.View, identifier string, list int64) (*oaipmh.Record, error) {
	row, err := v.Departure(identifier, list)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, oaipmh.ErrNoFormat
	}
	return &oaipmh.Record{Identifier: identifier, Datestamp: moment(row.Datestamp), Deleted: true, Sets: row.Sets}, nil
}

// lacks says what a live record lacks for a format that is made of its Dublin Core. The error wraps [oaipmh.ErrNoFormat],
// except where the record can't be read.
func lacks(v store.View, f *servedFormat, row *store.Row) error {
	dc, err := v.DC(row.Item)
	if err != nil {
		return err
	}
	var rec dublincore.Record
	if err := rec.UnmarshalJSON(dc); err != nil {
		return err
	}
	if what := f.made.Missing(&rec); len(what) > 0 {
		return &oaipmh.LacksError{What: what}
	}
	return oaipmh.ErrNoFormat // the rules that made the record did not offer it yet
}

func moment(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
