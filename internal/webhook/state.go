package webhook

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// layout is the version of the tables.
const layout = 1

// Times are Unix milliseconds; 0 for none.
var tables = []string{
	"CREATE TABLE hook (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, pass INTEGER NOT NULL, ended INTEGER NOT NULL, failing INTEGER NOT NULL, why TEXT NOT NULL, delivered INTEGER NOT NULL) STRICT",
	"CREATE TABLE letter (hook TEXT NOT NULL, identifier TEXT NOT NULL, seq INTEGER NOT NULL, prev INTEGER NOT NULL, attempts INTEGER NOT NULL, " +
		"first INTEGER NOT NULL, next INTEGER NOT NULL, dead INTEGER NOT NULL, why TEXT NOT NULL, PRIMARY KEY (hook, identifier)) STRICT, WITHOUT ROWID",
	"CREATE INDEX letter_next ON letter (hook, dead, next)",
	fmt.Sprintf("PRAGMA user_version = %d", layout),
}

// A pass is how far a subscription is with sending the whole log.
type pass int64

const (
	noPass   pass = iota // it is not
	toBegin              // the receiver is to be told that it begins
	underWay             // it is told that it has ended when everything is delivered
)

// A standing is how a subscription stands, as it is kept.
type standing struct {
	place     pipeline.Cursor
	pass      pass
	ended     time.Time // the receiver wanted no more
	failing   time.Time // nothing was delivered since, though something was tried
	why       string
	delivered time.Time // the last time that something was
}

// A Letter is a change that is still to be delivered.
type Letter struct {
	Identifier string    `json:"identifier"`
	Seq        int64     `json:"seq"`
	Prev       int64     `json:"-"`
	Attempts   int       `json:"attempts"` // that count
	First      time.Time `json:"first"`    // when it failed first
	Next       time.Time `json:"next,omitzero"`
	Dead       bool      `json:"dead"` // it is tried no more
	Why        string    `json:"why"`
}

// A state is what is kept of all subscriptions. What a method writes is on the disk when it returns.
type state struct {
	mu   sync.Mutex
	conn *sqlite.Conn
}

var errClosed = errors.New("the webhooks are closed")

func openState(file string) (s *state, err error) {
	f, err := os.OpenFile(file, os.O_CREATE, 0o600) // before SQLite, which would let others read it
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	s = &state{conn: conn}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Close())
		}
	}()
	for _, set := range []string{"journal_mode = wal", "synchronous = full", "cache_size = -2000", "secure_delete = on"} {
		if err := do(conn, "PRAGMA "+set); err != nil {
			return nil, err
		}
	}
	version := int64(0)
	if err := rows(conn, "PRAGMA user_version", nil, func(r *sqlite.Stmt) { version = r.ColumnInt64(0) }); err != nil {
		return nil, err
	}
	switch {
	case version > layout:
		return nil, fmt.Errorf("a newer program has written it (layout %d)", version)
	case version == 0:
		return s, s.write(func() error {
			for _, t := range tables {
				if err := do(conn, t); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return s, nil
}

func (s *state) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return nil
	}
	conn := s.conn
	s.conn = nil
	return conn.Close()
}

// read runs queries, one goroutine at a time.
func (s *state) read(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return errClosed
	}
	return f()
}

// write runs queries as one transaction.
func (s *state) write(f func() error) error {
	return s.read(func() (err error) {
		end, err := sqlitex.ImmediateTransaction(s.conn)
		if err != nil {
			return err
		}
		defer end(&err)
		return f()
	})
}

// standing is how a subscription stands; known is false if it is a new one.
func (s *state) standing(name string) (st standing, known bool, err error) {
	err = s.read(func() error {
		return rows(s.conn, "SELECT epoch, seq, pass, ended, failing, why, delivered FROM hook WHERE name = ?", []any{name}, func(r *sqlite.Stmt) {
			known = true
			st = standing{
				place: pipeline.Cursor{Epoch: r.ColumnInt64(0), Seq: r.ColumnInt64(1)}, pass: pass(r.ColumnInt64(2)),
				ended: moment(r, 3), failing: moment(r, 4), why: r.ColumnText(5), delivered: moment(r, 6),
			}
		})
	})
	return st, known, err
}

// put keeps a standing, within a transaction.
func (s *state) put(name string, st *standing) error {
	return do(s.conn, "INSERT OR REPLACE INTO hook (name, epoch, seq, pass, ended, failing, why, delivered) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		name, st.place.Epoch, st.place.Seq, int64(st.pass), millis(st.ended), millis(st.failing), st.why, millis(st.delivered))
}

// putLetter keeps a letter, within a transaction.
func (s *state) putLetter(name string, l *Letter) error {
	return do(s.conn, "INSERT OR REPLACE INTO letter (hook, identifier, seq, prev, attempts, first, next, dead, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		name, l.Identifier, l.Seq, l.Prev, l.Attempts, millis(l.First), millis(l.Next), l.Dead, l.Why)
}

func (s *state) removeLetter(name, identifier string) error {
	return do(s.conn, "DELETE FROM letter WHERE hook = ? AND identifier = ?", name, identifier)
}

func (s *state) removeLetters(name string) error {
	return do(s.conn, "DELETE FROM letter WHERE hook = ?", name)
}

const selectLetter = "SELECT identifier, seq, prev, attempts, first, next, dead, why FROM letter "

func scanLetter(r *sqlite.Stmt) Letter {
	return Letter{
		Identifier: r.ColumnText(0), Seq: r.ColumnInt64(1), Prev: r.ColumnInt64(2), Attempts: r.ColumnInt(3),
		First: moment(r, 4), Next: moment(r, 5), Dead: r.ColumnBool(6), Why: r.ColumnText(7),
	}
}

// letter finds the letter of a record; nil if there is none.
func (s *state) letter(name, identifier string) (out *Letter, err error) {
	err = s.read(func() error {
		return rows(s.conn, selectLetter+"WHERE hook = ? AND identifier = ?", []any{name, identifier}, func(r *sqlite.Stmt) { out = new(scanLetter(r)) })
	})
	return out, err
}

// due are up to limit letters whose time has come, the longest waiting first. One whose time is further away than the schedule
// puts it is due too: the clock was set back.
func (s *state) due(name string, now time.Time, limit int) (out []Letter, err error) {
	err = s.read(func() error {
		return rows(s.conn, selectLetter+"WHERE hook = ? AND dead = 0 AND (next <= ? OR next > ?) ORDER BY next LIMIT ?", []any{name, millis(now), millis(now.Add(longest)), limit}, func(r *sqlite.Stmt) {
			out = append(out, scanLetter(r))
		})
	})
	return out, err
}

// letters are up to limit letters, the dead first.
func (s *state) letters(name string, limit int) (out []Letter, err error) {
	err = s.read(func() error {
		return rows(s.conn, selectLetter+"WHERE hook = ? ORDER BY dead DESC, next LIMIT ?", []any{name, limit}, func(r *sqlite.Stmt) {
			out = append(out, scanLetter(r))
		})
	})
	return out, err
}

// longest is more than a letter ever waits.
const longest = 36 * time.Hour

// count is how many letters there are, and when the next is due; zero if none is.
func (s *state) count(name string) (waiting, dead int, next time.Time, err error) {
	err = s.read(func() error {
		return rows(s.conn, "SELECT dead, count(*), min(next) FROM letter WHERE hook = ? GROUP BY dead", []any{name}, func(r *sqlite.Stmt) {
			if r.ColumnBool(0) {
				dead = r.ColumnInt(1)
			} else {
				waiting, next = r.ColumnInt(1), moment(r, 2)
			}
		})
	})
	return waiting, dead, next, err
}

// names are all subscriptions that something is kept of.
func (s *state) names() (out []string, err error) {
	err = s.read(func() error {
		return rows(s.conn, "SELECT name FROM hook ORDER BY name", nil, func(r *sqlite.Stmt) { out = append(out, r.ColumnText(0)) })
	})
	return out, err
}

func moment(r *sqlite.Stmt, column int) time.Time {
	if r.ColumnInt64(column) == 0 {
		return time.Time{}
	}
	return time.UnixMilli(r.ColumnInt64(column)).UTC()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func do(conn *sqlite.Conn, query string, args ...any) error { return rows(conn, query, args, nil) }

func rows(conn *sqlite.Conn, query string, args []any, row func(*sqlite.Stmt)) error {
	return sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args, ResultFunc: func(r *sqlite.Stmt) error {
		if row != nil {
			row(r)
		}
		return nil
	}})
}
