package observe

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// addedMemo is the name of the memo in which the log keeps when each configured source was met first: JSON,
// in seconds since 1970.
const addedMemo = "sources_added"

// Memos are texts that are kept under a name.
type Memos interface {
	// Memo is the text that SetMemo kept last; empty if there is none.
	Memo(ctx context.Context, name string) (string, error)
	SetMemo(ctx context.Context, name, text string) error
}

// Added gives the time at which each configured source was met first, and notes the sources that are new. One
// that was taken out of the configuration and comes back is new. An alarm on sources that were never harvested
// needs this time, because a source that was added a minute ago has not failed.
func Added(ctx context.Context, sources []string, kept Memos) (map[string]time.Time, error) {
	text, err := kept.Memo(ctx, addedMemo)
	if err != nil {
		return nil, err
	}
	had, now, added := map[string]int64{}, map[string]int64{}, map[string]time.Time{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &had); err != nil {
			return nil, fmt.Errorf("read when sources were added: %w", err)
		}
	}
	for _, name := range sources {
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
	return added, kept.SetMemo(ctx, addedMemo, string(b))
}
