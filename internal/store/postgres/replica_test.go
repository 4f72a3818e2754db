package postgres_test

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// primary starts a server of the test's own, with these settings.
func primary(t *testing.T, settings ...string) *pgtest.Server {
	t.Helper()
	server, err := pgtest.Start(append(settings, "fsync=off")...)
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	t.Cleanup(server.Remove)
	return server
}

// A reading is a gateway that reads from a replica, and what is known of its readings there.
type reading struct {
	t       *testing.T
	log     *postgres.Store
	run     *pipeline.Run
	at      harvest.Cursor
	pages   int
	replica *pgtest.Database
}

func (r *reading) commit() *pipeline.Receipt {
	r.t.Helper()
	b := page(r.run, r.at, r.pages, 1)
	receipt, err := r.log.Commit(r.t.Context(), b)
	if err != nil {
		r.t.Fatal(err)
	}
	r.at, r.pages = b.Next, r.pages+1
	return receipt
}

// walk reads the whole list, and says how long it is.
func (r *reading) walk() (n int, head time.Time) {
	r.t.Helper()
	list := &endpoint.Repository{Log: r.log, Name: "Example", Page: storetest.Page}
	l, err := list.List(r.t.Context(), &oaipmh.Query{Prefix: "oai_dc"}, func(*oaipmh.Record) bool { n++; return true })
	if err != nil {
		r.t.Fatal(err)
	}
	return n, l.Head
}

// fromReplica says whether the replica was read from while f ran.
func (r *reading) fromReplica(f func()) bool {
	r.t.Helper()
	before := r.log.ReplicaViews()
	f()
	return r.log.ReplicaViews() > before
}

// The doors are served from a replica as long as that has all that the gateway has seen, and from the primary otherwise: while
// it is behind, while it is down, and where it is one of another log.
func TestReadReplica(t *testing.T) {
	server := primary(t)
	base := server.NewDatabase(t)
	follower := server.Replicate(t, "one")
	r := &reading{t: t, replica: follower.Database(base.Name)}
	var err error
	r.log, err = postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: base.DSN(), Replica: r.replica.DSN(), Namespace: "a.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.log.Close()
	if r.run, err = r.log.Begin(t.Context(), "s", nil); err != nil {
		t.Fatal(err)
	}
	// fit waits until the replica is read from.
	fit := func() {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !r.fromReplica(func() { r.walk() }); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the replica is not read from")
			}
		}
	}
	r.commit()
	fit()
	for range 20 { // what was committed is there at once, from wherever it is read
		r.commit()
		if n, _ := r.walk(); n != r.pages {
			t.Fatalf("%d records after %d", n, r.pages)
		}
	}
	fit()

	// It is held back: what it has is older than what the gateway has written.
	if err := r.replica.Exec("SELECT pg_wal_replay_pause()"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		receipt := r.commit()
		if r.fromReplica(func() {
			n, head := r.walk()
			if n != r.pages || head.Before(receipt.Head.Datestamp) {
				t.Fatalf("%d records after %d, at %v after %v", n, r.pages, head, receipt.Head.Datestamp)
			}
			changes, err := r.log.Changes(t.Context(), pipeline.Wanted{After: receipt.Head.Seq - 1, Limit: 10, Bytes: 1 << 20})
			if err != nil || len(changes.Records) != 1 {
				t.Fatalf("%d changes, %v", len(changes.Records), err)
			}
		}) {
			t.Fatal("the replica, which is behind, was read from")
		}
	}
	if remark := remarkOn(r.log.Server(t.Context()), "read replica"); remark.Advice == "" {
		t.Errorf("a replica that is behind is said to be fit: %+v", remark)
	}
	// Another gateway has written, and this one has not heard of it: a follower's cursor is beyond what the replica has.
	other := open(t, base.DSN())
	run, err := other.Begin(t.Context(), "t", nil)
	if err != nil {
		t.Fatal(err)
	}
	b := page(run, "", 0, 1)
	b.Changes[0].Identifier = "oai:a.example:t/1"
	receipt, err := other.Commit(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if changes, err := r.log.Changes(t.Context(), pipeline.Wanted{After: receipt.Head.Seq, Limit: 10, Bytes: 1 << 20}); err != nil || changes.Head.Seq != receipt.Head.Seq {
		t.Errorf("the head is %+v, %v; a follower has seen %d", changes.Head.Cursor, err, receipt.Head.Seq)
	}
	if err := r.replica.Exec("SELECT pg_wal_replay_resume()"); err != nil {
		t.Fatal(err)
	}
	fit()
	if remark := remarkOn(r.log.Server(t.Context()), "read replica"); remark.Advice != "" {
		t.Errorf("a replica that is fit: %+v", remark)
	}

	// It dies, and comes back.
	if err := follower.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.commit()
		_ = r.log.Snapshot(t.Context(), func(store.View) error { return nil }) // a connection that is open is found dead
		if n, _ := r.walk(); n != r.pages+1 {
			t.Fatalf("%d records after %d", n, r.pages+1)
		}
	}
	if err := follower.Run(); err != nil {
		t.Fatal(err)
	}
	fit()
	if err := r.log.Health(); err != nil {
		t.Errorf("the log is said to be ill: %v", err)
	}
}

// A copy of the log is no replica of it, however alike.
func TestReadReplicaOfAnother(t *testing.T) {
	server := primary(t)
	base := server.NewDatabase(t)
	s := open(t, base.DSN())
	run, err := s.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), page(run, "", 0, 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := server.Exec("CREATE DATABASE copied TEMPLATE " + base.Name); err != nil {
		t.Fatal(err)
	}
	log, err := postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: base.DSN(), Replica: server.Database("copied").DSN(), Namespace: "a.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if err := log.Snapshot(t.Context(), func(store.View) error { return nil }); err != nil || log.ReplicaViews() != 0 {
		t.Errorf("the copy was read from %d times: %v", log.ReplicaViews(), err)
	}
}

// A walk goes on where it was while the primary is away: what the replica has is served.
func TestReadReplicaAlone(t *testing.T) {
	server := primary(t)
	base := server.NewDatabase(t)
	follower := server.Replicate(t, "one")
	r := &reading{t: t, replica: follower.Database(base.Name)}
	var err error
	r.log, err = postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: base.DSN(), Replica: r.replica.DSN(), Namespace: "a.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if r.run, err = r.log.Begin(t.Context(), "s", nil); err != nil {
		t.Fatal(err)
	}
	r.commit()
	for deadline := time.Now().Add(time.Minute); !r.fromReplica(func() { r.walk() }); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the replica is not read from")
		}
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if n, _ := r.walk(); n != 1 {
		t.Errorf("%d records", n)
	}
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	if err := r.log.Close(); err != nil {
		t.Error(err)
	}
}

func remarkOn(all []store.Remark, check string) (found store.Remark) {
	for _, r := range all {
		if r.Check == check {
			found = r
		}
	}
	return found
}
