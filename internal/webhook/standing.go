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
	"github.com/sheaf-gateway/sheaf/internal/store"
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
func (h *Hooks) Standings(ctx context.Context) ([]Standing, error) {
	head, err := h.Log.Head(ctx)
	if err != nil {
		return nil, err
	}
	names, err := h.state.names(ctx)
	if err != nil {
		return nil, err
	}
	var out []Standing
	for _, one := range h.all {
		s, err := h.standing(ctx, one.sub.Name)
		if err != nil {
			return nil, err
		}
		s.URL, s.Behind = harvest.Shown(one.sub.URL), max(0, head.Seq-s.Place.Seq)
		one.mu.Lock()
		s.InFlight, s.Requests = len(one.flights), maps.Clone(one.counts)
		one.mu.Unlock()
		out = append(out, s)
	}
	for _, name := range names {
		if h.hook(name) != nil {
			continue
		}
		s, err := h.standing(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// standing is what is kept of a subscription.
func (h *Hooks) standing(ctx context.Context, name string) (Standing, error) {
	st, _, err := h.state.standing(ctx, name)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Name: name, Place: st.place, Failing: st.failing, Ended: st.ended, Delivered: st.delivered, Why: st.why}
	s.Waiting, s.Dead, _, err = h.state.count(ctx, name)
	return s, err
}

// maxLetters is how many letters are shown at once.
const maxLetters = 1000

// Letters are up to 1,000 of what is still to be delivered by a subscription, the dead first.
func (h *Hooks) Letters(ctx context.Context, name string) ([]Letter, error) {
	if err := h.exists(ctx, name); err != nil {
		return nil, err
	}
	return h.state.letters(ctx, name, maxLetters)
}

// ErrUnknown says that there is no subscription of a name.
var ErrUnknown = errors.New("there is no such webhook; sheaf webhooks lists those that there are")

// exists says whether something is known of a subscription.
func (h *Hooks) exists(ctx context.Context, name string) error {
	if h.hook(name) != nil {
		return nil
	}
	names, err := h.state.names(ctx)
	if err == nil && !slices.Contains(names, name) {
		err = fmt.Errorf("%s: %w", name, ErrUnknown)
	}
	return err
}

// Replay has letters tried again, from now on by the whole schedule: those of these records, or all that are dead. It says how
// many they are. A subscription that the receiver had ended goes on.
func (h *Hooks) Replay(ctx context.Context, name string, ids []string) (n int64, err error) {
	one := h.hook(name)
	if one == nil {
		return 0, errors.Join(h.exists(ctx, name), fmt.Errorf("%s is not in the configuration", name))
	}
	err = h.state.Write(ctx, func(q store.Queries) error {
		const again = "UPDATE letter SET dead = 0, attempts = 0, next = $2 WHERE hook = $1"
		if n, err = change(q, again, ids, " AND dead = 1", name, millis(time.Now())); err != nil {
			return err
		}
		_, err := q.Exec("UPDATE hook SET ended = 0 WHERE name = $1", name)
		return err
	})
	if err != nil {
		return 0, err
	}
	one.lookAgain()
	return n, nil
}

// Drop gives up letters: those of these records, or all that are dead. Of a subscription that is not configured any more
// everything is forgotten if no record is named.
func (h *Hooks) Drop(ctx context.Context, name string, ids []string) (n int64, err error) {
	if err := h.exists(ctx, name); err != nil {
		return 0, err
	}
	err = h.state.Write(ctx, func(q store.Queries) error {
		const drop = "DELETE FROM letter WHERE hook = $1"
		if h.hook(name) != nil || len(ids) > 0 {
			n, err = change(q, drop, ids, " AND dead = 1", name)
			return err
		}
		if n, err = change(q, drop, nil, "", name); err != nil {
			return err
		}
		_, err := q.Exec("DELETE FROM hook WHERE name = $1", name)
		return err
	})
	return n, err
}

// change runs a query for the letters of these records, or, if there are none, for those of the condition. It says how many
// there were.
func change(q store.Queries, query string, ids []string, all string, args ...any) (n int64, err error) {
	if len(ids) == 0 {
		return q.Exec(query+all, args...)
	}
	query += " AND identifier = $" + strconv.Itoa(len(args)+1)
	for _, id := range ids {
		changed, err := q.Exec(query, append(slices.Clip(args), recordOf(id))...)
		if err != nil {
			return n, err
		}
		n += changed
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
		return 0, errors.Join(h.exists(ctx, name), fmt.Errorf("%s is not in the configuration", name))
	}
	st, _, err := h.state.standing(ctx, name)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	id, body := one.notice(ping, strconv.FormatInt(began.UnixNano(), 10), st.place)
	if out := one.sender.send(ctx, id, body); out.Outcome != Delivered {
		return time.Since(began), errors.New(out.why)
	}
	return time.Since(began), nil
}
