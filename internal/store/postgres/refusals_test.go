package postgres_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

// A database that a log can't be in is refused in words that say what to do, and nothing is written there.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		before []string // statements, run in the database
		dsn    string   // behind the DSN of the database
		want   string
	}{
		{"OtherProgram", []string{"CREATE TABLE users (name TEXT)"}, "", "tables of another program"},
		{"OtherMeta", []string{"CREATE TABLE meta (name TEXT, value TEXT)"}, "", "tables of another program"},
		{"ReadOnly", nil, " options='-c default_transaction_read_only=on'", "takes no changes"},
		{"NoDatabase", nil, " dbname=nowhere", "does not exist"},
		{"NoRights", []string{"CREATE ROLE reader LOGIN"}, " user=reader", "may not make tables"},
		{"NoServer", nil, " port=1", "can't be reached"},
	} {
		t.Run(test.name, func(t *testing.T) {
			base := pgtest.NewDatabase(t)
			for _, statement := range test.before {
				if err := base.Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
			refused(t, base.DSN()+test.dsn, "a.example", test.want)
		})
	}
}

func refused(t *testing.T, dsn, namespace, want string) error {
	t.Helper()
	s, err := postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: dsn, Namespace: namespace, Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		err = errors.Join(errors.New("it was opened"), s.Close())
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("%v; want %q", err, want)
	}
	return err
}

// A log keeps its namespace, and is not opened by a program that is too old for it.
func TestRefusedLog(t *testing.T) {
	base := pgtest.NewDatabase(t)
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
	refused(t, base.DSN(), "b.example", "have a.example in their identifiers")
	if err := base.Exec("UPDATE meta SET value = '99' WHERE name = 'schema_oldest_writer'"); err != nil {
		t.Fatal(err)
	}
	if err := refused(t, base.DSN(), "a.example", "newer"); !errors.Is(err, store.ErrNewer) {
		t.Error(err)
	}
}

// The password of a DSN is in no error.
func TestSecret(t *testing.T) {
	for _, dsn := range []string{"postgres://sheaf:hush@[::1/x", "host=127.0.0.1 port=1 user=sheaf password=hush", "password=hush port=x"} {
		_, err := postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: dsn, Log: slog.New(slog.DiscardHandler)})
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}
