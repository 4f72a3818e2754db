package search

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/internal/collation"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	batchRecords = 1000
	batchBytes   = 4 << 20
	retryAfter   = 10 * time.Second

	// While much is harvested, the index leaves the machine to the harvest, and catches up behind it: for each time that a
	// batch took it rests yielded times as long, unless the log stops growing for quiet. What is less than hurried behind is
	// read at once, so that the change of a single record is found at once.
	yielded      = 9
	longestYield = 30 * time.Second
	quiet        = time.Second
	hurried      = 2 * batchRecords
)

// Run follows the log until ctx ends. What goes wrong is told once, and tried again.
func (x *Index) Run(ctx context.Context) error {
	told := ""
	for ctx.Err() == nil {
		grown, head, began := x.Log.Changed(), x.head.Load(), time.Now()
		more, err := x.Step(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if now := err.Error(); now != told {
				x.Logger.Warn("the search index does not follow the log", "err", err)
				told = now
			}
			x.saw(err)
			x.wait(ctx, nil, retryAfter)
		case !more:
			told = ""
			x.wait(ctx, grown, time.Hour)
		case x.head.Load() > head && x.Behind() > hurried: // something is harvested
			x.rest(ctx, min(yielded*time.Since(began), longestYield))
		}
	}
	return nil
}

// rest waits for d, but not longer than the log goes on growing.
func (x *Index) rest(ctx context.Context, d time.Duration) {
	for end := time.Now().Add(d); ctx.Err() == nil && time.Now().Before(end); {
		grown := x.Log.Changed()
		x.wait(ctx, grown, min(quiet, time.Until(end)))
		select {
		case <-grown:
		default: // the harvest is over, or the time
			return
		}
	}
}

// wait waits until the log has grown, but not longer than for d. A damaged index is made anew.
func (x *Index) wait(ctx context.Context, grown <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-x.hurt:
		if err := x.renew(); err != nil {
			x.Logger.Warn("the search index can't be made anew", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(retryAfter):
			}
			select {
			case x.hurt <- struct{}{}: // it is tried again
			default:
			}
			return
		}
		x.Logger.Info("the search index was damaged, and is made anew")
	case <-ctx.Done():
	case <-grown:
	case <-timer.C:
	}
}

// Step reads the next changes of the log into the index; more says that there may be others. In a log that has begun a
// new epoch, or lost the place, the index begins anew.
func (x *Index) Step(ctx context.Context) (more bool, err error) {
	at, removals := *x.place.Load(), x.removals.Load()
	page, err := x.Log.Changes(ctx, pipeline.Wanted{After: at.Seq, Limit: batchRecords, Bytes: batchBytes})
	if errors.Is(err, pipeline.ErrLost) || err == nil && (at.Epoch != page.Head.Epoch && at.Seq > 0 || at.Seq > page.Head.Seq) {
		return true, x.empty()
	}
	if err != nil {
		return false, err
	}
	x.head.Store(page.Head.Seq)
	next := pipeline.Cursor{Epoch: page.Head.Epoch, Seq: page.Upto}
	if next == at {
		return false, nil
	}
	entries := x.entriesOf(page.Records) // before the lock, for which who takes down a record may be waiting
	read, err := x.take(page.Records, entries, at, next, removals)
	if err != nil || !read {
		return true, err
	}
	if slices.ContainsFunc(page.Records, func(r pipeline.Record) bool { return r.Deleted == pipeline.Takedown }) {
		x.forgetKept()
		if err := x.purge(); err != nil {
			return false, err
		}
	}
	return next.Seq < page.Head.Seq, nil
}

// take takes what was read of the log into the index, unless a record of it may have been taken down since.
func (x *Index) take(records []pipeline.Record, entries []*entry, at, next pipeline.Cursor, removals int64) (bool, error) {
	x.write.Lock()
	defer x.write.Unlock()
	if x.writer == nil {
		return false, errClosed
	}
	if *x.place.Load() != at || x.removals.Load() != removals {
		return false, nil
	}
	if err := x.apply(records, entries, next); err != nil {
		return false, err
	}
	x.place.Store(&next)
	return true, nil
}

// entriesOf works out what of each record is found; nothing of one that is deleted, or can't be read.
func (x *Index) entriesOf(records []pipeline.Record) []*entry {
	out := make([]*entry, len(records))
	for i := range records {
		rec := &records[i]
		if rec.Deleted != pipeline.Live {
			continue
		}
		e, err := x.entryOf(rec)
		if err != nil { // it holds up no other
			x.Logger.Error("a record can't be searched", "identifier", rec.Identifier, "err", err)
			continue
		}
		out[i] = e
	}
	return out
}

func (x *Index) apply(records []pipeline.Record, entries []*entry, next pipeline.Cursor) (err error) {
	defer x.undone(&err)
	defer sqlitex.Transaction(x.writer)(&err)
	// All are forgotten before the first is put, because FTS5 writes what it has in memory before it deletes.
	had, has := map[int64]bool{}, shift{}
	var down []collation.Key
	for i := range records {
		title, err := x.forget(records[i].Identifier, had, has)
		if err != nil {
			return err
		}
		if records[i].Deleted == pipeline.Takedown {
			down = append(down, title)
		}
	}
	for i, e := range entries {
		if e == nil {
			continue
		}
		if err := x.put(&records[i], e, has); err != nil {
			return err
		}
	}
	if err := x.settle(had, has, down); err != nil {
		return err
	}
	return do(x.writer, "UPDATE at SET epoch = ?, seq = ?, tongues = ?", next.Epoch, next.Seq, int64(x.tongues.Load()))
}

// undone forgets what was noted of a transaction that is not.
func (x *Index) undone(err *error) {
	if *err != nil {
		x.known, x.shelves = nil, nil
	}
}

// settle writes what a batch changes in the table has, and what follows of it. down are the titles of what was taken down.
func (x *Index) settle(had map[int64]bool, has shift, down []collation.Key) error {
	grown, err := has.write(x.writer)
	if err == nil {
		err = x.shelve(grown)
	}
	for _, title := range down {
		if err == nil {
			err = x.relabel(title)
		}
	}
	if err == nil {
		err = x.drop(had)
	}
	return err
}

// forget takes a record out of the index, and notes the numbers of the values that it had. It gives the record's title.
func (x *Index) forget(identifier string, had map[int64]bool, has shift) (title collation.Key, err error) {
	conn := x.writer
	seq, err := seqOf(conn, identifier)
	if err != nil || seq == 0 {
		return nil, err
	}
	h, names := hit{}, []int64{hashOf(identifier)}
	if err := docs(conn, "has, names, begin, finish, title", []int64{seq}, func(r *sqlite.Stmt) {
		h = hit{has: blob(r, 0), dated: !r.ColumnIsNull(2), begin: r.ColumnInt64(2), finish: r.ColumnInt64(3), title: blob(r, 4)}
		names = append(names, unpacked(blob(r, 1))...)
	}); err != nil {
		return nil, err
	}
	values := slices.Collect(h.values())
	for _, value := range values {
		had[value] = true
	}
	shelves, err := x.shelvesFor(h.title, seq)
	if err != nil {
		return nil, err
	}
	has.note(append(membersOf(values, h.dated, h.begin, h.finish), shelves...), seq, false)
	for _, name := range names {
		if err := do(conn, "DELETE FROM name WHERE hash = ? AND seq = ?", name, seq); err != nil {
			return nil, err
		}
	}
	for _, query := range []string{"DELETE FROM words WHERE rowid = ?", "DELETE FROM doc WHERE seq = ?"} {
		if err := do(conn, query, seq); err != nil {
			return nil, err
		}
	}
	return h.title, nil
}

// drop drops those values that no record has any more.
func (x *Index) drop(had map[int64]bool) error {
	for value := range had {
		kept, v := false, facetValue{facet: numbered[value%kinds]}
		if err := rows(x.writer, "SELECT 1 FROM has WHERE value = ? LIMIT 1", []any{value}, func(*sqlite.Stmt) { kept = true }); err != nil {
			return err
		}
		if kept {
			continue
		}
		if err := rows(x.writer, "SELECT text FROM value WHERE value = ?", []any{value}, func(r *sqlite.Stmt) { v.text = r.ColumnText(0) }); err != nil {
			return err
		}
		delete(x.known, v)
		if err := do(x.writer, "DELETE FROM number WHERE hash = ? AND value = ?", v.hash(), value); err != nil {
			return err
		}
		if err := do(x.writer, "DELETE FROM value WHERE value = ?", value); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) put(rec *pipeline.Record, e *entry, has shift) error {
	conn := x.writer
	var begin, finish any
	if e.dated {
		begin, finish = e.begin, e.finish
	}
	numbers := make([]byte, 0, 4*len(e.values)) // not nil, which would be NULL
	values := make([]int64, len(e.values))
	for i, v := range e.values {
		var err error
		if values[i], err = x.number(v); err != nil {
			return err
		}
		numbers = binary.AppendUvarint(numbers, uint64(values[i]))
	}
	x.tongues.Or(uint32(e.tongues))
	shelves, err := x.shelvesFor(e.title, rec.Seq)
	if err != nil {
		return err
	}
	has.note(append(membersOf(values, e.dated, e.begin, e.finish), shelves...), rec.Seq, true)
	if err := do(conn, "INSERT INTO doc (seq, begin, finish, has, names, identifier, title, marks) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		rec.Seq, begin, finish, numbers, packed(e.names), rec.Identifier, []byte(e.title), e.marked()); err != nil {
		return err
	}
	w := &e.words
	if err := do(conn, "INSERT INTO words (rowid, title, creator, subject, place, abstract, identifier, other) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		rec.Seq, w[inTitle], w[inCreator], w[inSubject], w[inPlace], w[inAbstract], w[inIdentifier], w[inOther]); err != nil {
		return err
	}
	for _, name := range append(e.names, hashOf(rec.Identifier)) {
		if err := do(conn, "INSERT OR IGNORE INTO name (hash, seq) VALUES (?, ?)", name, rec.Seq); err != nil {
			return err
		}
	}
	return nil
}

// maxKnown bounds how many numbers of values are kept in memory.
const maxKnown = 20_000

// number is the number of a value, a new one if it has none.
func (x *Index) number(v facetValue) (n int64, err error) {
	if n, known := x.known[v]; known {
		return n, nil
	}
	if n, err = numberOf(x.writer, v); err != nil {
		return 0, err
	}
	if n == 0 {
		if err := rows(x.writer, "SELECT coalesce(max(value), 0) FROM value", nil, func(r *sqlite.Stmt) { n = r.ColumnInt64(0) }); err != nil {
			return 0, err
		}
		n = (n/kinds+1)*kinds + int64(slices.Index(numbered, v.facet))
		if err := do(x.writer, "INSERT INTO value (value, text) VALUES (?, ?)", n, v.text); err != nil {
			return 0, err
		}
		if err := do(x.writer, "INSERT INTO number (hash, value) VALUES (?, ?)", v.hash(), n); err != nil {
			return 0, err
		}
	}
	if len(x.known) >= maxKnown || x.known == nil {
		x.known = map[facetValue]int64{}
	}
	x.known[v] = n
	return n, nil
}

// numberOf is the number of a value; 0 if no record has it. It is planned once, as that of [seqOf] is.
func numberOf(conn *sqlite.Conn, v facetValue) (n int64, err error) {
	facet := slices.Index(numbered, v.facet)
	err = rows(conn, "SELECT v.value FROM number n CROSS JOIN value v ON v.value = n.value WHERE n.hash = +? AND v.value % ? = +? AND v.text = +?", []any{v.hash(), kinds, facet, v.text},
		func(r *sqlite.Stmt) { n = r.ColumnInt64(0) })
	return n, err
}

func (v facetValue) hash() int64 { return hashOf(v.facet + "\x00" + v.text) }

// hashOf stands for a text, in 47 bits, which take six bytes in the file. Two identifiers with one hash would be found by
// each other, and nothing else would come of it.
func hashOf(text string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // it has no errors
	return int64(h.Sum64() >> 17)
}

// packed are hashes as six bytes each.
func packed(hashes []int64) []byte {
	out := make([]byte, 0, 6*len(hashes)) // not nil, which would be NULL
	for _, h := range hashes {
		out = append(out, byte(h>>40), byte(h>>32), byte(h>>24), byte(h>>16), byte(h>>8), byte(h))
	}
	return out
}

func unpacked(b []byte) (out []int64) {
	for ; len(b) >= 6; b = b[6:] {
		out = append(out, int64(b[0])<<40|int64(b[1])<<32|int64(b[2])<<24|int64(b[3])<<16|int64(b[4])<<8|int64(b[5]))
	}
	return out
}

// Remove takes a record that was taken down out of the index at once, and its words out of the file. (One that was taken
// down while the index was closed goes when the index reads its tombstone.)
func (x *Index) Remove(identifier string) error {
	err := x.takeOut(identifier)
	x.forgetKept()
	if err == nil {
		err = x.purge()
	}
	if x.saw(err); damaged(err) {
		return nil // the file is removed whole
	}
	return err
}

func (x *Index) takeOut(identifier string) (err error) {
	x.write.Lock()
	defer x.write.Unlock()
	x.removals.Add(1)
	if x.writer == nil {
		return nil // there is nothing in it
	}
	defer x.undone(&err)
	defer sqlitex.Transaction(x.writer)(&err)
	had, has := map[int64]bool{}, shift{}
	title, err := x.forget(identifier, had, has)
	if err != nil {
		return err
	}
	return x.settle(had, has, []collation.Key{title})
}

// mergedAtOnce is how many pages of the index of words are merged while nothing else is written.
const mergedAtOnce = 500

// purge leaves nothing in the file of the words that were deleted: the parts of the index of words are merged, a few pages at
// a time, so that the index follows the log meanwhile.
func (x *Index) purge() error {
	for more := true; more; {
		if err := x.locked(func() (err error) {
			more, err = merge(x.writer, x.mergedAtOnce)
			return err
		}); err != nil {
			return err
		}
	}
	return x.locked(func() error { return do(x.writer, "PRAGMA wal_checkpoint(TRUNCATE)") })
}

// merge merges some pages; more says that there was something to do.
func merge(conn *sqlite.Conn, pages int) (more bool, err error) {
	var changes [2]int64 // FTS5 says by their number whether it found something to do
	for i := range changes {
		if i > 0 {
			err = do(conn, "INSERT INTO words (words, rank) VALUES ('merge', ?)", -pages)
		}
		if err == nil {
			err = rows(conn, "SELECT total_changes()", nil, func(r *sqlite.Stmt) { changes[i] = r.ColumnInt64(0) })
		}
	}
	return changes[1]-changes[0] >= 2, err
}

// locked does something with the file that nobody else writes meanwhile; nothing if it is closed.
func (x *Index) locked(do func() error) error {
	x.write.Lock()
	defer x.write.Unlock()
	if x.writer == nil {
		return nil
	}
	return do()
}

// empty begins anew.
func (x *Index) empty() (err error) {
	x.write.Lock()
	defer x.write.Unlock()
	if x.writer == nil {
		return errClosed
	}
	x.known, x.shelves = nil, nil
	x.Logger.Info("the search index begins anew: the log has another history")
	defer func() {
		if err == nil {
			x.place.Store(&pipeline.Cursor{})
			x.forgetKept()
		}
	}()
	defer sqlitex.Transaction(x.writer)(&err)
	for _, query := range []string{
		"INSERT INTO words (words) VALUES ('delete-all')", "DELETE FROM has", "DELETE FROM value", "DELETE FROM number", "DELETE FROM name", "DELETE FROM doc", "DELETE FROM shelf", firstShelves(), "UPDATE at SET epoch = 0, seq = 0",
	} {
		if err := do(x.writer, query); err != nil {
			return err
		}
	}
	return nil
}
