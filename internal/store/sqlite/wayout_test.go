package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// TestWayOutOfAWrongStamp: a log whose head is far in the future takes nothing. A person's word begins an epoch at
// the present second: commits go on, and everything shows datestamps that are right.
func TestWayOutOfAWrongStamp(t *testing.T) {
	clock := &handClock{}
	dir := t.TempDir()
	s := open(t, dir, clock)
	f := newFeed(t, s, "a")
	f.fill(s, 300, 0)
	before := contents(t, s)
	if err := s.writer.do(t.Context(), func(conn *sqlite.Conn) error {
		far := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
		return errors.Join(
			exec(conn, "UPDATE log_head SET datestamp = ?", far),
			exec(conn, "UPDATE record SET datestamp = ? WHERE seq > 250", far),
			exec(conn, "INSERT INTO second (datestamp, seq) VALUES (?, 251)", far),
		)
	}); err != nil {
		t.Fatal(err)
	}
	if err := f.commit(s, change("a", 1, 1)); !errors.Is(err, pipeline.ErrPaused) {
		t.Fatalf("with a head of the year 9999 a commit came to %v", err)
	}
	was, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.BeginEpoch(t.Context(), "a test says so"); err != nil {
		t.Fatal(err)
	}
	now := clock.Wall().Unix()
	head, err := s.Head(t.Context())
	if err != nil || head.Datestamp.Unix() != now || head.Epoch <= was.Epoch || head.Seq < was.Seq {
		t.Fatalf("the head is %+v, %v", head, err)
	}
	if err := f.commit(s, change("a", 1, 1)); err != nil {
		t.Fatal(err)
	}
	records, _, err := s.Read(t.Context(), 0, 1000)
	if err != nil || len(records) == 0 {
		t.Fatal(records, err)
	}
	for i := range records {
		if at := records[i].Datestamp.Unix(); at != now {
			t.Fatalf("%s shows %v", records[i].Identifier, records[i].Datestamp)
		}
	}
	if got := contents(t, s); len(got) != len(before) {
		t.Errorf("%d records, want %d", len(got), len(before))
	}
	checkInvariants(t, s)
}

// TestMarkOutOfBounds: what a high-water mark says beyond all measure is not believed. A new epoch begins, and
// the log goes on with numbers and dates that are its own.
func TestMarkOutOfBounds(t *testing.T) {
	for name, mark := range map[string]string{
		"far date":     fmt.Sprintf("%020d %020d %020d\n", 1_800_000_000_000, 5, 253402300799),
		"last seq":     fmt.Sprintf("%020d %020d %020d\n", 1_800_000_000_000, int64(1<<63-1), 1_800_000_000),
		"last epoch":   fmt.Sprintf("%020d %020d %020d\n", int64(1<<63-1), 5, 1_800_000_000),
		"all of these": fmt.Sprintf("%020d %020d %020d\n", int64(1<<63-1), int64(1<<63-1), int64(1<<62)),
	} {
		t.Run(name, func(t *testing.T) {
			clock := &handClock{}
			dir := t.TempDir()
			s := open(t, dir, clock)
			newFeed(t, s, "a").fill(s, 10, 0)
			was, err := s.Head(t.Context())
			if err = errors.Join(err, s.Close()); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, datadir.HighwaterName), []byte(mark), 0o600); err != nil {
				t.Fatal(err)
			}
			clock.at += time.Minute
			s = open(t, dir, clock)
			if err := newFeed(t, s, "a").commit(s, change("a", 3, 7)); err != nil {
				t.Fatal(err)
			}
			head, err := s.Head(t.Context())
			if err != nil || head.Epoch <= was.Epoch || head.Epoch > clock.Wall().UnixMilli() || head.Seq > pipeline.MaxCursor/2 || head.Datestamp.After(clock.Wall()) {
				t.Errorf("the head is %+v, %v", head, err)
			}
			checkInvariants(t, s)
		})
	}
}
