package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

// until waits for a condition.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Each host is harvested by one of the gateways, each gateway has its part of them, and when one is gone only its hosts move.
func TestHostsAreDivided(t *testing.T) {
	base := pgtest.NewDatabase(t)
	all := []*postgres.Store{open(t, base.DSN()), open(t, base.DSN()), open(t, base.DSN())}
	const hosts = 300
	host := func(i int) string { return fmt.Sprintf("repository%d.example.org", i) }
	// divided says which gateway has each host; nil while one has none, or two.
	divided := func(all []*postgres.Store) []int {
		out := make([]int, hosts)
		for i := range out {
			out[i] = -1
			for n, log := range all {
				if mine, _ := log.Mine(host(i)); mine && out[i] >= 0 {
					return nil
				} else if mine {
					out[i] = n
				}
			}
			if out[i] < 0 {
				return nil
			}
		}
		return out
	}
	counts := func(had []int) (n [3]int) {
		for _, of := range had {
			n[of]++
		}
		return n
	}
	var three []int
	until(t, "three gateways to divide the hosts", func() bool {
		three = divided(all)
		return three != nil && min(counts(three)[0], counts(three)[1], counts(three)[2]) > 0
	})
	if n := counts(three); min(n[0], n[1], n[2]) < hosts/6 {
		t.Errorf("they have %v of the hosts", n)
	}
	if err := all[2].Close(); err != nil {
		t.Fatal(err)
	}
	var two []int
	until(t, "the others to divide them", func() bool { two = divided(all[:2]); return two != nil })
	for i := range two {
		if three[i] != 2 && two[i] != three[i] {
			t.Errorf("%s has moved from one gateway that is there to another", host(i))
		}
	}

	// One crashes: what it had goes to the other one, which is told.
	_, changed := all[0].Mine(host(0))
	all[1].Crash()
	select {
	case <-changed:
	case <-time.After(time.Minute):
		t.Error("nobody is told that a gateway is gone")
	}
	until(t, "the one that is left to have all hosts", func() bool { return divided(all[:1]) != nil })
}

// While one gateway holds a host the others wait; runs of one gateway share it; and who can't renew it is told.
func TestHostsAreHeld(t *testing.T) {
	base := pgtest.NewDatabase(t)
	one, other := open(t, base.DSN()), open(t, base.DSN())
	hold := func(log *postgres.Store) (context.Context, func()) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		hold, err := log.Hold(ctx, "repository.example.org")
		if err != nil {
			t.Fatal(err)
		}
		return hold.Held, hold.Release
	}
	_, first := hold(one)
	held, second := hold(one)
	waits := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := other.Hold(ctx, "repository.example.org"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("another gateway harvests the host at the same time: %v", err)
		}
	}
	first()
	waits()
	second()
	if held.Err() == nil {
		t.Error("what was given up is held")
	}
	_, release := hold(other)
	release()

	held, release = hold(one)
	defer release()
	if err := base.Exec("UPDATE lease SET holder = 'another', until = until + 60000"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-held.Done():
	case <-time.After(time.Minute):
		t.Error("a gateway whose lease another one has is not told")
	}
}

// What a host asks for is known to the gateway that harvests it next, also when the one before is gone without a word, and to one
// that shares it.
func TestHostsRest(t *testing.T) {
	base := pgtest.NewDatabase(t)
	one, other := open(t, base.DSN()), open(t, base.DSN())
	const host = "repository.example.org"
	rests := func(log *postgres.Store, want time.Time) (release func()) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		hold, err := log.Hold(ctx, host)
		if err != nil {
			t.Fatal(err)
		}
		if off := hold.Rest.Sub(want).Abs(); off > time.Minute && (hold.Rest.After(time.Now()) || want.After(time.Now())) {
			t.Errorf("the host rests until %v, want %v", hold.Rest, want)
		}
		return hold.Release
	}
	release := rests(one, time.Time{})
	until := time.Now().Add(time.Hour)
	for _, at := range []time.Time{until, until.Add(-30 * time.Minute)} { // the longer one counts
		if err := one.Rest(t.Context(), host, at); err != nil {
			t.Fatal(err)
		}
	}
	rests(one, until)()
	release()
	rests(other, until)()
	rests(one, until) // and is never released
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	rests(other, until)()
	if err := base.Exec("UPDATE lease SET rest = rest - 7200000"); err != nil {
		t.Fatal(err)
	}
	rests(other, time.Time{})()
}
