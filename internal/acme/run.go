package acme

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/acme"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// Run asks for the certificates that are missing, and ends when all are there or ctx ends. The library renews them.
func (k *Keeper) Run(ctx context.Context) error {
	for {
		next := k.ask(ctx)
		if next.IsZero() {
			return nil
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// Close ends all work with the authority, renewals too.
func (k *Keeper) Close() { k.stop(errStopped) }

// ask asks for the certificates of those hosts that are due, one after the other, because the first one makes the account
// at the authority. It says when the next one is due; zero if all have theirs.
func (k *Keeper) ask(ctx context.Context) (next time.Time) {
	for _, name := range k.Config.Hosts {
		name = strings.ToLower(name)
		k.mu.Lock()
		h := *k.hosts[name]
		k.mu.Unlock()
		if !h.ready && !time.Now().Before(h.due) && ctx.Err() == nil {
			h = k.askFor(name, h)
		}
		if !h.ready && (next.IsZero() || h.due.Before(next)) {
			next = h.due
		}
	}
	return next
}

func (k *Keeper) askFor(name string, h host) host {
	_, err := h.manager.GetCertificate(usual(name))
	if err == nil {
		h.ready, h.trouble = true, nil
	} else {
		if why := k.witness.take(); why != "" {
			err = fmt.Errorf("%w; the authority says: %s", err, wording.Shorten(why, 500))
		}
		wait := k.patience(h.failed, err)
		h.failed, h.trouble, h.due = h.failed+1, err, time.Now().Add(wait)
		h.manager = k.manager(name) // the one that has failed goes on saying so for a minute
		if !errors.Is(err, errStopped) {
			k.Logger.Warn("there is no certificate yet; the authority must reach port 443 of the host", "host", name, "authority", k.Config.Directory, "again_in", wait.Round(time.Second), "err", err)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	*k.hosts[name] = h
	return h
}

// patience is how long nothing is asked for a host that has failed so often: longer each time, and as long as the authority
// says.
func (k *Keeper) patience(failed int, err error) time.Duration {
	wait := min(k.first<<min(failed, 20), longestWait)
	var told *acme.Error
	if errors.As(err, &told) {
		if asked, limited := acme.RateLimit(told); limited {
			wait = max(wait, asked)
		}
	}
	return wait
}
