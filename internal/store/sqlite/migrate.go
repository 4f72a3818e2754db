package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// migrations bring a log to the schema version behind the one that they stand for. They only add, with
// defaults under which the program of before goes on reading and writing as it did.
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
}

// finishRestamp ends what the program of version 2 left half done when it was killed in a new epoch, whose
// records it stamped one by one: they all show the present datestamp of the head.
func finishRestamp(conn *sqlite.Conn) error {
	var half bool
	if err := one(conn, "SELECT restamp <> 0 FROM log_head", nil, func(r *sqlite.Stmt) { half = r.ColumnBool(0) }); err != nil || !half {
		return err
	}
	return inOrder(
		step(conn, "UPDATE log_head SET restamp = 0, epoch_stamp = datestamp, epoch_seq = seq, undigested = seq, digest = zeroblob(32)"),
		func() error { return needsNewer(conn, 3) },
	)
}

// needsNewer notes that programs of before a schema version can't go on with this log: of before 3, because they don't
// know of the datestamps that an epoch makes records show; of before 4, because they don't know of the table written.
func needsNewer(conn *sqlite.Conn, version int64) error {
	for _, name := range []string{"schema_oldest_reader", "schema_oldest_writer"} {
		now, err := metaInt(conn, name)
		if err != nil {
			return err
		}
		if err := setMeta(conn, name, max(now, version)); err != nil {
			return err
		}
	}
	return nil
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
