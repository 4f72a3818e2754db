package postgres

import (
	"github.com/sheaf-gateway/sheaf/internal/store"
)

// The seqs that a leap leaves out (store.LeapTo says why there are any) are kept in the table leap. A cursor
// among them was given out by a history that is lost: a resumption token of it is refused, and a stream that
// ends with it begins a new epoch.

// leapFloor gives the place from which the log goes on with its first change since it was opened, by the
// change's datestamp; nil if that is settled. A log that this process made needs none.
func (s *Store) leapFloor(conn *db) (floor func(datestamp int64) int64, err error) {
	if s.floor.Load() == 0 {
		var began int64
		err = one(conn, "SELECT began FROM log_head", nil, func(r *tuple) { began = r.ColumnInt64(0) })
		return func(datestamp int64) int64 {
			s.floor.CompareAndSwap(0, store.LeapTo(datestamp, began))
			return s.floor.Load()
		}, err
	}
	return func(int64) int64 { return s.floor.Load() }, nil
}

// leapt says whether a seq is among those that a leap left out.
func leapt(conn *db, seq int64) (out bool, err error) {
	err = one(conn, "SELECT upto FROM leap WHERE after < $1 ORDER BY after DESC LIMIT 1", []any{seq}, func(r *tuple) { out = seq <= r.ColumnInt64(0) })
	return out, err
}

// ofLostHistory says whether a position is one of a history that is lost: by where it is, or by what was seen from there.
func ofLostHistory(conn *db, seq, seen int64) (out bool, err error) {
	if seen == 0 {
		return leapt(conn, seq)
	}
	const leaps = "SELECT upto, 0::bigint FROM (SELECT upto FROM leap WHERE after < $1 ORDER BY after DESC LIMIT 1) AS a" +
		" UNION ALL SELECT upto, 1::bigint FROM (SELECT upto FROM leap WHERE after < $2 ORDER BY after DESC LIMIT 1) AS b"
	places := [...]int64{seq, seen}
	err = each(conn, leaps, []any{seq, seen}, func(r *tuple) error {
		out = out || places[r.ColumnInt64(1)] <= r.ColumnInt64(0)
		return nil
	})
	return out, err
}

// loadLeaps reads what the log left out before it was opened.
func (s *Store) loadLeaps(conn *db) error {
	return each(conn, "SELECT after, upto FROM leap ORDER BY after", nil, func(r *tuple) error {
		s.moves.Pass(store.Leap{After: r.ColumnInt64(0), Upto: r.ColumnInt64(1)})
		return nil
	})
}
