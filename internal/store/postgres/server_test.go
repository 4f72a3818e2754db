package postgres_test

import (
	"strings"
	"testing"

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
