package postgres

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The hosts that are harvested are divided among the gateways: each host goes to the gateway that a hash of both names chooses
// (rendezvous hashing), so that when a gateway comes or goes only its own hosts move, and nobody has to agree on anything. Two that
// know of different gateways for some seconds may choose differently; so who harvests a host holds a lease for it meanwhile.

var _ pipeline.Sharing = (*Store)(nil)

// A sharing is what this gateway knows of those that harvest.
type sharing struct {
	members []string      // in order; none while the database does not answer
	changed chan struct{} // closed when others do
}

// among notes which gateways harvest what is due.
func (d *sharing) among(members []string) {
	if !slices.Equal(d.members, members) {
		d.members = members
		close(d.changed)
		d.changed = make(chan struct{})
	}
}

// chosen is the gateway that harvests what is due on a host; empty if there is none.
func (d *sharing) chosen(host string) (name string) {
	most := uint64(0)
	for _, m := range d.members {
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%s %s", host, m)
		if sum := mixed(h.Sum64()); name == "" || sum > most {
			name, most = m, sum
		}
	}
	return name
}

// mixed spreads the last bytes of what was hashed over all bits, which FNV alone does not (the finish of MurmurHash3).
func mixed(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// members are the gateways that harvest what is due. There are none while one does the work that does not harvest: it is of an
// older program, which harvests everything.
func (s *Store) members(ctx context.Context) ([]string, error) {
	return texts(s.writing.Query(ctx, "SELECT g.name FROM gateway g WHERE g.harvests = 1 AND g.beat >= "+now+` - $1
		AND NOT EXISTS (SELECT 1 FROM lease l JOIN gateway o ON o.name = l.holder WHERE l.name = 'work' AND l.until >= `+now+" AND o.harvests = 0) ORDER BY g.name",
		leaseLasts.Milliseconds()))
}

// Sharing divides the hosts among the gateways on the log.
func (s *Store) Sharing() pipeline.Sharing { return s }

// Mine says whether this gateway harvests what is due on the host; from the first call on it is one of those that do.
func (s *Store) Mine(host string) (mine bool, changed <-chan struct{}) {
	l := &s.leases
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.harvests {
		l.harvests = true
		s.keepLeases()
	}
	return l.sharing.chosen(host) == s.name, l.sharing.changed
}

// hostAgain is how often a gateway looks whether another one has given up a host.
const hostAgain = time.Second

// Hold waits until no other gateway holds the host, and holds it until release is called, or until the lease can't be renewed.
func (s *Store) Hold(ctx context.Context, host string) (*pipeline.Hold, error) {
	s.keepLeases()
	for {
		h, rest, err := s.take(ctx, store.HostLease+host)
		switch {
		case err != nil:
			return nil, fmt.Errorf("keep other gateways from harvesting %s: %w", host, err)
		case h != nil:
			return &pipeline.Hold{Held: h.held, Rest: rest, Release: func() { s.giveUp(store.HostLease+host, h) }}, nil
		}
		select {
		case <-time.After(hostAgain):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Rest notes that no gateway should ask the host before a time; by the clock of the server, from now.
func (s *Store) Rest(ctx context.Context, host string, until time.Time) error {
	l := &s.leases
	l.mu.Lock()
	if h := l.held[store.HostLease+host]; h != nil && until.After(h.rest) {
		h.rest = until
	}
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, leaseTry)
	defer cancel()
	_, err := s.writing.Exec(ctx, "INSERT INTO lease AS l (name, holder, until, rest) VALUES ($1, $2, 0, "+now+` + $3)
		ON CONFLICT (name) DO UPDATE SET rest = greatest(l.rest, excluded.rest)`, store.HostLease+host, s.name, time.Until(until).Milliseconds())
	return err
}
