package sqlite

import (
	"strings"

	"zombiezen.com/go/sqlite"
)

// largestSlot is the largest size, in bytes, of which SQLite's allocator (modernc.org/memory) keeps several in
// one mapping.
const largestSlot = 16 << 10

// keepMemory has one value of each size in use for as long as the connection is open. The allocator gives
// memory back to the system as soon as nothing of a size is in use, and the values of a row that is written
// come and go with each row: without this, a third of the time of a commit may be spent on mapping memory.
func keepMemory(conn *sqlite.Conn) error {
	var sizes []any
	for size := 16; size <= largestSlot; size *= 2 {
		sizes = append(sizes, make([]byte, size))
	}
	stmt, err := conn.Prepare("SELECT " + strings.Repeat("?, ", len(sizes)-1) + "?")
	if err != nil {
		return err
	}
	bind(stmt, sizes) // and never anything else: a statement keeps its values
	return nil
}
