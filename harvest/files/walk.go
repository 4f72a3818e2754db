package files

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// Bounds of a page. It ends with the item that goes beyond one of them.
const (
	pageItems = 500
	pageBytes = 4 << 20
)

// A walk reads the files of a pass, one after the other.
type walk struct {
	source *Source
	cursor cursor
	list   *listing
	left   []file // those that the pass still reads
	open   *opened
	body   *fetched // the answer of a URL that was fetched to see whether it has changed
}

// begin makes the walk that goes on from a cursor.
func (s *Source) begin(ctx context.Context, c cursor) (*walk, error) {
	list, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	w := &walk{source: s, cursor: c, list: list, left: list.files}
	w.cursor.Seen = maps.Clone(c.Seen) // a cursor may be asked for again
	if w.cursor.Seen == nil {
		w.cursor.Seen = memory{}
	}
	if c.At.Set {
		w.goOn(c.At)
		return w, nil
	}
	if err = w.start(ctx); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// goOn passes over the files before a position.
func (w *walk) goOn(at position) {
	for len(w.left) > 0 && compare(w.left[0].position, at) < 0 {
		w.left = w.left[1:]
	}
	if len(w.left) == 0 || w.left[0].position != at {
		w.cursor.Record, w.cursor.Stamp = 0, stamp{} // the file is gone
	}
}

func compare(a, b position) int {
	return cmp.Or(cmp.Compare(a.Place, b.Place), strings.Compare(a.Name, b.Name))
}

// start begins a pass: at the first file that has changed, or with all of them if they are to be complete.
func (w *walk) start(ctx context.Context) error {
	c := &w.cursor
	first := len(c.Seen) == 0
	if len(w.left) == 0 && (first || w.source.config.Complete) {
		return w.source.nothing()
	}
	unchanged := 0
	for unchanged < len(w.left) {
		changed, err := w.changed(ctx, &w.left[unchanged])
		if err != nil {
			return err
		}
		if changed {
			break
		}
		unchanged++
	}
	gone := w.forget()
	switch {
	case !w.source.config.Complete:
		w.left = w.left[unchanged:]
	case first || gone || unchanged < len(w.left):
		c.Full, c.Set = true, w.list.digest()
	default:
		w.left = nil
	}
	return nil
}

// changed reports whether a file is another than it was when it was read. If only its time is another, that is noted.
func (w *walk) changed(ctx context.Context, f *file) (bool, error) {
	k, had := w.cursor.Seen[f.id()]
	if !had {
		return true, nil
	}
	if f.url == "" && f.state() == k.state {
		return false, nil
	}
	if f.refused != "" || f.url == "" && f.info == nil {
		return true, nil
	}
	o, err := w.openFile(ctx, f)
	if err != nil {
		return false, err
	}
	defer o.close()
	content, err := o.content(ctx)
	if err != nil {
		return false, err
	}
	if content != k.content {
		return true, nil
	}
	w.cursor.Seen.remember(f.id(), known{o.settled(), content})
	return false, o.check()
}

// forget forgets the files that are gone, and reports whether there are any.
func (w *walk) forget() bool {
	is := make(map[stamp]bool, len(w.list.files))
	for i := range w.list.files {
		is[w.list.files[i].id()] = true
	}
	had := len(w.cursor.Seen)
	maps.DeleteFunc(w.cursor.Seen, func(name stamp, _ known) bool { return !is[name] })
	return len(w.cursor.Seen) < had
}

// digest tells one state of all files from another.
func (l *listing) digest() string {
	var parts []string
	for i := range l.files {
		f := &l.files[i]
		state := ""
		if f.url == "" {
			state = f.state().text()
		}
		parts = append(parts, fmt.Sprint(f.Place), f.Name, state)
	}
	return digest(parts...).text()
}

// page reads on until there is enough for a page.
func (w *walk) page(ctx context.Context) (*harvest.Page, error) {
	p := &harvest.Page{Full: w.cursor.Full}
	size := 0
	for len(w.left) > 0 && len(p.Items) < pageItems && size < pageBytes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if w.open == nil {
			if err := w.openNext(ctx); err != nil {
				return nil, err
			}
		}
		m, err, more := w.open.next()
		switch {
		case err != nil:
			return nil, err
		case !more:
			if w.alone(&w.left[0]) {
				p.Ended = append(p.Ended, keyOfPlace(w.left[0].name()))
			}
			if err := w.finish(ctx); err != nil {
				return nil, err
			}
			continue
		}
		w.cursor.Record++
		take(p, w.left[0].name(), &m)
		size += len(m.item.Original)
	}
	if w.open != nil {
		if err := w.open.check(); err != nil {
			return nil, err
		}
		w.cursor.Stamp = w.open.state
	}
	return p, w.end(ctx, p)
}

// take puts what was met in a file on the page.
func take(p *harvest.Page, name string, m *met) {
	p.Unproven = p.Unproven || m.unproven
	if m.warn != "" {
		p.Warnings = wording.AddOnce(p.Warnings, m.warn)
		return
	}
	if p.Full && m.unproven {
		p.Warnings = wording.AddOnce(p.Warnings, warnUnkeyed)
	}
	// Of those on one page, who stores the page tells.
	if m.repeats && !slices.ContainsFunc(p.Items, func(had harvest.Item) bool { return had.Key == m.item.Key }) {
		p.Warnings = wording.AddOnce(p.Warnings, warnTwice)
	}
	p.Items = append(p.Items, m.item)
	if m.short {
		p.Short = "a file is damaged, and records of it are missing: " + wording.ClipLine(name, 200)
	}
}

// openNext opens the next file. If records were read of it before, and it is the same still, it goes on behind them.
func (w *walk) openNext(ctx context.Context) error {
	o, err := w.openFile(ctx, &w.left[0])
	if err != nil {
		return err
	}
	w.open = o
	if o.isYoung() {
		if o.first, err = o.content(ctx); err != nil {
			return err
		}
	}
	o.begin(w.source)
	skip := w.cursor.Record
	if o.state != w.cursor.Stamp {
		skip, w.cursor.Record = 0, 0
	}
	for ; skip > 0; skip-- {
		if _, err, more := o.next(); err != nil || !more {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// alone reports whether no other file of the source has the name of this one, as one of another place of the
// configuration may.
func (w *walk) alone(f *file) bool {
	for place := range w.source.config.From {
		_, found := slices.BinarySearchFunc(w.list.files, position{Place: place, Name: f.Name}, func(other file, at position) int { return compare(other.position, at) })
		if found && f.url == "" && place != f.Place {
			return false
		}
	}
	return true
}

// finish remembers a file that was read to its end. One that lacks records is read again in the next pass.
func (w *walk) finish(ctx context.Context) error {
	o, f := w.open, &w.left[0]
	if !o.short {
		content, err := o.content(ctx)
		if err != nil {
			return err
		}
		if o.first != (stamp{}) && o.first != content {
			return changed(f.Name, nil)
		}
		w.cursor.Seen.remember(f.id(), known{o.settled(), content})
	} else {
		delete(w.cursor.Seen, f.id())
	}
	if err := o.check(); err != nil {
		return err
	}
	o.close()
	w.open, w.body, w.left = nil, nil, w.left[1:]
	w.cursor.Record, w.cursor.Stamp = 0, stamp{}
	return nil
}

// end says where the next page begins, or the next pass.
func (w *walk) end(ctx context.Context, p *harvest.Page) error {
	c := w.cursor
	if len(w.left) > 0 {
		c.At = w.left[0].position
		p.Next = c.write()
		return nil
	}
	p.Done = true
	if c.Full {
		now, err := w.source.list(ctx)
		if err != nil {
			return err
		}
		now.close()
		if now.digest() != c.Set {
			p.Unproven = true
			p.Warnings = append(p.Warnings, warnFiles)
			c.Seen = nil // all of them once more: that pass can show what is gone
		}
	}
	c.Full, c.Set, c.At, c.Record, c.Stamp = false, "", position{}, 0, stamp{}
	p.Next = c.write()
	return nil
}

func (w *walk) close() {
	if w.open != nil {
		w.open.close()
		w.open = nil
	}
	w.list.close()
}
