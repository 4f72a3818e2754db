// Package push is a source that can't be asked: systems send their records, and each thing that they send is a pass.
//
//	ctx = push.With(ctx, &push.Delivery{ID: id, Pages: pages})
//	page, err := push.Source{}.Page(ctx, at)
//
// What was sent comes to the [Source] with the context of a run, a [Delivery]. A cursor holds the delivery's ID and how
// many of its pages came before, so a delivery that was broken off leaves no place to go on from: what is sent next is
// read from its own beginning.
package push

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Document is what was sent, as it came.
type Document struct {
	Name    string // for people
	Content io.ReaderAt
	Size    int64 // in bytes
	// Charset is what the sender says of a text; Tabs that it is a table with tabs. Both may be wrong.
	Charset string
	Tabs    bool
	// Named says that the sender has said which record it is: records without an identifier have an empty key.
	Named bool
}

// A Delivery is what was sent at once. It can be read once.
type Delivery struct {
	// ID tells it from all others.
	ID string
	// Pages are what it holds. Only their items, warnings, and what they lack count.
	Pages iter.Seq2[*harvest.Page, error]
	// Full says that it is everything that the source has.
	Full bool

	read     int
	next     func() (*harvest.Page, error, bool)
	stop     func()
	unproven bool
}

type deliveryKey struct{}

// With returns a context in which a Source gives what was delivered. The caller must Close the delivery.
func With(ctx context.Context, d *Delivery) context.Context {
	d.next, d.stop = iter.Pull2(d.Pages)
	return context.WithValue(ctx, deliveryKey{}, d)
}

// Close lets go of what was not read.
func (d *Delivery) Close() { d.stop() }

// A Source gives what comes with the context.
type Source struct{}

var _ harvest.Source = Source{}

// Page gives the next page of what was delivered. Its errors have the kind config if nothing was.
func (Source) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	d, ok := ctx.Value(deliveryKey{}).(*Delivery)
	if !ok {
		return nil, &harvest.Error{Kind: harvest.Config, Detail: "the source can't be asked; systems send its records to the operators' listener"}
	}
	if d.read > 0 && at != d.place() {
		return nil, &harvest.Error{Kind: harvest.Config, Detail: "what was sent can be read once, and only in its order"}
	}
	page, err, more := d.next()
	if err != nil {
		return nil, err
	}
	if !more {
		page = &harvest.Page{}
	}
	d.read++
	d.unproven = d.unproven || page.Unproven
	page.Full, page.Done, page.Next = d.Full, !more, d.place()
	page.Unproven = page.Unproven || page.Done && d.unproven
	return page, nil
}

// place is the cursor behind the pages that were read.
func (d *Delivery) place() harvest.Cursor {
	return harvest.Cursor(fmt.Sprintf("%s %d", d.ID, d.read))
}
