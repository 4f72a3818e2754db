package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Replicas says how many servers keep the stream of records, and on how many of them all of it is. A server can stop
// taking what the others take while all else goes on; only this shows it. The zero Replicas is that nothing is known.
type Replicas struct {
	Want int // how many servers should keep it
	// Current is how many have all of it; 0 if no server leads the stream, because too few of them see each other.
	Current int
	Lacking []string // the names of those that don't
}

// Trouble says what is wrong with the replicas; nil if nothing is, or nothing is known.
func (r Replicas) Trouble() error {
	switch {
	case r.Current >= r.Want:
		return nil
	case r.Current == 0:
		return fmt.Errorf("no server leads the event stream: more than half of its %d servers must be up and see each other; until then events wait in the log", r.Want)
	case len(r.Lacking) == 0:
		return fmt.Errorf("the event stream is kept by %d servers, and should be by %d", r.Current, r.Want)
	}
	return fmt.Errorf("only %d of the %d servers of the event stream have all of it; these are down, or don't follow any more: %s (if one of them is up and stays behind, start it anew)",
		r.Current, r.Want, strings.Join(r.Lacking, ", "))
}

const (
	replicasLook = 10 * time.Second
	// A server is counted out when it lacks something at so many looks, one after the other: while much is published
	// each of them is behind for a moment.
	replicasLooks = 3
)

// A ReplicaWatch looks after the servers that keep the stream of records.
type ReplicaWatch struct {
	client *Client
	logger *slog.Logger
	look   time.Duration

	mu   sync.Mutex
	last Replicas

	behind map[string]int // by server: at how many looks it lacked something; only Run uses it
	told   string         // the trouble that was told last; only Run uses it
}

// NewReplicaWatch makes one. [ReplicaWatch.Run] looks.
func NewReplicaWatch(c *Client, logger *slog.Logger) *ReplicaWatch {
	return &ReplicaWatch{client: c, logger: logger, look: replicasLook, behind: map[string]int{}}
}

// Run looks at the replicas until ctx ends.
func (w *ReplicaWatch) Run(ctx context.Context) error { return every(ctx, w.look, w.runOnce) }

// Replicas are as they were at the last look.
func (w *ReplicaWatch) Replicas() Replicas {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

func (w *ReplicaWatch) runOnce(ctx context.Context) {
	now := w.ask(ctx)
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	w.last = now
	w.mu.Unlock()
	trouble := ""
	if err := now.Trouble(); err != nil {
		trouble = err.Error()
	}
	switch {
	case trouble == w.told:
	case trouble != "":
		w.logger.Warn("the event stream is not on as many servers as it should be", "err", trouble)
	default:
		w.logger.Info("the event stream is on as many servers as it should be", "replicas", now.Current)
	}
	w.told = trouble
}

func (w *ReplicaWatch) ask(ctx context.Context) Replicas {
	if _, err := w.client.connected(); err != nil {
		return Replicas{} // which is trouble of its own
	}
	ctx, cancel := w.client.within(ctx)
	defer cancel()
	s, err := w.client.js.Stream(ctx, w.client.names.records)
	switch {
	case err == nil:
		return w.count(s.CachedInfo())
	case errors.Is(err, jetstream.ErrStreamNotFound), !w.client.Connected():
		return Replicas{}
	}
	w.logger.Debug("the replicas of the event stream can't be looked at", "err", err)
	return Replicas{Want: w.client.o.Replicas}
}

// count counts the servers that have all of the stream.
func (w *ReplicaWatch) count(info *jetstream.StreamInfo) Replicas {
	out := Replicas{Want: info.Config.Replicas, Current: 1}
	behind := map[string]int{}
	if c := info.Cluster; c != nil && info.Config.Replicas > 1 {
		if c.Leader == "" {
			out.Current = 0
		}
		for _, r := range c.Replicas {
			if !r.Current || r.Offline {
				behind[r.Name] = w.behind[r.Name] + 1
			}
			if behind[r.Name] >= replicasLooks {
				out.Lacking = append(out.Lacking, r.Name)
			} else if out.Current > 0 {
				out.Current++
			}
		}
	}
	w.behind = behind
	slices.Sort(out.Lacking)
	return out
}
