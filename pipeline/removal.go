package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Removal is a person's word that a record is not to be served.
type Removal struct {
	// Identifier is that of the record, or one that it had before. One that the log doesn't know may come later.
	Identifier string
	// Final says that its content goes for good. Else it is hidden, and can come back.
	Final  bool
	Reason string // for people
	Who    string
}

// Deletes is the reason for which the record is deleted.
func (r *Removal) Deletes() Reason {
	if r.Final {
		return Takedown
	}
	return Withdrawn
}

// A Suppression keeps a record out, whatever its source sends.
type Suppression struct {
	Removal
	Source   string // empty if the log knows no such record
	Upstream string // what its source calls it; empty if that is not known
	At       time.Time
	Seq      int64 // of the tombstone; 0 if there is none
}

// ErrNotWithdrawn says that a record can't come back because it is not hidden.
var ErrNotWithdrawn = errors.New("the record was not withdrawn")

// An Eraser removes from the stream what it still has of records that were taken down.
type Eraser interface {
	// Erase overwrites the messages about a record whose seq is smaller than that of its tombstone.
	Erase(ctx context.Context, source, identifier string, tombstone Cursor) error
}

// Erasures are what the relay has to know of what was taken down.
type Erasures interface {
	// ToErase gives up to limit records that were taken down, whose tombstones have a seq up to the given one, and of which
	// the stream may still have what they were.
	ToErase(ctx context.Context, upto int64, limit int) ([]Suppression, error)
	// Erased notes that it has it no more.
	Erased(ctx context.Context, identifier string) error
}

// eraseBatch is how many records are erased from the stream between two looks at the log.
const eraseBatch = 16

// erase removes from the stream what was taken down, once the tombstones are in it. Where that fails it is tried again
// whenever the end of the stream is looked at; what else is published does not wait for it.
func (r *Relay) erase(ctx context.Context) {
	if err := r.eraseSome(ctx); err != nil && ctx.Err() == nil {
		r.Observer.PublishFailed(err)
		r.Logger.Warn("what was taken down is still in the event stream", "err", err)
	}
}

func (r *Relay) eraseSome(ctx context.Context) error {
	eraser, can := r.Publisher.(Eraser)
	log, knows := r.Log.(Erasures)
	if !can || !knows {
		return nil
	}
	todo, err := log.ToErase(ctx, r.place.Seq, eraseBatch)
	if err != nil {
		return err
	}
	for i := range todo {
		s := &todo[i]
		if err := eraser.Erase(ctx, cmp.Or(SourceIn(s.Identifier), s.Source), s.Identifier, Cursor{Epoch: r.place.Epoch, Seq: s.Seq}); err != nil {
			return fmt.Errorf("remove what was taken down from the event stream: %w", err)
		}
		if err := log.Erased(ctx, s.Identifier); err != nil {
			return err
		}
		r.Logger.Info("what was taken down is gone from the event stream", "record", s.Identifier)
	}
	return nil
}

// Anew makes of what the log keeps of a record the state in which its source's present rules serve it.
func Anew(src *Source, rec *Record) (Change, error) {
	mapper := src.Rules()
	c := Change{Identifier: rec.Identifier, Origin: rec.Origin, Original: rec.Original, Rules: mapper.Version()}
	for _, set := range rec.Sets {
		if set == src.minted() || strings.HasPrefix(set, src.minted()+":") { // the others are made by rules
			c.Sets = append(c.Sets, set)
		}
	}
	made, err := mapItem(mapper, &c, &harvest.Item{
		Key: rec.Origin.Identifier, Datestamp: rec.Origin.Datestamp, Format: rec.Origin.Format, Original: rec.Original, Provenance: rec.Origin.Provenance,
	})
	if err != nil {
		return c, fmt.Errorf("map %s: %w", rec.Identifier, err)
	}
	c.Sets, c.Formats, c.Rights, c.DC, c.OAIDC, c.Notes, c.Fingerprint = made.Sets, made.Formats, made.Rights, made.DC, made.OAIDC, made.Notes, made.Fingerprint
	return c, nil
}
