package sqlite

import (
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Sets and formats are lists: a record is in some of them, and has left others (departure). A record
// that changes moves to the end of each list that it is in; a departure stays where it was made. Who is
// in a set or has a native format is in member; who has a format that is made, is in the record's bits.

type listKind string

const (
	setList    listKind = "set"
	formatList listKind = "format"
	madeList   listKind = "made"
)

// listKeys caches the keys of lists. Only the writer uses it.
type listKeys struct {
	keys   map[listName]int64
	titles map[string]string        // of native formats, by prefix
	native map[harvest.Format]int64 // what nativeKey found

	versions map[string]int // the greatest of each format's writer that was ever used
}

type listName struct {
	kind listKind
	name string
}

func (l *listKeys) load(conn *sqlite.Conn) error {
	l.keys, l.titles, l.native = map[listName]int64{}, map[string]string{}, map[harvest.Format]int64{}
	l.versions = map[string]int{}
	if err := each(conn, "SELECT name, value FROM meta WHERE name >= ?1 AND name < ?1 || char(0x10FFFF)", []any{rendererMeta}, func(r *sqlite.Stmt) error {
		l.versions[strings.TrimPrefix(r.ColumnText(0), rendererMeta)] = int(r.ColumnInt64(1))
		return nil
	}); err != nil {
		return err
	}
	return each(conn, "SELECT key, kind, name, title FROM list", nil, func(r *sqlite.Stmt) error {
		n := listName{listKind(r.ColumnText(1)), r.ColumnText(2)}
		l.keys[n] = r.ColumnInt64(0)
		if n.kind == formatList {
			l.titles[n.name] = r.ColumnText(3)
		}
		return nil
	})
}

// forget drops what was cached: a write that was rolled back may have made keys.
func (l *listKeys) forget() { l.keys = nil }

// key finds the key of a list, and makes it if there is none yet.
func (l *listKeys) key(conn *sqlite.Conn, kind listKind, name, title string) (int64, error) {
	if l.keys == nil {
		if err := l.load(conn); err != nil {
			return 0, err
		}
	}
	n := listName{kind, name}
	if k, ok := l.keys[n]; ok {
		return k, nil
	}
	if err := exec(conn, "INSERT INTO list (kind, name, title) VALUES (?, ?, ?)", string(kind), name, title); err != nil {
		return 0, err
	}
	l.keys[n] = conn.LastInsertRowID()
	return l.keys[n], nil
}

// listDelta is how many members and departures a commit adds to a list.
type listDelta struct{ members, departures int64 }

func (tx *commit) delta(key int64) *listDelta {
	d := tx.lists[key]
	if d == nil {
		d = &listDelta{}
		tx.lists[key] = d
	}
	return d
}

// countLists brings the counters up to date.
func (tx *commit) countLists() error {
	for key, d := range tx.lists {
		if *d == (listDelta{}) {
			continue
		}
		if err := exec(tx.conn, "UPDATE list SET members = members + ?, departures = departures + ? WHERE key = ?",
			d.members, d.departures, key); err != nil {
			return err
		}
	}
	return nil
}

// nameSets notes what sets are called. Those that are called so already are not written again.
func (tx *commit) nameSets() error {
	for spec, name := range tx.batch.SetNames {
		if err := exec(tx.conn, "UPDATE list SET title = ?1 WHERE kind = 'set' AND name = ?2 AND title <> ?1", name, spec); err != nil {
			return err
		}
	}
	return nil
}

// formatKey is the list of the change's native format; 0 if there is none beside oai_dc, which is
// always ours. A deletion keeps the one the record had.
func (tx *commit) formatKey(c *prepared, old *oldItem) (int64, error) {
	if old.item != 0 && c.Deleted != "" {
		return old.format, nil
	}
	return tx.store.lists.nativeKey(tx.conn, c.Origin.Format)
}

// keysOf are the lists that a record with these sets and this native format is in.
func (tx *commit) keysOf(sets string, format int64) ([]int64, error) {
	var keys []int64
	for _, spec := range withAncestors(sets) {
		k, err := tx.store.lists.key(tx.conn, setList, spec, spec)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if format != 0 {
		keys = append(keys, format)
	}
	return keys, nil
}

// moveMembers moves the record in the lists that it stays in, enters it into new ones, and leaves a
// departure in those that it leaves.
func (tx *commit) moveMembers(c *prepared, old *oldItem, item, seq int64) error {
	format, err := tx.formatKey(c, old)
	if err != nil {
		return err
	}
	return tx.move(c.sets, format, old, item, seq)
}

// move does so for a record that is to be in these sets, with this native format.
func (tx *commit) move(sets string, format int64, old *oldItem, item, seq int64) error {
	now, err := tx.keysOf(sets, format)
	if err != nil {
		return err
	}
	var before []int64
	if old.item != 0 {
		if before, err = tx.keysOf(old.sets, old.format); err != nil {
			return err
		}
	}
	for _, k := range before {
		if err := exec(tx.conn, "DELETE FROM member WHERE key = ? AND seq = ?", k, old.seq); err != nil {
			return err
		}
		if !slices.Contains(now, k) {
			if err := tx.leave(k, item, seq, old.identifier); err != nil {
				return err
			}
		}
	}
	for _, k := range now {
		if err := exec(tx.conn, "INSERT INTO member (key, seq) VALUES (?, ?)", k, seq); err != nil {
			return err
		}
		if !slices.Contains(before, k) {
			if err := tx.enter(k, old.item); err != nil {
				return err
			}
		}
	}
	return nil
}

// enter counts a new member, and takes back the departure of an item that had left; item is 0 if it
// was never there.
func (tx *commit) enter(key, item int64) error {
	tx.delta(key).members++
	if item == 0 {
		return nil
	}
	return each(tx.conn, "DELETE FROM departure WHERE item = ? AND key = ? RETURNING seq", []any{item, key}, func(r *sqlite.Stmt) error {
		tx.store.moves.touch(r.ColumnInt64(0))
		tx.delta(key).departures--
		return nil
	})
}

func (tx *commit) leave(key, item, seq int64, identifier string) error {
	tx.delta(key).members--
	tx.delta(key).departures++
	return exec(tx.conn, "INSERT INTO departure (key, seq, item, datestamp, identifier) VALUES (?, ?, ?, ?, ?)",
		key, seq, item, tx.head.Datestamp.Unix(), identifier)
}

// moveFormats does for the formats that are made of a record what moveMembers does for the others.
func (tx *commit) moveFormats(c *prepared, old *oldItem, item, seq int64) error {
	err := tx.store.noteVersions(tx.conn, c.formats)
	(old.formats ^ c.formats).Each(func(one pipeline.Formats, prefix string) {
		if err != nil {
			return
		}
		var key int64
		if key, err = tx.store.lists.key(tx.conn, madeList, prefix, ""); err != nil {
			return
		}
		if old.formats&one != 0 {
			err = tx.leave(key, item, seq, old.identifier)
		} else {
			err = tx.enter(key, old.item)
		}
	})
	return err
}
