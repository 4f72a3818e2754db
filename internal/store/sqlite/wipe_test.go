package sqlite_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	zombie "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What was taken down is in no file of the data folder any more: no version of it, however records came and went before.
func TestTakedownLeavesNoBytes(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Namespace: "gateway.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id := func(i int) string { return fmt.Sprintf("oai:gateway.example.org:a/%d", i) }
	mark := func(i, version int) string { return fmt.Sprintf("secret-%d-%d-", i, version) }
	const records, versions = 400, 6
	for v := range versions {
		run, err := s.Begin(t.Context(), "a", pipeline.FromTheStart)
		if err != nil {
			t.Fatal(err)
		}
		for first := 0; first < records; first += 100 {
			b := &pipeline.Batch{Run: run, From: run.Cursor, Next: run.Cursor + "."}
			for i := first; i < first+100; i++ {
				text := strings.Repeat(mark(i, v), 5+(i*7+v*11)%60)
				b.Changes = append(b.Changes, pipeline.Change{
					Identifier: id(i), Sets: []string{"a"}, Input: pipeline.Hash{byte(v), byte(i), byte(i >> 8)}, Fingerprint: pipeline.Hash{byte(v), byte(i), byte(i >> 8), 1},
					Origin: pipeline.Origin{Identifier: fmt.Sprint(i)}, OAIDC: []byte("<dc>" + text + "</dc>"), DC: []byte(`{"title":[{"value":"` + mark(i, v) + `"}]}`), Original: []byte(mark(i, v)),
				})
			}
			if i := first + v; i%2 == 0 {
				b.Rejects = append(b.Rejects, pipeline.Reject{Key: fmt.Sprint(i), Identifier: id(i), Reason: "mapping", Original: []byte(mark(i, v))})
			}
			if _, err := s.Commit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			run.Cursor = b.Next
		}
	}
	taken := []int{0, 3, 57, 199, 398, 399}
	for _, i := range taken {
		if _, err := s.Remove(t.Context(), pipeline.Removal{Identifier: id(i), Final: true, Reason: "asked for"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"sheaf.db", "sheaf.db-wal"} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range taken {
			for v := range versions {
				if bytes.Contains(b, []byte(mark(i, v))) {
					t.Errorf("%s still has version %d of record %d", file, v, i)
				}
			}
		}
		if file == "sheaf.db" && !bytes.Contains(b, []byte(mark(1, versions-1))) {
			t.Error("the log has nothing of a record that was not taken down: the marks are not what is looked for")
		}
	}
	if _, err := s.Check(context.Background(), true); err != nil {
		t.Error(err)
	}
}

// A takedown is final, also where a backup of before is restored: in its place, or of the whole log with it.
func TestTakedownSurvivesRestore(t *testing.T) {
	dir := t.TempDir()
	open := func() *sqlite.Store {
		t.Helper()
		s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Namespace: "gateway.example.org"})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	run, err := s.Begin(t.Context(), "a", pipeline.FromTheStart)
	if err != nil {
		t.Fatal(err)
	}
	b := &pipeline.Batch{Run: run, From: run.Cursor, Next: "1"}
	for _, id := range []string{"oai:gateway.example.org:a/1", "oai:gateway.example.org:a/2", "oai:gateway.example.org:a/3"} {
		b.Changes = append(b.Changes, pipeline.Change{Identifier: id, Sets: []string{"a"}, Input: pipeline.Hash{1}, Fingerprint: pipeline.Hash{2}, OAIDC: []byte("<dc/>"), DC: []byte("{}"), Original: []byte("secret")})
	}
	if _, err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	for i, final := range []bool{true, false} {
		if _, err := s.Remove(t.Context(), pipeline.Removal{Identifier: b.Changes[i].Identifier, Final: final, Reason: "asked for", Who: "Ada"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), dir, backup); err != nil {
		t.Fatal(err)
	}
	s = open()
	defer s.Close()
	for i, want := range []pipeline.Reason{pipeline.Takedown, pipeline.Withdrawn, pipeline.Live} {
		r, err := s.Record(t.Context(), b.Changes[i].Identifier)
		if err != nil || r.Deleted != want {
			t.Errorf("record %d: %+v, %v", i+1, r, err)
		}
	}
	kept, err := s.Suppressed(t.Context(), "", 9)
	if err != nil || len(kept) != 2 || kept[0].Who != "Ada" || kept[0].Seq == 0 {
		t.Errorf("kept out are %+v, %v", kept, err)
	}
}

// What a gateway that was killed after a takedown has not wiped is wiped when it starts again.
func TestWipeThatWasKilled(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Namespace: "gateway.example.org"})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "sheaf.db")
	conn, err := zombie.OpenConn(file, zombie.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"PRAGMA secure_delete = off", "CREATE TABLE was (text TEXT)", "INSERT INTO was VALUES (replace(hex(zeroblob(40000)), '0', 'secret-'))", "DROP TABLE was",
		"INSERT INTO meta (name, value) VALUES ('wipe', 1)",
	} {
		if err := sqlitex.ExecuteTransient(conn, sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	left := func() bool {
		t.Helper()
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(b, []byte("secret-secret"))
	}
	if !left() {
		t.Fatal("the file has nothing to wipe")
	}
	if s, err = sqlite.Open(t.Context(), dir, sqlite.Options{Namespace: "gateway.example.org"}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if left() {
		t.Error("what was free is not wiped")
	}
}
