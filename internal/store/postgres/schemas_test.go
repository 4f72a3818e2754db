package postgres_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// stopped is a clock that stands.
type stopped time.Time

func (c stopped) Wall() time.Time      { return time.Time(c) }
func (stopped) Elapsed() time.Duration { return time.Hour }

// A database that a program of before has left is opened, holds what it held, and goes on.
func TestEverySchema(t *testing.T) {
	for _, name := range storetest.Schemas(t, "postgres-*") {
		t.Run(name, func(t *testing.T) {
			base, dir := pgtest.NewDatabase(t), t.TempDir()
			_, at := storetest.UnpackSchema(t, name, dir)
			dump, err := os.ReadFile(filepath.Join(dir, "log.sql"))
			if err != nil {
				t.Fatal(err)
			}
			var script strings.Builder
			for line := range strings.Lines(string(dump)) {
				if !strings.HasPrefix(line, `\`) && !strings.HasPrefix(line, "SET transaction_timeout") { // for psql, and for servers from version 17
					script.WriteString(line)
				}
			}
			if err := base.Exec(script.String()); err != nil {
				t.Fatal(err)
			}
			s, err := postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: base.DSN(), Clock: stopped(at.Add(time.Hour)), Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if n, err := s.Check(t.Context(), true); err != nil || n != 17 || s.Namespace() != "before.example" {
				t.Errorf("%d records of %s: %v", n, s.Namespace(), err)
			}
			for id, want := range map[string]struct {
				deleted pipeline.Reason
				title   string
			}{"0": {title: "Título 0 — 東京 &amp; environs, revised"}, "5": {deleted: pipeline.SourceDeleted}, "9": {deleted: pipeline.Takedown}, "17": {title: "Título 17"}} {
				r, err := s.Record(t.Context(), "oai:before.example:things/"+id)
				if err != nil || r.Deleted != want.deleted || want.title != "" && !bytes.Contains(r.Original, []byte("<title>"+want.title)) {
					t.Errorf("%s is %+v, %v", id, r, err)
				}
			}
			kept, err := s.Quarantine(t.Context(), "things", 0, 10)
			if err != nil || len(kept) != 1 || !bytes.Contains(kept[0].Original, []byte("Título 11")) {
				t.Errorf("in quarantine: %+v, %v", kept, err)
			}
			all, err := s.Status(t.Context())
			if err != nil || len(all) != 1 || all[0].Live != 15 || all[0].Held.Deletions != 4 || all[0].Stop.Who == "" {
				t.Errorf("the source stands at %+v, %v", all, err)
			}
			if runs, err := s.Runs(t.Context(), "things", 10); err != nil || len(runs) != 4 {
				t.Errorf("%d runs are remembered: %v", len(runs), err)
			}
			run, err := s.Begin(t.Context(), "more", nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Commit(t.Context(), page(run, "", 0, 3)); err != nil {
				t.Error(err)
			}
			if n, err := s.Check(t.Context(), true); err != nil || n != 20 {
				t.Errorf("after a page more, %d records: %v", n, err)
			}
		})
	}
}
