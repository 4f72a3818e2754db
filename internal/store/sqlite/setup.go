package sqlite

import (
	"errors"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// setUp makes the schema or checks it, and reads what does not change while the log is open.
func (s *Store) setUp(conn *sqlite.Conn, o Options) error {
	var tables int64
	if err := one(conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'", nil, func(r *sqlite.Stmt) {
		tables = r.ColumnInt64(0)
	}); err != nil {
		return fmt.Errorf("read the log %s: %w; restore a backup", s.dir, err)
	}
	if tables == 0 {
		s.floor.Store(-1)
		if err := s.create(conn); err != nil {
			return err
		}
	}
	if err := migrate(conn); err != nil {
		return err
	}
	for _, added := range append([]string{sessionSchema, measureSchema, removalSchema, stopSchema, mintedSchema, mintedByName, accountSchema, suppressedUpstream, notedSchema, reconciliationSchema, "DROP TABLE IF EXISTS wipe"}, slices.Concat(holdSchema, quarantineSchema)...) {
		if err := exec(conn, added); err != nil {
			return fmt.Errorf("make the log: %w", err)
		}
	}
	if err := s.settleNamespace(conn, o.Namespace); err != nil {
		return err
	}
	if err := s.settleIdentity(conn); err != nil {
		return err
	}
	if head, err := readHead(conn); err != nil {
		return err
	} else if head.Seq == 0 { // nothing is stamped yet that a wrong clock could spoil
		s.guard.Confirm()
	}
	var err error
	if s.codec, err = readCodec(conn); err != nil {
		return err
	}
	if err := one(conn, "SELECT EXISTS (SELECT 1 FROM suppressed)", nil, func(r *sqlite.Stmt) { s.suppresses.Store(r.ColumnBool(0)) }); err != nil {
		return err
	}
	return errors.Join(s.checkRenderers(conn), s.loadGateways(conn), s.loadLeaps(conn))
}

// readCodec makes the codec of a log, with the dictionaries that are kept in it.
func readCodec(conn *sqlite.Conn) (*store.Codec, error) {
	dictionaries := map[uint32][]byte{}
	if err := each(conn, "SELECT id, bytes FROM dictionary", nil, func(r *sqlite.Stmt) error {
		dictionaries[uint32(r.ColumnInt64(0))] = columnBytes(r, 1)
		return nil
	}); err != nil {
		return nil, err
	}
	return store.NewCodec(dictionaries)
}

func (s *Store) create(conn *sqlite.Conn) (err error) {
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return fmt.Errorf("make the log: %w", err)
	}
	defer end(&err)
	if err := sqlitex.ExecuteScript(conn, schema, nil); err != nil {
		return fmt.Errorf("make the log: %w", err)
	}
	now := s.guard.Wall()
	for name, v := range map[string]any{
		"schema_version":       int64(schemaVersion),
		"schema_oldest_reader": int64(oldestReader),
		"schema_oldest_writer": int64(oldestWriter),
	} {
		if err := setMeta(conn, name, v); err != nil {
			return err
		}
	}
	epoch := now.UnixMilli()
	return inOrder(
		step(conn, "INSERT INTO dictionary (id, bytes) VALUES (?, ?)", store.DictionaryID, store.Dictionary),
		step(conn, "INSERT INTO log_head (one, epoch, seq, datestamp, began, digest, restamp) VALUES (1, ?, 0, ?, ?, ?, 0)",
			epoch, now.Unix(), now.Unix(), make([]byte, 32)),
		step(conn, "INSERT INTO epoch (epoch, began, last_seq, why) VALUES (?, ?, 0, 'the log was made')", epoch, now.Unix()),
	)
}

// settleNamespace keeps the namespace that the log has. It is part of every identifier, so it can be
// chosen once (DESIGN §3).
func (s *Store) settleNamespace(conn *sqlite.Conn, want string) error {
	have, err := metaText(conn, "namespace")
	if err != nil {
		return err
	}
	s.namespace = want
	if want == have || want == "" {
		s.namespace = have
		return nil
	}
	if have != "" {
		var items int64
		if err := one(conn, "SELECT count(*) FROM (SELECT 1 FROM item LIMIT 1)", nil, func(r *sqlite.Stmt) { items = r.ColumnInt64(0) }); err != nil {
			return err
		}
		if items > 0 {
			return fmt.Errorf("the configuration says namespace %s, but the records in %s have %s in their identifiers, which are for ever; set it back, or use another data folder", want, s.dir, have)
		}
	}
	return setMeta(conn, "namespace", want)
}

// Namespace is the domain in the identifiers of this log; empty if none was ever set.
func (s *Store) Namespace() string { return s.namespace }
