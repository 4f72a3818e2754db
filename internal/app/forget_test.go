package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// forgetRestore makes a restored log look like one that was always there, as a copy of a whole disk
// does: no note of the restore, and a high-water mark that fits.
func forgetRestore(t *testing.T, dir string) {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(dir, "sheaf.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.Execute(conn, "DELETE FROM meta WHERE name = 'restored'", nil); err != nil {
		t.Fatal(err)
	}
	mark := ""
	if err := sqlitex.Execute(conn, "SELECT epoch, seq, datestamp FROM log_head", &sqlitex.ExecOptions{ResultFunc: func(r *sqlite.Stmt) error {
		mark = fmt.Sprintf("%020d %020d %020d\n", r.ColumnInt64(0), r.ColumnInt64(1), r.ColumnInt64(2))
		return nil
	}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "highwater"), []byte(mark), 0o600); err != nil {
		t.Fatal(err)
	}
}

// takeOver says in the name of a person that the event stream is the restored log's.
func takeOver(t *testing.T, dir string) {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(dir, "sheaf.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.Execute(conn, "INSERT INTO meta (name, value) VALUES ('take_over', 'asked for')", nil); err != nil {
		t.Fatal(err)
	}
}
