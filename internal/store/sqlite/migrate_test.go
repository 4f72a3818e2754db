package sqlite

import (
	"maps"
	"path/filepath"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// toVersion2 makes of a closed log what the program of schema version 2 would have left.
func toVersion2(t *testing.T, dir string, restamp int64) {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(dir, "sheaf.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range downgrades {
		if err := exec(conn, statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := exec(conn, "UPDATE log_head SET restamp = ?", restamp); err != nil {
		t.Fatal(err)
	}
}

var downgrades = []string{
	"ALTER TABLE log_head DROP COLUMN epoch_stamp",
	"ALTER TABLE log_head DROP COLUMN epoch_seq",
	"ALTER TABLE log_head DROP COLUMN undigested",
	"ALTER TABLE relay DROP COLUMN saved",
	"DROP TABLE leap",
	"DROP TABLE written",
	"UPDATE meta SET value = 2 WHERE name = 'schema_version'",
}

// TestOlderSchema: a log of before goes on without a new stamp; one whose new epoch was half done shows one
// datestamp for all.
func TestOlderSchema(t *testing.T) {
	for name, half := range map[string]bool{"at rest": false, "in the midst of a new epoch": true} {
		t.Run(name, func(t *testing.T) {
			clock := &handClock{}
			dir := t.TempDir()
			s := open(t, dir, clock)
			newFeed(t, s, "a").fill(s, 300, 0)
			clock.at += time.Second
			before, err := s.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := contents(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			restamp := int64(0)
			if half {
				restamp = 200
			}
			toVersion2(t, dir, restamp)
			s = open(t, dir, clock)
			if got := contents(t, s); !maps.Equal(got, want) {
				t.Errorf("%d records, want %d", len(got), len(want))
			}
			checkInvariants(t, s)
			page, head, err := s.Read(t.Context(), 0, 1)
			if err != nil || head.Cursor != before.Cursor || len(page) != 1 {
				t.Fatalf("%d records, head %+v, %v; want %v", len(page), head, err, before.Cursor)
			}
			first := clock.Wall().Add(-time.Second).UTC()
			if half {
				first = head.Began
			}
			if !page[0].Datestamp.Equal(first) || half == head.Began.IsZero() || !half && head.Digest != before.Digest {
				t.Errorf("%s is stamped %v, want %v; digest %x", page[0].Identifier, page[0].Datestamp, first, head.Digest)
			}
			clock.at += time.Second
			if err := s.NewEpoch(t.Context(), pipeline.Head{}, "a test says so"); err != nil {
				t.Fatal(err)
			}
			checkInvariants(t, s)
		})
	}
}
