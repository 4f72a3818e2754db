package postgres_test

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

// What a gateway does alone no other one does, until it is done, or the gateway is gone; and it is told when it may not go on.
func TestAlone(t *testing.T) {
	base := pgtest.NewDatabase(t)
	one, other := open(t, base.DSN()), open(t, base.DSN())
	take := func(log *postgres.Store) (release func(), lost <-chan struct{}) {
		t.Helper()
		held, release, err := log.Alone(t.Context(), "remap/s")
		if err != nil {
			t.Fatal(err)
		}
		if held == nil {
			return nil, nil
		}
		return release, held.Done()
	}
	release, _ := take(one)
	if again, _ := take(other); release == nil || again != nil {
		t.Fatal("two gateways do it at once, or none")
	}
	release()
	release, lost := take(other)
	if release == nil {
		t.Fatal("it can't be done where the other gateway is done")
	}
	other.Crash()
	began := time.Now()
	until(t, "the lease of a gateway that is gone to end", func() bool { got, _ := take(one); return got != nil })
	t.Logf("%v after a gateway is gone another one goes on", time.Since(began))
	select {
	case <-lost:
	default:
		t.Error("a gateway that is gone goes on")
	}
}
