package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func open(t *testing.T, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: dsn, Namespace: "a.example", Log: slog.New(slog.DiscardHandler)})
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

// page is a page of a run, with so many records of which each page has its own.
func page(run *pipeline.Run, at harvest.Cursor, number, records int) *pipeline.Batch {
	b := &pipeline.Batch{Run: run, From: at, Next: harvest.Cursor(fmt.Sprint(number + 1))}
	for i := range records {
		id := fmt.Sprintf("oai:a.example:s/%d-%d", number, i)
		b.Changes = append(b.Changes, pipeline.Change{
			Identifier: id, Fingerprint: pipeline.Hash{1, byte(number), byte(i)}, Input: pipeline.Hash{1}, Sets: []string{"s"},
			DC: []byte(`{}`), OAIDC: []byte("<a/>"), Origin: pipeline.Origin{Identifier: id, Harvested: time.Unix(0, 0).UTC()},
		})
	}
	return b
}

// A cutter passes connections on to a server, until it is told to cut one that commits.
type cutter struct {
	to   string
	when atomic.Pointer[string] // before, after: the COMMIT has reached the server; nil to pass everything on
	cuts atomic.Int64
}

func (c *cutter) serve(l net.Listener) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		all.Go(func() { c.pass(in) })
	}
}

func (c *cutter) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("unix", c.to)
	if err != nil {
		return
	}
	defer out.Close()
	var silent atomic.Bool
	var back sync.WaitGroup
	back.Go(func() {
		defer in.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := out.Read(buf)
			if err != nil {
				return
			}
			if silent.Load() {
				c.cuts.Add(1)
				return
			}
			if _, err := in.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	defer back.Wait()
	buf := make([]byte, 1<<16)
	for {
		n, err := in.Read(buf)
		if err != nil {
			out.Close()
			return
		}
		if when := c.when.Load(); when != nil && bytes.Contains(buf[:n], []byte("COMMIT\x00")) && c.when.CompareAndSwap(when, nil) {
			if *when == "before" {
				c.cuts.Add(1)
				out.Close()
				return
			}
			silent.Store(true)
		}
		if _, err := out.Write(buf[:n]); err != nil && !errors.Is(err, io.EOF) {
			return
		}
	}
}

// A connection that is lost during COMMIT leaves no doubt: a page that was committed is acknowledged, and one that was not is
// not there.
func TestCommitCut(t *testing.T) {
	base := pgtest.NewDatabase(t)
	c := &cutter{to: filepath.Join(base.Server().Dir(), ".s.PGSQL.5432")}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { c.serve(l) })
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	host, port, _ := net.SplitHostPort(l.Addr().String())
	commitsCut(t, c, open(t, strings.Replace(base.DSN(), "host="+base.Server().Dir(), "host="+host+" port="+port+" sslmode=disable", 1)))
}

// commitsCut commits pages to a log, while the connections to it are cut.
func commitsCut(t *testing.T, c *cutter, s *postgres.Store) {
	t.Helper()
	run, err := s.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	const records = 7
	at, number := harvest.Cursor(""), 0
	for range 5 {
		for _, when := range []string{"after", "before"} {
			had := c.cuts.Load()
			c.when.Store(&when)
			b := page(run, at, number, records)
			receipt, err := s.Commit(t.Context(), b)
			if c.cuts.Load() == had {
				t.Fatal("no connection was cut")
			}
			switch {
			case when == "after" && (err != nil || receipt.Counts.Added != records):
				t.Fatalf("it was committed, and answered with %v", err)
			case when == "before" && err == nil:
				t.Fatal("it was not committed, and acknowledged")
			case when == "after":
				at, number = b.Next, number+1
			}
			recs, head, err := s.Read(t.Context(), 0, 1000)
			if err != nil || len(recs) != number*records || head.Seq != int64(number*records) {
				t.Fatalf("%d records to %d after %d pages: %v", len(recs), head.Seq, number, err)
			}
		}
	}
}

// Whatever a source calls things, its page is committed: texts that no index takes, or that PostgreSQL can't keep as they are.
func TestOddTexts(t *testing.T) {
	s := open(t, pgtest.NewDatabase(t).DSN())
	run, err := s.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	odd := make([]byte, 20000)
	for i := range odd { // which nothing compresses, and is no UTF-8
		odd[i] = byte(i*i*31>>3 ^ i>>5)
	}
	b := page(run, "", 0, 2)
	b.Next = harvest.Cursor(odd)
	b.Changes[0].Origin.Identifier = string(odd)
	b.Rejects = []pipeline.Reject{{Key: string(odd), Identifier: string(odd), Reason: "mapping", Detail: "\x00", Original: odd}}
	b.Noted = []pipeline.Noted{{Identifier: string(odd), Memo: string(odd)}, {Identifier: b.Changes[1].Identifier, Memo: string(odd)}}
	if _, err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	again, err := s.Begin(t.Context(), "s", nil)
	if err != nil || again.Cursor != b.Next {
		t.Errorf("the cursor has %d bytes: %v", len(again.Cursor), err)
	}
	kept, err := s.Quarantine(t.Context(), "s", 0, 10)
	if err != nil || len(kept) != 1 || kept[0].Key != string(odd) || kept[0].Detail != "\x00" || !bytes.Equal(kept[0].Original, odd) {
		t.Errorf("in quarantine are %d: %v", len(kept), err)
	}
	known, err := s.Known(t.Context(), []pipeline.Ask{{Identifier: b.Changes[1].Identifier, Memo: true}})
	if err != nil || known[0].Memo != string(odd) {
		t.Errorf("%v", err)
	}
}

// The server is killed again and again while pages are committed. Whatever was acknowledged is there, once, and the harvest
// goes on from what is there.
func TestServerKilled(t *testing.T) {
	pgtest.NewDatabase(t) // skips where there is no PostgreSQL
	server, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Remove)
	s := open(t, server.NewDatabase(t).DSN())
	const pages, records, kills = 150, 5, 5
	ctx, cancel := context.WithCancel(t.Context())
	var killing sync.WaitGroup
	killing.Go(func() {
		defer cancel()
		for i := range kills {
			select {
			case <-time.After(time.Duration(100+130*i) * time.Millisecond):
			case <-t.Context().Done():
				return
			}
			if err := errors.Join(server.Kill(), server.Run()); err != nil {
				t.Error(err)
				return
			}
		}
	})
	acknowledged := 0
	for n := 0; n < pages || ctx.Err() == nil; {
		run, err := s.Begin(t.Context(), "s", nil)
		for err == nil {
			at := 0
			if run.Cursor != "" {
				if _, err := fmt.Sscan(string(run.Cursor), &at); err != nil {
					t.Fatal(err)
				}
			}
			if at < acknowledged {
				t.Fatalf("the source is at page %d, and %d were acknowledged", at, acknowledged)
			}
			b := page(run, run.Cursor, at, records)
			if _, err = s.Commit(t.Context(), b); err == nil {
				run.Cursor, acknowledged, n = b.Next, at+1, at+1
			}
			if n >= pages && ctx.Err() != nil {
				break
			}
		}
	}
	killing.Wait()
	got := map[string]bool{}
	for after := int64(0); ; {
		recs, _, err := s.Read(t.Context(), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(recs) == 0 {
			break
		}
		for _, r := range recs {
			if got[r.Identifier] || r.Version != 1 {
				t.Fatalf("%s has version %d, and was there before: %t", r.Identifier, r.Version, got[r.Identifier])
			}
			got[r.Identifier], after = true, r.Seq
		}
	}
	if len(got) != acknowledged*records {
		t.Errorf("%d records, and %d pages of %d were acknowledged", len(got), acknowledged, records)
	}
	if n, err := s.Check(t.Context(), true); err != nil || n != int64(len(got)) {
		t.Errorf("a check of %d records: %v", n, err)
	}
}
