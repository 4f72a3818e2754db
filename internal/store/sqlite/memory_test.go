package sqlite

import (
	"testing"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Pages of the log are in the pool, with all that SQLite keeps beside them.
func TestPagesAreInThePool(t *testing.T) {
	s := openTest(t)
	commitTo(t, s, "one")
	if used, _ := memoryStatus(t, sqlite3.SQLITE_STATUS_PAGECACHE_USED); used == 0 {
		t.Error("no page is in the pool")
	}
	if _, largest := memoryStatus(t, sqlite3.SQLITE_STATUS_PAGECACHE_SIZE); largest <= pageSize || largest > pooledSize {
		t.Errorf("the largest page takes %d bytes; the pool is for %d", largest, pooledSize)
	}
}

// memoryStatus is a figure of SQLite's, and the largest value that it had.
func memoryStatus(t *testing.T, what int32) (now, most int32) {
	tls := libc.NewTLS()
	defer tls.Close()
	at := libc.NewVaListN(2)
	defer libc.Xfree(tls, at)
	if code := sqlite3.Xsqlite3_status(tls, what, at, at+8, 0); code != sqlite3.SQLITE_OK {
		t.Fatalf("status %d", code)
	}
	return libc.VaInt32(&at), libc.VaInt32(&at)
}
