package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
)

// A gateway that works says every few seconds that it is there (lease.go), by the clock of the server, so that clocks that
// differ make nobody look dead. One of an older program says nothing, and not where it is; it is there as long as it is connected.
// A command that has opened the log is none of them.

// now is the time of the server's clock, in milliseconds since 1970.
const now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

// lives is the condition that the gateway g was heard of lately; its argument is for how long a silence is none, in milliseconds.
const lives = "(g.beat >= " + now + " - $1 OR g.place = '' AND " + connected + ")"

// beat says that this gateway is there, also after another one has taken it for gone, and whether it harvests what is due.
func (s *Store) beat(ctx context.Context, harvests bool) error {
	_, err := s.writing.Exec(ctx, "INSERT INTO gateway (name, began, place, beat, harvests) VALUES ($1, $2, $3, "+now+
		", $4) ON CONFLICT (name) DO UPDATE SET beat = excluded.beat, harvests = excluded.harvests", s.name, s.began, datadir.Place(s.dir), plain([]any{harvests})[0])
	return err
}

// Peers are the gateways that have the log open, in the order in which they were started, and what each of them does alone.
func (s *Store) Peers(ctx context.Context) (out []store.Peer, err error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer s.readers.Put(conn)
	last := ""
	err = each(conn, `SELECT g.name, g.place, g.began, coalesce(l.name, ''), coalesce(l.since, 0)
		FROM gateway g LEFT JOIN lease l ON l.holder = g.name AND l.until >= `+now+" WHERE "+lives+" ORDER BY g.began, g.name, l.name",
		[]any{leaseLasts.Milliseconds()}, func(r *tuple) error {
			if name := r.ColumnText(0); name != last {
				last = name
				out = append(out, store.Peer{Name: name, Place: r.ColumnText(1), Began: time.Unix(r.ColumnInt64(2), 0).UTC(), Self: name == s.name})
			}
			if lease := r.ColumnText(3); lease != "" {
				p := &out[len(out)-1]
				p.Holds = append(p.Holds, store.Lease{Name: lease, Since: time.UnixMilli(r.ColumnInt64(4)).UTC()})
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read which gateways have the log open: %w", err)
	}
	return out, nil
}
