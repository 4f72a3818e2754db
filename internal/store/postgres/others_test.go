package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Two gateways that write at once have one log: every seq is given out once, in an order that all readers agree on, each hears
// of what the other has written, and what one has kept is not served with a datestamp that is newer than what the other changed.
func TestTwoGateways(t *testing.T) {
	base := pgtest.NewDatabase(t)
	one := open(t, base.DSN())
	begin := func(source string) *pipeline.Run {
		t.Helper()
		run, err := one.Begin(t.Context(), source, nil)
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	runs := []*pipeline.Run{begin("s"), begin("t")}
	if _, err := one.Commit(t.Context(), page(runs[0], "", 0, 1)); err != nil { // so that the log is not empty
		t.Fatal(err)
	}
	other := open(t, base.DSN())
	if epochs, err := other.Epochs(t.Context()); err != nil || len(epochs) != 1 {
		t.Fatalf("a gateway that joins another one has begun an epoch: %v, %v", epochs, err)
	}

	const pages = 30
	var all sync.WaitGroup
	for i, log := range []interface {
		Commit(context.Context, *pipeline.Batch) (*pipeline.Receipt, error)
	}{one, other} {
		all.Go(func() {
			at := harvest.Cursor("")
			if i == 0 {
				at = "1"
			}
			for n := range pages {
				b := page(runs[i], at, 1+n, 5)
				for j := range b.Changes {
					b.Changes[j].Sets = []string{fmt.Sprintf("set%d", n)} // lists that both make
					b.Changes[j].Identifier = fmt.Sprintf("oai:a.example:%d/%d-%d", i, n, j)
				}
				if _, err := log.Commit(t.Context(), b); err != nil {
					t.Errorf("gateway %d, page %d: %v", i, n, err)
					return
				}
				at = b.Next
			}
		})
	}
	// A third reads along: behind a seq that it has seen, nothing new comes with a smaller one.
	reader, reading := open(t, base.DSN()), make(chan int)
	go func() {
		seen, met := int64(0), map[string]bool{}
		for len(met) < 1+2*pages*5 && t.Context().Err() == nil {
			grown := reader.Changed()
			records, _, err := reader.Read(t.Context(), seen, 50)
			if err != nil {
				t.Error(err)
				break
			}
			for _, r := range records {
				seen, met[r.Identifier] = r.Seq, true
			}
			if len(records) == 0 {
				select {
				case <-grown:
				case <-time.After(time.Minute):
					t.Errorf("the reader hears of nothing, and has %d records", len(met))
					close(reading)
					return
				}
			}
		}
		reading <- len(met)
	}()
	all.Wait()
	if n := <-reading; n != 1+2*pages*5 {
		t.Errorf("the reader has met %d records", n)
	}
	for _, log := range []interface {
		Check(context.Context, bool) (int64, error)
		Health() error
	}{one, other, reader} {
		if n, err := log.Check(t.Context(), true); err != nil || n != 1+2*pages*5 || log.Health() != nil {
			t.Errorf("%d records, %v, %v", n, err, log.Health())
		}
	}
	// What is kept: a record leaves its place by a change at one gateway, and the other does not take that place for what it was
	// at any newer datestamp.
	at, seq := harvest.Cursor(fmt.Sprint(pages+1)), int64(0)
	for n := range 5 {
		heard, since := other.Changed(), other.Commits()
		b := page(runs[0], at, pages+1+n, 1)
		b.Changes[0].Identifier = "oai:a.example:s/moves"
		receipt, err := one.Commit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); seq != 0; time.Sleep(time.Millisecond) {
			head, fresh := other.Fresh(t.Context(), since, seq-1, seq)
			if !fresh {
				break
			}
			if head.After(receipt.Head.Datestamp) || time.Now().After(deadline) {
				t.Fatalf("a page from before %v is taken for right at %v", receipt.Head.Datestamp, head)
			}
		}
		at, seq = b.Next, receipt.Head.Seq
		select {
		case <-heard:
		case <-time.After(time.Minute):
			t.Fatal("the other gateway does not hear of the change")
		}
	}
}

// One gateway works, and another one takes over when that is gone, by itself or by a crash.
func TestWork(t *testing.T) {
	base := pgtest.NewDatabase(t)
	first, second, third := open(t, base.DSN()), open(t, base.DSN()), open(t, base.DSN())
	began, ended := make(chan string, 10), make(chan string, 10)
	work := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			began <- name
			<-ctx.Done()
			ended <- name
			return nil
		}
	}
	expect := func(from chan string, want string) {
		t.Helper()
		select {
		case got := <-from:
			if got != want {
				t.Fatalf("%s, not %s", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("waited in vain for %s", want)
		}
	}
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	stopFirst, cancelFirst := context.WithCancel(ctx)
	all.Go(func() {
		if err := first.Work(stopFirst, work("first")); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	expect(began, "first")
	all.Go(func() { _ = second.Work(ctx, work("second")) })
	cancelFirst()
	expect(ended, "first")
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	expect(began, "second")
	all.Go(func() { _ = third.Work(ctx, work("third")) })
	// The second hangs: it does not renew its lease, and somebody else takes it.
	if err := base.Exec("UPDATE lease SET holder = 'nobody', until = until + 1000"); err != nil {
		t.Fatal(err)
	}
	expect(ended, "second")
	next := <-began
	cancel()
	expect(ended, next)
	all.Wait()
}

// Gateways that are started at the same moment on an empty database have one log.
func TestOpenedAtOnce(t *testing.T) {
	for range 3 {
		base := pgtest.NewDatabase(t)
		stores, errs := make([]*postgres.Store, 4), make([]error, 4)
		var all sync.WaitGroup
		for i := range stores {
			dir := t.TempDir()
			all.Go(func() {
				stores[i], errs[i] = postgres.Open(t.Context(), dir, postgres.Options{DSN: base.DSN(), Namespace: "a.example", Log: slog.New(slog.DiscardHandler)})
			})
		}
		all.Wait()
		epochs := map[int64]bool{}
		for i, s := range stores {
			if errs[i] != nil {
				t.Errorf("gateway %d: %v", i, errs[i])
				continue
			}
			head, err := s.Head(t.Context())
			if err := errors.Join(err, s.Health()); err != nil {
				t.Errorf("gateway %d: %v", i, err)
			}
			epochs[head.Epoch] = true
		}
		if len(epochs) != 1 {
			t.Errorf("the gateways know the epochs %v", epochs)
		}
		for _, s := range stores {
			if s != nil {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}
