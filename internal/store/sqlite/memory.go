package sqlite

import (
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	pageSize    = 8192   // bytes
	writerCache = 24_000 // KiB
	readerCache = 400    // KiB

	// pooledPages are what the writer and eight readers may have in their caches, and some more: when fewer than ten are
	// left, SQLite takes pages out of caches.
	pooledPages = (writerCache+8*readerCache)*1024/pageSize + 100
	// pooledSize is a page with what SQLite keeps beside it, which is less than 300 bytes.
	pooledSize = pageSize + 512

	// keptSize is what SQLite needs when it divides a page of an index, kept are how many of that size a connection has at hand.
	keptSize = 50 << 10
	kept     = 24
)

// keepMemory gives SQLite memory that stays, before it is used for the first time in this process. Its allocator gives
// memory back to the system, and asks for it anew, whenever nothing of a size is in use, and for everything large; a
// quarter of the processor time of a harvest can go there.
//
//   - The page caches of all connections have one pool. A reader forgets its cache at each commit of the writer. (Without
//     the pool a page also takes twice its size, as the sizes of the allocator are powers of two.)
//   - Each connection has some pieces for what it needs for a moment. What is prepared once takes none of them.
var keepMemory = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	configure(tls, sqlite3.SQLITE_CONFIG_LOOKASIDE, int32(keptSize), int32(kept))
	pool := libc.Xmalloc(tls, pooledSize*pooledPages)
	if pool != 0 && !configure(tls, sqlite3.SQLITE_CONFIG_PAGECACHE, pool, int32(pooledSize), int32(pooledPages)) {
		libc.Xfree(tls, pool) // SQLite is in use already
	}
})

// configure sets one of SQLite's options.
func configure(tls *libc.TLS, option int32, args ...any) bool {
	list := libc.NewVaList(args...)
	defer libc.Xfree(tls, list)
	return sqlite3.Xsqlite3_config(tls, option, list) == sqlite3.SQLITE_OK
}
