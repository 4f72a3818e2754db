package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

// What is set up otherwise than the log needs it is said, each thing in a line with what to do.
func TestServer(t *testing.T) {
	base := pgtest.NewDatabase(t)
	for _, statement := range []string{"CREATE ROLE worker LOGIN", "GRANT CREATE ON SCHEMA public TO worker"} {
		if err := base.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, base.DSN()+" user=worker")
	looked := func() map[string]string {
		t.Helper()
		out := map[string]string{}
		for _, r := range s.Server(t.Context()) {
			if out[r.Check] = "ok: " + r.Found; r.Advice != "" {
				out[r.Check] = r.Advice
			}
		}
		return out
	}
	expect := func(got map[string]string, check, want string) {
		t.Helper()
		if !strings.Contains(got[check], want) {
			t.Errorf("%s: %q; want %q", check, got[check], want)
		}
	}
	at := looked()
	expect(at, "database", "ok: PostgreSQL 1")
	expect(at, "rights", "ok:")
	expect(at, "durability", "fsync is off") // as it is for tests
	expect(at, "replicas", "ok: there is none")
	expect(at, "vacuum", "ok:")
	expect(at, "connections", "ok: the server has 197")
	if err := base.Exec("ALTER TABLE item OWNER TO sheaf"); err != nil {
		t.Fatal(err)
	}
	expect(looked(), "rights", "may not read and write item")
	if err := base.Exec("GRANT ALL ON item TO worker"); err != nil {
		t.Fatal(err)
	}
	expect(looked(), "rights", "does not own item")
}

// What the database says of its replicas is known: that one is there, to any role; how far it is behind, to one that may know.
func TestStandbys(t *testing.T) {
	base := pgtest.NewDatabase(t)
	for _, statement := range []string{"CREATE ROLE onlooker LOGIN", "GRANT CREATE ON SCHEMA public TO onlooker"} {
		if err := base.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, base.DSN()+" user=onlooker")
	look := func() store.Standbys {
		t.Helper()
		got, err := s.Standbys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := look(); got != (store.Standbys{}) {
		t.Errorf("without a replica it is %+v", got)
	}
	base.Server().Follow(t)
	for deadline := time.Now().Add(time.Minute); look().All == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the replica is not seen")
		}
	}
	if got := look(); got.All != 1 || got.Synchronous != 0 || got.Behind != -1 {
		t.Errorf("to a role that may not know it is %+v", got)
	}
	if err := base.Exec("GRANT pg_read_all_stats TO onlooker"); err != nil {
		t.Fatal(err)
	}
	if got := look(); got.All != 1 || got.Synchronous != 0 || got.Behind < 0 {
		t.Errorf("to one that may it is %+v", got)
	}
}
