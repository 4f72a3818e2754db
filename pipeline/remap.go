package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A StoredRecord is a live record of the log with all that it was made of.
type StoredRecord struct {
	Record         // with Original, Rules and Notes
	OAIDC   []byte // as it is served
	Formats Formats
	Rights  string
}

// A StoredPage has some of the records of one source, one after the other in the log.
type StoredPage struct {
	Records []StoredRecord
	// Passed are the places of the records that were passed over because the rules asked for had made them.
	Passed []int64
	// Head is the seq of the log's head in the snapshot that they were read in.
	Head int64
	// Next is the seq to go on after. Done says that the head was reached.
	Next int64
	Done bool
}

// A Keeper is what a Remapper needs of a log.
type Keeper interface {
	// Originals looks at up to limit live records of a source after seq, in their order, and gives those
	// that other rules than the given version have made. It ends early where originals are large.
	Originals(ctx context.Context, source string, after int64, rules string, limit int) (*StoredPage, error)

	// Pack does the part of storing a change that needs no transaction, so that it can be done beside other work. It
	// leaves the result in Packed. Several goroutines call it at once.
	Pack(c *RemapChange) error

	// Remap stores what new rules made of records, packed or not, all or nothing, durably before it returns. A change
	// that was worked out from a state that is not the record's present one is skipped. No run is
	// fenced: harvesting goes on beside it. ErrPaused if the clock can't be trusted now.
	Remap(ctx context.Context, b *RemapBatch) (*RemapReceipt, error)

	// RemapPlace is the place that the last batch of a remap of the source with these rules named; zero
	// if it was done, or there was none.
	RemapPlace(ctx context.Context, source, rules string) (int64, error)
}

// A RemapBatch is a part of a remap, ready to be stored.
type RemapBatch struct {
	Source string
	Rules  string // version of the rules that made the changes
	// After is the place that the remap has come to with this batch; if Done, there is nothing more.
	After   int64
	Done    bool
	Changes []RemapChange
}

// A RemapChange is what new rules made of one record.
type RemapChange struct {
	Identifier string
	Seq        int64 // of the state that it was worked out from
	// Same says that what is served stays as it is, so that the record must not move. DC is then nil,
	// or says the same in other words.
	Same        bool
	Fingerprint Hash
	DC, OAIDC   []byte
	Sets        []string
	Formats     Formats
	Rights      string
	Notes       []byte
	Packed      any // what Pack made of it; the keeper's own
}

// A RemapReceipt says what a batch did.
type RemapReceipt struct {
	Head    Head
	Changed int64 // moved to the end of the log
	Same    int64
	Skipped int64 // had moved since, or are gone
}

// A Remapper runs rules over what is kept of a source.
//
// It can be killed at any instant, and goes on where it was when it is run again with the same rules.
// Records that the rules have made already are left alone, so running it again costs a look.
type Remapper struct {
	Log    Keeper
	Source *Source
	Mapper Mapper // the rules to run; Source.Rules if nil
	// Rate bounds how many records change in a second; as fast as it goes if zero.
	Rate float64
	// Page is how many records are read in one snapshot, and at most written in one transaction; 500 if zero.
	Page int
	// Progress, if not nil, is called after each batch and each page, from one goroutine.
	Progress func(*RemapReport)
}

func (r *Remapper) page() int { return cmp.Or(r.Page, 1000) }

// Count finds out what Apply would do, and changes nothing.
func (r *Remapper) Count(ctx context.Context) (*RemapReport, error) {
	report := r.newReport()
	err := r.walk(ctx, 0, false, func(p *remapped) error {
		for i := range p.changes {
			if p.changes[i].Same {
				report.Same++
			} else {
				report.Changed++
			}
		}
		return nil
	}, report)
	return report, err
}

// Apply stores what the rules make of the records. It moves only the records of which something else will be served,
// at the bounded pace. It passes over a record that somebody else has changed meanwhile, because that state is newer.
// A record that the rules can't read stays as it is.
func (r *Remapper) Apply(ctx context.Context) (*RemapReport, error) {
	report := r.newReport()
	from, err := r.Log.RemapPlace(ctx, r.Source.Name, report.Rules)
	if err != nil {
		return report, fmt.Errorf("remap %s: %w", r.Source.Name, err)
	}
	report.Resumed = from > 0
	size, pace := r.page(), rate.NewLimiter(rate.Inf, 0)
	if r.Rate > 0 {
		// A batch is what may change in a second, so that a slow drip is one.
		size = int(min(float64(size), max(1, r.Rate)))
		pace = rate.NewLimiter(rate.Limit(r.Rate), size)
	}
	err = r.walk(ctx, from, true, func(p *remapped) error { return r.store(ctx, p, size, pace, report) }, report)
	return report, err
}

// store commits a page in batches of limited size.
func (r *Remapper) store(ctx context.Context, p *remapped, size int, pace *rate.Limiter, report *RemapReport) error {
	for p.done || len(p.changes) > 0 {
		n, moving := 0, 0
		for ; n < len(p.changes) && moving < size; n++ {
			if !p.changes[n].Same {
				moving++
			}
		}
		b := &RemapBatch{Source: r.Source.Name, Rules: report.Rules, After: p.next, Done: p.done, Changes: p.changes[:n]}
		if p.changes = p.changes[n:]; len(p.changes) > 0 {
			b.After, b.Done = b.Changes[n-1].Seq, false
		}
		if err := pace.WaitN(ctx, moving); err != nil {
			return fmt.Errorf("remap %s: %w", r.Source.Name, err)
		}
		receipt, err := r.Log.Remap(ctx, b)
		if err != nil {
			return fmt.Errorf("remap %s: %w", r.Source.Name, err)
		}
		report.Changed += receipt.Changed
		report.Same += receipt.Same
		report.Skipped += receipt.Skipped
		if b.Done {
			break
		}
		if len(p.changes) > 0 { // a slow drip shows that it moves; after the last batch comes the page
			r.progress(report)
		}
	}
	return nil
}

// remapped is a page of records after mapping.
type remapped struct {
	stored   *StoredPage
	outcomes []remapOutcome
	changes  []RemapChange
	next     int64
	done     bool
}

// walk reads the source's records page by page, maps them, and calls f for each page. Reading, mapping
// and f go on side by side, each with a page of its own: no more than three are held at once.
func (r *Remapper) walk(ctx context.Context, from int64, apply bool, f func(*remapped) error, report *RemapReport) error {
	start := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	stored, pages := make(chan *StoredPage), make(chan *remapped)
	var g errgroup.Group
	g.Go(func() error {
		defer close(stored)
		return r.read(ctx, from, report.Rules, stored)
	})
	g.Go(func() error {
		defer close(pages)
		return r.mapPages(ctx, apply, stored, pages)
	})
	defer func() { _ = g.Wait() }() // what it says has been said, or comes of the cancelling
	defer cancel()
	head := int64(-1) // before anything was moved
	for page := range pages {
		if head < 0 {
			head = page.stored.Head
		}
		report.addPage(page, head)
		if err := f(page); err != nil {
			return err
		}
		report.Took = time.Since(start)
		r.progress(report)
	}
	return g.Wait()
}

func (r *Remapper) progress(report *RemapReport) {
	if r.Progress != nil {
		r.Progress(report)
	}
}

// mapPages maps what is read.
func (r *Remapper) mapPages(ctx context.Context, apply bool, in <-chan *StoredPage, out chan<- *remapped) error {
	mapper := r.rules()
	for s := range in {
		page := &remapped{stored: s, outcomes: r.mapAll(mapper, s.Records, apply), next: s.Next, done: s.Done}
		for i := range page.outcomes {
			if page.outcomes[i].err == nil {
				page.changes = append(page.changes, page.outcomes[i].change)
			}
		}
		if !send(ctx, out, page) {
			return ctx.Err()
		}
	}
	return nil
}

// read reads the source's records until the head.
func (r *Remapper) read(ctx context.Context, from int64, rules string, out chan<- *StoredPage) error {
	for {
		s, err := r.Log.Originals(ctx, r.Source.Name, from, rules, r.page())
		if err != nil {
			return fmt.Errorf("remap %s: %w", r.Source.Name, err)
		}
		if !send(ctx, out, s) {
			return ctx.Err()
		}
		if s.Done {
			return nil
		}
		from = s.Next
	}
}

func (r *Remapper) rules() Mapper {
	if r.Mapper != nil {
		return r.Mapper
	}
	return r.Source.Rules()
}

// remapOutcome is what came of mapping one record again.
type remapOutcome struct {
	change RemapChange
	terms  []ChangedTerm
	err    error
}

// mapAll maps the records on all cores.
func (r *Remapper) mapAll(mapper Mapper, records []StoredRecord, apply bool) []remapOutcome {
	out := make([]remapOutcome, len(records))
	onAllCores(len(records), func(i int) { out[i] = r.mapOne(mapper, &records[i], apply) })
	return out
}

// mapOne maps a record again, and packs the result if it is to be stored.
func (r *Remapper) mapOne(mapper Mapper, k *StoredRecord, apply bool) remapOutcome {
	made, err := remapItem(mapper, k, apply)
	if err != nil {
		return remapOutcome{err: err}
	}
	o := remapOutcome{terms: made.Terms, change: RemapChange{
		Identifier: k.Identifier, Seq: k.Seq, Same: made.Same, Fingerprint: made.Fingerprint, DC: made.DC, OAIDC: made.OAIDC,
		Sets: made.Sets, Formats: made.Formats, Rights: made.Rights, Notes: made.Notes,
	}}
	if apply && made.DC != nil {
		o.err = r.Log.Pack(&o.change)
	}
	return o
}

// Item is the item as the source sent it, as far as it is kept.
func (k *StoredRecord) Item() *harvest.Item {
	return &harvest.Item{
		Key: k.Origin.Identifier, Identifier: k.Origin.Identifier, Datestamp: k.Origin.Datestamp,
		Format: k.Origin.Format, Original: k.Original, Provenance: k.Origin.Provenance,
	}
}
