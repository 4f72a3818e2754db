package webhook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Standing is how a subscription stands.
type Standing struct {
	Name string `json:"name"`
	// URL is where it leads, without what may be secret in it; empty if the subscription is not in the configuration any more.
	URL string `json:"url,omitempty"`
	// Place is the cursor: each change up to it is delivered, has a letter, or is not wanted.
	Place pipeline.Cursor `json:"place"`
	// Behind is how many places of the log are yet to be read, an upper bound of the changes.
	Behind int64 `json:"behind"`
	// Waiting letters are tried again, Dead ones are not.
	Waiting int `json:"waiting"`
	Dead    int `json:"dead"`
	// InFlight requests about records are under way.
	InFlight int `json:"in_flight"`
	// Failing is since when nothing was delivered though something was tried; zero if the last round delivered something.
	Failing time.Time `json:"failing_since,omitzero"`
	// Ended is when the receiver wanted no more (410).
	Ended     time.Time `json:"ended,omitzero"`
	Delivered time.Time `json:"last_delivered,omitzero"`
	// Why is what went wrong last, whether or not it has come right since.
	Why string `json:"why,omitempty"`
	// Requests are those of this process, by what became of them.
	Requests map[Outcome]int64 `json:"-"`
}

// Trouble says that a person should look at the subscription.
func (s *Standing) Trouble() bool {
	return s.Dead > 0 || !s.Ended.IsZero() || !s.Failing.IsZero() && time.Since(s.Failing) > patience
}

// patience is how long a receiver may fail before a person should look: those that are deployed anew are away for as long.
const patience = 15 * time.Minute

// Standings are how all subscriptions stand, those that are not configured any more last.
func (h *Hooks) Standings() ([]Standing, error) {
	names, err := h.state.names()
	if err != nil {
		return nil, err
	}
	var out []Standing
	for _, one := range h.all {
		s, err := one.now()
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	for _, name := range names {
		if h.hook(name) != nil {
			continue
		}
		st, _, err := h.state.standing(name)
		if err != nil {
			return nil, err
		}
		s := Standing{Name: name, Place: st.place, Ended: st.ended, Delivered: st.delivered, Why: st.why}
		if s.Waiting, s.Dead, _, err = h.state.count(name); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (h *hook) now() (Standing, error) {
	waiting, dead, _, err := h.state.count(h.sub.Name)
	h.mu.Lock()
	defer h.mu.Unlock()
	st := &h.standing
	return Standing{
		Name: h.sub.Name, URL: harvest.Shown(h.sub.URL), Place: st.place, Behind: max(0, h.head-st.place.Seq), Waiting: waiting, Dead: dead,
		InFlight: len(h.flights), Failing: st.failing, Ended: st.ended, Delivered: st.delivered, Why: st.why, Requests: maps.Clone(h.counts),
	}, err
}

// maxLetters is how many letters are shown at once.
const maxLetters = 1000

// Letters are up to 1,000 of what is still to be delivered by a subscription, the dead first.
func (h *Hooks) Letters(name string) ([]Letter, error) {
	if err := h.exists(name); err != nil {
		return nil, err
	}
	return h.state.letters(name, maxLetters)
}

// ErrUnknown says that there is no subscription of a name.
var ErrUnknown = errors.New("there is no such webhook; sheaf webhooks lists those that there are")

// exists says whether something is known of a subscription.
func (h *Hooks) exists(name string) error {
	if h.hook(name) != nil {
		return nil
	}
	names, err := h.state.names()
	if err == nil && !slices.Contains(names, name) {
		err = fmt.Errorf("%s: %w", name, ErrUnknown)
	}
	return err
}

// Replay has letters tried again, from now on by the whole schedule: those of these records, or all that are dead. It says how
// many they are. A subscription that the receiver had ended goes on.
func (h *Hooks) Replay(name string, ids []string) (n int64, err error) {
	one := h.hook(name)
	if one == nil {
		return 0, errors.Join(h.exists(name), fmt.Errorf("%s is not in the configuration", name))
	}
	err = h.state.write(func() error {
		const again = "UPDATE letter SET dead = 0, attempts = 0, next = ? WHERE hook = ?"
		if n, err = h.state.change(again, ids, " AND dead = 1", millis(time.Now()), name); err != nil {
			return err
		}
		return do(h.state.conn, "UPDATE hook SET ended = 0 WHERE name = ?", name)
	})
	if err != nil {
		return 0, err
	}
	one.mu.Lock()
	one.standing.ended = time.Time{}
	one.mu.Unlock()
	one.lookAgain()
	return n, nil
}

// Drop gives up letters: those of these records, or all that are dead. Of a subscription that is not configured any more
// everything is forgotten if no record is named.
func (h *Hooks) Drop(name string, ids []string) (n int64, err error) {
	if err := h.exists(name); err != nil {
		return 0, err
	}
	err = h.state.write(func() error {
		const drop = "DELETE FROM letter WHERE hook = ?"
		if h.hook(name) != nil || len(ids) > 0 {
			n, err = h.state.change(drop, ids, " AND dead = 1", name)
			return err
		}
		if n, err = h.state.change(drop, nil, "", name); err != nil {
			return err
		}
		return do(h.state.conn, "DELETE FROM hook WHERE name = ?", name)
	})
	return n, err
}

// change runs a query for the letters of these records, or, if there are none, for those of the condition. It says how many
// there were.
func (s *state) change(query string, ids []string, all string, args ...any) (n int64, err error) {
	if len(ids) == 0 {
		err = do(s.conn, query+all, args...)
		return int64(s.conn.Changes()), err
	}
	for _, id := range ids {
		if err := do(s.conn, query+" AND identifier = ?", append(slices.Clip(args), recordOf(id))...); err != nil {
			return n, err
		}
		n += int64(s.conn.Changes())
	}
	return n, nil
}

// recordOf takes the identifier of a record, or the id of an event about one (webhook-id).
func recordOf(id string) string {
	if at := strings.LastIndexByte(id, '@'); at >= 0 {
		if _, err := pipeline.ParseCursor(id[at+1:]); err == nil {
			return id[:at]
		}
	}
	return id
}

// Test sends a ping, and says how long the answer took. The error says what was wrong with it.
func (h *Hooks) Test(ctx context.Context, name string) (took time.Duration, err error) {
	one := h.hook(name)
	if one == nil {
		return 0, errors.Join(h.exists(name), fmt.Errorf("%s is not in the configuration", name))
	}
	one.mu.Lock()
	place := one.standing.place
	one.mu.Unlock()
	began := time.Now()
	id, body := one.notice(ping, strconv.FormatInt(began.UnixNano(), 10), place)
	if out := one.sender.send(ctx, id, body); out.Outcome != Delivered {
		return time.Since(began), errors.New(out.why)
	}
	return time.Since(began), nil
}
