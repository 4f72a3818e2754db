package sqlite

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// handClock is moved by hand.
type handClock struct{ at time.Duration }

func (c *handClock) Wall() time.Time        { return time.Unix(1_800_000_000, 0).Add(c.at) }
func (c *handClock) Elapsed() time.Duration { return c.at }

func open(t *testing.T, dir string, clock store.Clock) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, Options{Namespace: "a.example", Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// leftBehind is a copy of what is in the folder at this instant, as a crash would leave it.
func leftBehind(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	copyTo(t, to, dir, "sheaf.db", "sheaf.db-wal", "sheaf.db-shm", datadir.HighwaterName)
	return to
}

func copyTo(t *testing.T, to, from string, names ...string) {
	t.Helper()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(from, name))
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), b, 0o640)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// change is a record of some size in two sets, one of which depends on its content.
func change(source string, local, content int) pipeline.Change {
	id := fmt.Sprintf("oai:a.example:%s/%d", source, local)
	text := fmt.Sprintf("content %d of %s: a short description of what is in it", content, id)
	return pipeline.Change{
		Identifier: id, Input: pipeline.Hash{1, byte(content), byte(content >> 8), byte(content >> 16)}, Fingerprint: pipeline.Hash{2, byte(content), byte(content >> 8), byte(content >> 16)},
		Sets: []string{source, fmt.Sprintf("%s:c%d", source, content%3)}, Formats: pipeline.NumberedFormats(int64(content+local) % 8),
		Origin: pipeline.Origin{Identifier: fmt.Sprint(local), Format: harvest.Format{Prefix: "mods", Namespace: "http://www.loc.gov/mods/v3"}},
		DC:     fmt.Appendf(nil, `{"title":[{"value":%q}]}`, text), OAIDC: fmt.Appendf(nil, "<dc><title>%s</title></dc>", text),
		Original: fmt.Appendf(nil, "<mods><title>%s</title></mods>", text), Rules: "1",
	}
}

// A feed commits the pages of one source, each after the other.
type feed struct {
	t   *testing.T
	run *pipeline.Run
	at  harvest.Cursor
}

func newFeed(t *testing.T, s *Store, source string) *feed {
	t.Helper()
	run, err := s.Begin(t.Context(), source, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &feed{t, run, run.Cursor}
}

func (f *feed) commit(s *Store, changes ...pipeline.Change) error {
	n, _ := strconv.Atoi(string(f.at))
	next := harvest.Cursor(strconv.Itoa(n + 1))
	_, err := s.Commit(f.t.Context(), &pipeline.Batch{Run: f.run, From: f.at, Next: next, Changes: changes})
	if err == nil {
		f.at = next
	}
	return err
}

// fill puts n records with a content into the log, in pages.
func (f *feed) fill(s *Store, n, content int) {
	f.t.Helper()
	for from := 0; from < n; from += 100 {
		var page []pipeline.Change
		for i := from; i < min(n, from+100); i++ {
			page = append(page, change(f.run.Source, i, content))
		}
		if err := f.commit(s, page...); err != nil {
			f.t.Fatal(err)
		}
	}
}

// await waits until something goes well.
func await(t *testing.T, f func() error) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// contents are the Dublin Core of all records by identifier.
func contents(t *testing.T, s *Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	for after := int64(0); ; {
		page, _, err := s.Read(t.Context(), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return out
		}
		for _, r := range page {
			out[r.Identifier] = string(r.DC)
			after = r.Seq
		}
	}
}

// TestSetNames: a set that has records takes the name that it is given, and no set is made of a name.
func TestSetNames(t *testing.T) {
	s := open(t, t.TempDir(), &handClock{})
	f := newFeed(t, s, "a")
	f.fill(s, 3, 0)
	for _, name := range []string{"The first", "The second"} {
		b := &pipeline.Batch{Run: f.run, From: f.at, Next: f.at + ".", SetNames: map[string]string{"a:c0": name, "a:nobody": "Nothing"}}
		f.at = b.Next
		if _, err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		if _, err := (&endpoint.Repository{Log: s}).Sets(t.Context(), "", func(set *oaipmh.Set) bool {
			got[set.Spec] = set.Name
			return true
		}); err != nil {
			t.Fatal(err)
		}
		if want := map[string]string{"a": "a", "a:c0": name}; !maps.Equal(got, want) {
			t.Errorf("sets %v, want %v", got, want)
		}
	}
}
