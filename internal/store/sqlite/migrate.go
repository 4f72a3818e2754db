package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// migrations bring a log to the schema version behind the one that they stand for. They only add, with
// defaults under which the program of before goes on reading and writing as it did, or say that it can't.
var migrations = map[int64]func(*sqlite.Conn) error{
	2: func(conn *sqlite.Conn) error {
		return inOrder(
			step(conn, "ALTER TABLE log_head ADD COLUMN epoch_stamp INTEGER NOT NULL DEFAULT 0"),
			step(conn, "ALTER TABLE log_head ADD COLUMN epoch_seq INTEGER NOT NULL DEFAULT 0"),
			step(conn, "ALTER TABLE log_head ADD COLUMN undigested INTEGER NOT NULL DEFAULT 0"),
			step(conn, "ALTER TABLE relay ADD COLUMN saved INTEGER NOT NULL DEFAULT 0"),
			step(conn, "CREATE TABLE leap (after INTEGER PRIMARY KEY, upto INTEGER NOT NULL) STRICT"),
			func() error { return finishRestamp(conn) },
		)
	},
	3: func(conn *sqlite.Conn) error {
		return exec(conn, "CREATE TABLE written (number INTEGER PRIMARY KEY, formats TEXT NOT NULL UNIQUE) STRICT")
	},
	4: func(conn *sqlite.Conn) error { // programs of before can't read the originals that are packed from now on (store.Codec)
		return inOrder(
			func() error { return setMeta(conn, "schema_oldest_reader", int64(5)) },
			func() error { return setMeta(conn, "schema_oldest_writer", int64(5)) },
		)
	},
}

// finishRestamp ends what the program of version 2 left half done when it was killed in a new epoch, whose
// records it stamped one by one: they all show the present datestamp of the head.
func finishRestamp(conn *sqlite.Conn) error {
	var half bool
	if err := one(conn, "SELECT restamp <> 0 FROM log_head", nil, func(r *sqlite.Stmt) { half = r.ColumnBool(0) }); err != nil || !half {
		return err
	}
	return exec(conn, "UPDATE log_head SET restamp = 0, epoch_stamp = datestamp, epoch_seq = seq, undigested = seq, digest = zeroblob(32)")
}

// migrate brings the log to the present schema.
func migrate(conn *sqlite.Conn) (err error) {
	version, err := metaInt(conn, "schema_version")
	if err != nil || version >= schemaVersion {
		return err
	}
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return fmt.Errorf("bring the log to the schema of this release: %w", err)
	}
	defer end(&err)
	for ; version < schemaVersion; version++ {
		if err := migrations[version](conn); err != nil {
			return fmt.Errorf("bring the log from schema version %d to the next: %w", version, err)
		}
	}
	return setMeta(conn, "schema_version", int64(schemaVersion))
}
