// Package mirror keeps a folder, or a SQLite file, equal to what a gateway, or any other OAI-PMH repository, holds. A folder has
//
//	mirror.json              what it mirrors, in which form, and the place that the files are true for
//	3f/3f0a….xml (or .json)  a record, named by the SHA-256 of its identifier
//
// Files are written before mirror.json says so, and each of them at once. So a folder whose program was killed has files of
// a place further on, which are written again. A SQLite file has the tables record and mirror, which change in one
// transaction.
package mirror

import (
	"context"

	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// A Form is how a copy keeps records.
type Form string

// The forms.
const (
	XML    Form = "xml"    // a file for each record, as OAI-PMH serves it, as oai_dc
	JSON   Form = "json"   // a file for each record, as /changes gives it
	SQLite Form = "sqlite" // a row for each record in one file
)

// A Copy is what is kept equal. One program at a time may write it.
type Copy struct {
	kept  keeper
	state state
	// Head is the end of the log, if the copy was there with the last batch.
	Head *follow.Head
}

type state struct {
	From  string       `json:"from"`
	Form  Form         `json:"form"`
	Place follow.Place `json:"place"`
}

// A keeper has the records of a copy, and its state.
type keeper interface {
	// write writes changes that came with a pass, removes what came with another one if sweep says so, and then writes the
	// state. When it returns, all of that is on the disk. A keeper that is killed may have more than its state says, never less.
	write(ctx context.Context, changes []follow.Change, pass int64, sweep bool, next state) error
	// each reads every record, in any order, and says where it is.
	each(ctx context.Context, do func(where string, r *record) error) error
	// where says where a record with the identifier is, if it is there.
	where(identifier string) string
	// read gives the record that is somewhere. The error is fs.ErrNotExist if there is none, and errRecord if it can't be read.
	read(where string) (*record, error)
	close() error
}

// Open opens a copy, or begins one: in a folder that is empty or not there, or in a file that is not there.
func Open(path, from string, form Form) (*Copy, error) {
	begin := state{From: from, Form: form}
	if form == SQLite {
		return openDatabase(path, begin)
	}
	return openFolder(path, begin)
}

// Close lets go of the file of a copy.
func (c *Copy) Close() error { return c.kept.close() }

// Place is where the copy goes on.
func (c *Copy) Place() follow.Place { return c.state.Place }

// Write writes a batch, and then its place.
func (c *Copy) Write(ctx context.Context, b *follow.Batch) error {
	if err := c.write(ctx, b.Changes, b.Pass(), b.Sweep(), b.Place); err != nil {
		return err
	}
	c.Head = b.Head
	return nil
}

func (c *Copy) write(ctx context.Context, changes []follow.Change, pass int64, sweep bool, to follow.Place) error {
	next := c.state
	next.Place = to
	if err := c.kept.write(ctx, changes, pass, sweep, next); err != nil {
		return err
	}
	c.state = next
	return nil
}

// Digest is that of the records that are kept.
func (c *Copy) Digest(ctx context.Context) (d pipeline.Digest, records int64, err error) {
	err = c.kept.each(ctx, func(_ string, r *record) error {
		d.Add(r.Identifier, r.Datestamp, []byte(r.OAIDC))
		records++
		return nil
	})
	return d, records, err
}
