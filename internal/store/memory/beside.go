package memory

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Memo is what SetMemo wrote down under a name; empty if nothing.
func (l *Log) Memo(_ context.Context, name string) (string, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.memos[name], nil
}

// SetMemo writes down what is not part of the log. An empty text takes it off.
func (l *Log) SetMemo(ctx context.Context, name, text string) error {
	return l.write(ctx, func(t *tx) error {
		put(t, l.memos, name, text)
		return nil
	})
}

// Memos are the texts that SetMemo wrote down under names that begin with a prefix, by the rest of their names.
func (l *Log) Memos(_ context.Context, prefix string) (map[string]string, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := map[string]string{}
	for name, text := range l.memos {
		if rest, ok := strings.CutPrefix(name, prefix); ok && text != "" {
			out[rest] = text
		}
	}
	return out, nil
}

// Key is a secret of this log by its name, made at first use: 32 random bytes.
func (l *Log) Key(ctx context.Context, name string) (key []byte, err error) {
	err = l.write(ctx, func(t *tx) error {
		if key = l.keys[name]; key == nil {
			key = make([]byte, 32)
			rand.Read(key)
			put(t, l.keys, name, key)
		}
		return nil
	})
	return key, err
}

// Identity is that of this log.
func (l *Log) Identity() store.Identity { return l.identity }

// TakeOver notes that a person wants the event stream to be this log's, whoever made it.
func (l *Log) TakeOver(ctx context.Context) error { return l.setTakeOver(ctx, true) }

// TookOver notes that the event stream is this log's.
func (l *Log) TookOver(ctx context.Context) error { return l.setTakeOver(ctx, false) }

func (l *Log) setTakeOver(ctx context.Context, asked bool) error {
	return l.write(ctx, func(t *tx) error {
		set(t, &l.takeOver, asked)
		return nil
	})
}

// TakesOver says whether somebody has asked for that, and it was not done yet.
func (l *Log) TakesOver(context.Context) (bool, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.takeOver, nil
}

// KeepSessions writes sessions down, and forgets those that were not heard of since the given time and all except the
// most recent ones.
func (l *Log) KeepSessions(ctx context.Context, changed []store.Session, since time.Time, most int) error {
	return l.write(ctx, func(t *tx) error {
		kept := slices.DeleteFunc(slices.Clone(l.sessions), func(s store.Session) bool {
			return slices.ContainsFunc(changed, func(c store.Session) bool { return c.ID == s.ID })
		})
		kept = slices.DeleteFunc(append(kept, changed...), func(s store.Session) bool { return s.Last.Before(since) })
		slices.SortFunc(kept, func(a, b store.Session) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(b.ID, a.ID)) })
		set(t, &l.sessions, kept[:min(len(kept), most)])
		return nil
	})
}

// Sessions gives the sessions that are kept, the one heard of last first.
func (l *Log) Sessions(context.Context) ([]store.Session, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.sessions), nil
}

// Health is nil: there is no disk that could fail.
func (l *Log) Health() error { return nil }

// Check compares the digest of the live records with the head's, and says how many records there are. The error wraps
// [store.ErrDamaged] if they differ.
func (l *Log) Check(context.Context, bool) (records int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var digest pipeline.Digest
	for _, it := range l.items {
		if it.Deleted == pipeline.Live {
			digest.Add(it.Identifier, time.Unix(l.head.Shown(it.Seq, it.Datestamp), 0).UTC(), it.OAIDC)
		}
	}
	if digest != l.head.Digest {
		err = fmt.Errorf("%w: the digest of its records is not the head's", store.ErrDamaged)
	} else {
		l.checked = l.guard.Wall().UTC().Truncate(time.Second)
	}
	return int64(len(l.items)), err
}

// Checked is when the log was last found whole; zero if it was not yet.
func (l *Log) Checked() time.Time {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.checked
}

// Writes says how much was written, and how long that took.
func (l *Log) Writes() store.WriteStats {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.written
}
