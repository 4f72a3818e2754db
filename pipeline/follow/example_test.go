package follow_test

import (
	"context"
	"fmt"
	"log"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// A Catalogue is a table of records, and the place that they are true for.
type Catalogue struct{ *sqlite.Conn }

// OpenCatalogue opens a catalogue in a file.
func OpenCatalogue(name string) (Catalogue, error) {
	conn, err := sqlite.OpenConn(name)
	if err != nil {
		return Catalogue{}, err
	}
	return Catalogue{conn}, sqlitex.ExecuteScript(conn, `
		CREATE TABLE IF NOT EXISTS record (identifier TEXT PRIMARY KEY, title TEXT, pass INTEGER);
		CREATE TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY CHECK (id = 1), place TEXT);`, nil)
}

// Write writes a batch. Records and place change in one transaction, or not at all.
func (c Catalogue) Write(_ context.Context, b *follow.Batch) (err error) {
	defer sqlitex.Save(c.Conn)(&err)
	run := func(query string, args ...any) {
		if err == nil {
			err = sqlitex.Execute(c.Conn, query, &sqlitex.ExecOptions{Args: args})
		}
	}
	for _, r := range b.Changes {
		if r.Deleted() {
			run("DELETE FROM record WHERE identifier = ?", r.Identifier)
		} else {
			run("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", r.Identifier, r.Record.First("title"), b.Pass())
		}
	}
	if b.Sweep() {
		run("DELETE FROM record WHERE pass <> ?", b.Pass())
	}
	run("INSERT OR REPLACE INTO place VALUES (1, ?)", b.Place.String())
	return err
}

// Place returns the place that was kept.
func (c Catalogue) Place() (follow.Place, error) {
	text, err := sqlitex.ResultText(c.Prep("SELECT coalesce(max(place), '') FROM place"))
	if err != nil {
		return follow.Place{}, err
	}
	return follow.ParsePlace(text)
}

// A table in SQLite is kept in sync with a gateway, through restarts of either, deletions and restored backups.
func Example() {
	gateway := startFake() // yours is at an address such as https://gateway.example.org/
	defer gateway.Close()
	gateway.change(func(l *fakeLog) { l.put("oai:gw.example:src/1", "A letter"); l.put("oai:gw.example:src/2", "A map") })

	catalogue, err := OpenCatalogue(":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer catalogue.Close()
	f := follow.Follower{Gateway: gateway.URL} // NATS: "nats://…" hears of changes at once
	follow := func() {
		place, err := catalogue.Place()
		if err == nil {
			err = f.CatchUp(context.Background(), place, catalogue.Write) // a service calls Follow, which goes on for ever
		}
		if err != nil {
			log.Fatal(err)
		}
		titles := []string{}
		err = sqlitex.Execute(catalogue.Conn, "SELECT title FROM record ORDER BY 1", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
			titles = append(titles, s.ColumnText(0))
			return nil
		}})
		fmt.Printf("%q %v\n", titles, err)
	}
	follow()
	gateway.change(func(l *fakeLog) { l.put("oai:gw.example:src/1", "Two letters"); l.delete("oai:gw.example:src/2") })
	follow()
	gateway.change(func(l *fakeLog) { l.restored(fakeLog{Rows: nil}) }) // an empty backup
	follow()
	// Output:
	// ["A letter" "A map"] <nil>
	// ["Two letters"] <nil>
	// [] <nil>
}

// A follower of one source that gets what OAI-PMH serves. The batches of a test end when the copy is at the head.
func ExampleFollower_CatchUp() {
	gateway := startFake()
	defer gateway.Close()
	gateway.change(func(l *fakeLog) { l.put("oai:gw.example:src/1", "A letter") })

	f := follow.Follower{Gateway: gateway.URL, Source: "src", With: follow.With{OAIDC: true}}
	err := f.CatchUp(context.Background(), follow.Place{}, func(_ context.Context, b *follow.Batch) error {
		for _, r := range b.Changes {
			fmt.Println(r.Operation, r.Identifier, r.OAIDC)
		}
		if b.Sweep() {
			fmt.Println("delete what came with another pass")
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// upserted oai:gw.example:src/1 <dc>A letter</dc>
	// delete what came with another pass
	// <nil>
}
