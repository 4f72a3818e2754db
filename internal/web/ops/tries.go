package ops

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// tries bounds how often somebody may try to sign in: each client, and all together, for each try costs a tenth of a second
// of a processor.
type tries struct {
	mu       sync.Mutex
	all      *rate.Limiter
	byClient map[string]*rate.Limiter
}

const (
	triesBurst, triesEvery       = 5, 12 * time.Second
	allTriesBurst, allTriesEvery = 20, time.Second
	// maxTriers bounds the clients that are told apart; those beyond share the bound of all.
	maxTriers = 4096
)

func newTries() *tries {
	return &tries{all: rate.NewLimiter(rate.Every(allTriesEvery), allTriesBurst), byClient: map[string]*rate.Limiter{}}
}

// may reports whether a client may try now.
func (t *tries) may(client string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.byClient[client]
	if own == nil {
		if len(t.byClient) >= maxTriers {
			t.forget(now)
		}
		own = rate.NewLimiter(rate.Every(triesEvery), triesBurst)
		if len(t.byClient) < maxTriers {
			t.byClient[client] = own
		}
	}
	return own.AllowN(now, 1) && t.all.AllowN(now, 1)
}

// forget forgets clients that have not tried for long enough to have all their tries again.
func (t *tries) forget(now time.Time) {
	for client, own := range t.byClient {
		if own.TokensAt(now) >= triesBurst {
			delete(t.byClient, client)
		}
	}
}
