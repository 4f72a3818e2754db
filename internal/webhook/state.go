package webhook

import (
	"context"
	"errors"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

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
	turn      int64     // how often a process has begun to send by it
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

// A state is what is kept of all subscriptions, in the tables hook and letter. Times are Unix milliseconds there; 0 for none.
type state struct{ store.Tables }

// errTaken says that another process has begun to send by a subscription since this one did.
var errTaken = errors.New("another gateway has begun to send by it")

// begin has this process send by a subscription: what another one does not know of that would write of it is refused ([errTaken]).
// turn is 0 if it is a new one.
func (s state) begin(ctx context.Context, name string) (turn int64, err error) {
	err = s.Write(ctx, func(q store.Queries) error {
		return q.Each("UPDATE hook SET turn = turn + 1 WHERE name = $1 RETURNING turn", []any{name}, func(r store.Columns) { turn = r.ColumnInt64(0) })
	})
	return turn, err
}

// standing is how a subscription stands; known is false if it is a new one.
func (s state) standing(ctx context.Context, name string) (st standing, known bool, err error) {
	err = s.Read(ctx, func(q store.Queries) error {
		return q.Each("SELECT epoch, seq, pass, ended, failing, why, delivered, turn FROM hook WHERE name = $1", []any{name}, func(r store.Columns) {
			known = true
			st = standing{
				place: pipeline.Cursor{Epoch: r.ColumnInt64(0), Seq: r.ColumnInt64(1)}, pass: pass(r.ColumnInt64(2)),
				ended: moment(r, 3), failing: moment(r, 4), why: r.ColumnText(5), delivered: moment(r, 6), turn: r.ColumnInt64(7),
			}
		})
	})
	return st, known, err
}

// add keeps the standing of a new subscription, unless another process has; within a transaction.
func add(q store.Queries, name string, st *standing) (added bool, err error) {
	n, err := q.Exec("INSERT INTO hook (name, turn, epoch, seq, pass, ended, failing, why, delivered) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING", st.args(name)...)
	return n > 0, err
}

// put keeps a standing, within a transaction, if this process still sends by the subscription.
func put(q store.Queries, name string, st *standing) error {
	n, err := q.Exec("UPDATE hook SET epoch = $3, seq = $4, pass = $5, ended = $6, failing = $7, why = $8, delivered = $9 WHERE name = $1 AND turn = $2", st.args(name)...)
	if err == nil && n == 0 {
		return errTaken
	}
	return err
}

func (s *standing) args(name string) []any {
	return []any{name, s.turn, s.place.Epoch, s.place.Seq, int64(s.pass), millis(s.ended), millis(s.failing), s.why, millis(s.delivered)}
}

const insertLetter = "INSERT INTO letter (hook, identifier, seq, prev, attempts, first, next, dead, why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"

func (l *Letter) args(name string) []any {
	dead := 0
	if l.Dead {
		dead = 1
	}
	return []any{name, l.Identifier, l.Seq, l.Prev, l.Attempts, millis(l.First), millis(l.Next), dead, l.Why}
}

// putLetter keeps a letter, within a transaction.
func putLetter(q store.Queries, name string, l *Letter) error {
	_, err := q.Exec(insertLetter+" ON CONFLICT (hook, identifier) DO UPDATE SET seq = $3, prev = $4, attempts = $5, first = $6, next = $7, dead = $8, why = $9", l.args(name)...)
	return err
}

func removeLetter(q store.Queries, name, identifier string) error {
	_, err := q.Exec("DELETE FROM letter WHERE hook = $1 AND identifier = $2", name, identifier)
	return err
}

func removeLetters(q store.Queries, name string) error {
	_, err := q.Exec("DELETE FROM letter WHERE hook = $1", name)
	return err
}

// find gives the letters of a subscription that fit a condition, which has the arguments from $2 on.
func (s state) find(ctx context.Context, name, which string, args ...any) (out []Letter, err error) {
	err = s.Read(ctx, func(q store.Queries) error {
		return q.Each("SELECT identifier, seq, prev, attempts, first, next, dead, why FROM letter WHERE hook = $1 "+which, append([]any{name}, args...), func(r store.Columns) {
			out = append(out, Letter{
				Identifier: r.ColumnText(0), Seq: r.ColumnInt64(1), Prev: r.ColumnInt64(2), Attempts: int(r.ColumnInt64(3)),
				First: moment(r, 4), Next: moment(r, 5), Dead: r.ColumnInt64(6) != 0, Why: r.ColumnText(7),
			})
		})
	})
	return out, err
}

// letter finds the letter of a record; nil if there is none.
func (s state) letter(ctx context.Context, name, identifier string) (*Letter, error) {
	found, err := s.find(ctx, name, "AND identifier = $2", identifier)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// due are up to limit letters whose time has come, the longest waiting first. One whose time is further away than the schedule
// puts it is due too: the clock was set back.
func (s state) due(ctx context.Context, name string, now time.Time, limit int) ([]Letter, error) {
	return s.find(ctx, name, "AND dead = 0 AND (next <= $2 OR next > $3) ORDER BY next LIMIT $4", millis(now), millis(now.Add(longest)), limit)
}

// letters are up to limit letters, the dead first.
func (s state) letters(ctx context.Context, name string, limit int) ([]Letter, error) {
	return s.find(ctx, name, "ORDER BY dead DESC, next LIMIT $2", limit)
}

// longest is more than a letter ever waits.
const longest = 36 * time.Hour

// count is how many letters there are, and when the next is due; zero if none is.
func (s state) count(ctx context.Context, name string) (waiting, dead int, next time.Time, err error) {
	err = s.Read(ctx, func(q store.Queries) error {
		return q.Each("SELECT dead, count(*), min(next) FROM letter WHERE hook = $1 GROUP BY dead", []any{name}, func(r store.Columns) {
			if r.ColumnInt64(0) != 0 {
				dead = int(r.ColumnInt64(1))
			} else {
				waiting, next = int(r.ColumnInt64(1)), moment(r, 2)
			}
		})
	})
	return waiting, dead, next, err
}

// names are all subscriptions that something is kept of.
func (s state) names(ctx context.Context) (out []string, err error) {
	err = s.Read(ctx, func(q store.Queries) error {
		return q.Each("SELECT name FROM hook ORDER BY name", nil, func(r store.Columns) { out = append(out, r.ColumnText(0)) })
	})
	return out, err
}

func moment(r store.Columns, column int) time.Time {
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
