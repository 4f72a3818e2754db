package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
)

// maxLabelled is how many sources have series of their own in metrics with further labels; those of the
// others are counted together, as "other", so that a national aggregator's metrics stay within bounds.
const maxLabelled = 200

// labels say under which name a source is counted. The zero value takes each by its own.
type labels struct{ beyond map[string]bool }

// newLabels goes by the names, so that they are the same at each start.
func newLabels(cfg *config.Config) labels {
	names := slices.Sorted(maps.Keys(cfg.Sources))
	l := labels{map[string]bool{}}
	for _, name := range names[min(len(names), maxLabelled):] {
		l.beyond[name] = true
	}
	return l
}

func (l labels) of(source string) string {
	if l.beyond[source] {
		return "other"
	}
	return source
}

// addedMemo keeps, as JSON, when each configured source was met first, in seconds.
const addedMemo = "sources_added"

// sourcesAdded are the times at which the configured sources were met first. One that is taken out of the
// configuration and comes back is new.
func sourcesAdded(ctx context.Context, cfg *config.Config, st *sqlite.Store) (map[string]time.Time, error) {
	text, err := st.Memo(ctx, addedMemo)
	if err != nil {
		return nil, err
	}
	had, now, added := map[string]int64{}, map[string]int64{}, map[string]time.Time{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &had); err != nil {
			return nil, fmt.Errorf("read when sources were added: %w", err)
		}
	}
	for name := range cfg.Sources {
		at, ok := had[name]
		if !ok {
			at = time.Now().Unix()
		}
		now[name], added[name] = at, time.Unix(at, 0)
	}
	if maps.Equal(had, now) {
		return added, nil
	}
	b, err := json.Marshal(now)
	if err != nil {
		return nil, fmt.Errorf("write down when sources were added: %w", err)
	}
	return added, st.SetMemo(ctx, addedMemo, string(b))
}
