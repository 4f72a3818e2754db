// Command catalogue keeps a catalogue (a table in SQLite) in sync with a Sheaf gateway.
//
//	go run . -gateway https://gateway.example.org/ -nats nats://127.0.0.1:4222 catalogue.db
//	go run . -gateway https://gateway.example.org/ -once catalogue.db
//
// With -once it ends when the catalogue holds what the gateway holds, and proves that: exit status 0 if their digests are
// equal, 3 if not.
//
// The package that it follows with knows gaps, cuts, and places that are gone. What is left to a consumer is one function
// that writes a batch, and its place, in one transaction.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

func main() {
	gateway := flag.String("gateway", "", "the address of the gateway's public pages, such as https://gateway.example.org/")
	nats := flag.String("nats", "", "where its events are, such as nats://127.0.0.1:4222")
	once := flag.Bool("once", false, "end when the catalogue is equal, and prove it")
	flag.Parse()
	if *gateway == "" || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	f := follow.Follower{Gateway: *gateway, NATS: *nats, With: follow.With{OAIDC: true}, Log: slog.Default()}
	status, err := run(ctx, &f, flag.Arg(0), *once)
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(status)
}

func run(ctx context.Context, f *follow.Follower, path string, once bool) (status int, err error) {
	c, err := open(path)
	if err != nil {
		return 1, err
	}
	defer c.db.Close()
	place, err := c.place()
	if err != nil {
		return 1, err
	}
	if !once {
		return 0, f.Follow(ctx, place, c.write)
	}
	f.Patience = time.Minute
	for c.head == nil || c.head.Digest == "" { // it is left out while it is worked out, after an epoch has begun
		if err := f.CatchUp(ctx, place, c.write); err != nil {
			return 1, err
		}
		if place, err = c.place(); err != nil {
			return 1, err
		}
	}
	return c.prove()
}

// A catalogue is a table of records, and the place that they are true for.
type catalogue struct {
	db   *sqlite.Conn
	head *follow.Head
}

func open(path string) (*catalogue, error) {
	db, err := sqlite.OpenConn(path)
	if err != nil {
		return nil, err
	}
	return &catalogue{db: db}, sqlitex.ExecuteScript(db, `
		CREATE TABLE IF NOT EXISTS record (identifier TEXT PRIMARY KEY, datestamp TEXT, title TEXT, oai_dc TEXT, pass INTEGER);
		CREATE INDEX IF NOT EXISTS record_pass ON record (pass);
		CREATE TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY CHECK (id = 1), place TEXT);`, nil)
}

func (c *catalogue) place() (p follow.Place, err error) {
	err = sqlitex.Execute(c.db, "SELECT place FROM place", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) (err error) {
		p, err = follow.ParsePlace(s.ColumnText(0))
		return err
	}})
	return p, err
}

// write writes a batch, and its place, or nothing.
func (c *catalogue) write(_ context.Context, b *follow.Batch) (err error) {
	defer sqlitex.Save(c.db)(&err)
	run := func(query string, args ...any) {
		if err == nil {
			err = sqlitex.Execute(c.db, query, &sqlitex.ExecOptions{Args: args})
		}
	}
	for _, r := range b.Changes {
		if r.Deleted() {
			run("DELETE FROM record WHERE identifier = ?", r.Identifier)
		} else {
			run("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?)",
				r.Identifier, r.Datestamp.Format(time.RFC3339), r.Record.First("title"), r.OAIDC, b.Pass())
		}
	}
	if b.Sweep() {
		run("DELETE FROM record WHERE pass <> ?", b.Pass())
	}
	run("INSERT OR REPLACE INTO place VALUES (1, ?)", b.Place.String())
	c.head = b.Head
	return err
}

// prove compares the digest of the catalogue with that of the gateway's log.
func (c *catalogue) prove() (status int, err error) {
	var own pipeline.Digest
	records := 0
	err = sqlitex.Execute(c.db, "SELECT identifier, datestamp, oai_dc FROM record", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		at, err := time.Parse(time.RFC3339, s.ColumnText(1))
		own.Add(s.ColumnText(0), at, []byte(s.ColumnText(2)))
		records++
		return err
	}})
	if err != nil {
		return 1, err
	}
	if digest := fmt.Sprintf("%x", own); digest != c.head.Digest {
		fmt.Printf("%d records, digest %s NOT that of the gateway, %s\n", records, digest, c.head.Digest)
		return 3, nil
	}
	fmt.Printf("%d records, digest %x equal to the gateway's\n", records, own)
	return 0, nil
}
