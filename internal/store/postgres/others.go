package postgres

import (
	"context"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Several gateways may have the log open, each with a folder of its own. What each reads is a snapshot of the database, and
// what it writes locks the head, so they have one log. What a gateway keeps in memory of the log is forgotten when another one
// has written.

// othersWrote forgets what this gateway knows of the log, because another one has written. Only the writer calls it.
func (s *Store) othersWrote() {
	s.moves.TouchAll() // see store.Moves
	s.lists = nil
	s.suppresses.Store(true) // maybe: commits look
}

// heedEvery is how often a gateway looks whether another one has written. Until then it serves what it has kept with the
// datestamp that the head had, which is safe (promise 2).
const heedEvery = 250 * time.Millisecond

// heed notes, until the log is closed, what others write.
func (s *Store) heed() {
	tick := time.NewTicker(heedEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.ended.Done():
			return
		}
		at, err := s.place()
		if err != nil || s.writer.busy.Load() { // with what we see there, perhaps, and notes it itself
			continue
		}
		s.changed.Lock()
		known := s.changed.at
		s.changed.Unlock()
		if known.Epoch < at.Epoch || known.Epoch == at.Epoch && known.Seq < at.Seq {
			_ = s.writer.do(s.ended, func(*db) error { return nil }) // wrote notes it; it is tried again at the next tick
		} else if known != at {
			_ = s.writer.do(s.ended, s.advanceHead) // which sees whether the log has gone back (failover.go)
		}
	}
}

// place is where the log ends in the database.
func (s *Store) place() (at pipeline.Cursor, err error) {
	conn, err := s.readers.Take(s.ended)
	if err != nil {
		return at, err
	}
	defer s.readers.Put(conn)
	head, err := readHead(conn)
	return head.Cursor, err
}

// connected is the condition that the gateway g has a connection to the database.
const connected = "EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = 'sheaf-' || g.name)"

// vouched says whether another gateway has the log open, and has found that it is no older copy. What is left of gateways that
// had it when the copy was made vouches for nothing: they are not connected, and are not heard of again. A pooler gives a
// connection to others with the name of its last client, dead or alive, so there a gateway has to be heard of.
func (s *Store) vouched(ctx context.Context) (yes bool, err error) {
	tick := time.NewTicker(heedEvery)
	defer tick.Stop()
	for first, silent := int64(-1), false; ; {
		if err := s.ask(ctx, func(conn *db) error {
			return one(conn, "SELECT EXISTS (SELECT 1 FROM gateway g WHERE "+connected+"), coalesce(max(beat), 0), coalesce(max(beat), 0) < "+now+" - $1 FROM gateway",
				[]any{leaseLasts.Milliseconds()}, func(r *tuple) {
					beat := r.ColumnInt64(1)
					if first < 0 {
						first = beat
					}
					yes, silent = r.ColumnBool(0) && !s.readers.pooled || beat > first, r.ColumnBool(2)
				})
		}); err != nil || yes || silent {
			return yes, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// ask asks something with a connection of its own.
func (s *Store) ask(ctx context.Context, f func(*db) error) error {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return err
	}
	defer s.readers.Put(conn)
	return f(conn)
}

// join notes that this gateway has the log open, and knows that it is no older copy.
func (s *Store) join(ctx context.Context) error {
	s.began = s.guard.Wall().Unix()
	return s.writer.do(ctx, func(conn *db) error {
		return inOrder(
			step(conn, "DELETE FROM gateway g WHERE beat < "+now+" - $1 AND NOT "+connected, leaseLasts.Milliseconds()),
			step(conn, "DELETE FROM lease WHERE until < "+now+" - 86400000 AND rest < "+now), // of a day ago, and more
			step(conn, "INSERT INTO gateway (name, began, place) VALUES ($1, $2, $3)", s.name, s.began, datadir.Place(s.dir)),
		)
	})
}

// leaveTime bounds how long a gateway that closes the log tells the others so. If it can't, they find out.
const leaveTime = 2 * time.Second

// leave gives up what this gateway alone does, so that another one does it at once.
func (s *Store) leave() {
	if s.writing == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
	defer cancel()
	for _, statement := range []string{"UPDATE lease SET until = 0 WHERE holder = $1", "DELETE FROM gateway WHERE name = $1"} {
		if _, err := s.writing.Exec(ctx, statement, s.name); err != nil {
			return
		}
	}
}
