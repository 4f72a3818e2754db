package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// errOther says that the database is not one for a log.
var errOther = errors.New("the database has tables of another program; give Sheaf a database of its own (CREATE DATABASE sheaf ENCODING 'UTF8' TEMPLATE template0)")

// unreachable says what to do where the database can't be reached.
func unreachable(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		switch said.Code {
		case "3D000":
			return fmt.Errorf("the database of the DSN does not exist: make it with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0: %w", withoutSecret(err))
		case "28P01", "28000":
			return fmt.Errorf("the database refuses the name or the password of the DSN: %w", withoutSecret(err))
		case "08P01":
			if strings.Contains(said.Message, "unsupported startup parameter") {
				return fmt.Errorf("a pooler stands before the database: set store.pool_mode to transaction, or let the DSN lead to the database itself: %w", withoutSecret(err))
			}
		case "53300":
			return fmt.Errorf("the database has no connection left: raise max_connections, or lower store.max_connections: %w", withoutSecret(err))
		}
	}
	return fmt.Errorf("the database can't be reached: see that it runs, and that the DSN is right: %w", withoutSecret(err))
}

// checkServer refuses a server that a log can't be on.
func checkServer(conn *db) error {
	var version int64
	var encoding string
	var recovering, readOnly bool
	if err := one(conn, `SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), pg_is_in_recovery(),
		current_setting('transaction_read_only') = 'on'`, nil, func(r *tuple) {
		version, encoding, recovering, readOnly = r.ColumnInt64(0), r.ColumnText(1), r.ColumnBool(2), r.ColumnBool(3)
	}); err != nil {
		return err
	}
	switch {
	case version < oldestServer:
		return fmt.Errorf("the database is PostgreSQL %d, and 15 is the oldest that will do; bring the server to a newer version", version/10000)
	case encoding != "UTF8":
		return fmt.Errorf("the database is in the encoding %s, which can't keep all records; make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", encoding)
	case recovering:
		return errors.New("the database is a read-only replica; the DSN must lead to the primary (name all hosts, and target_session_attrs=read-write)")
	case readOnly:
		return errors.New("the database takes no changes (default_transaction_read_only is on); let the gateway's role write")
	}
	return nil
}

// checkLog refuses what is not a log that this program may write; there is false for a database without anything in it.
func checkLog(conn *db) (there bool, err error) {
	var tables, ours int64
	var mayCreate bool
	if err := one(conn, `SELECT count(*), count(*) FILTER (WHERE table_name IN ('meta', 'log_head', 'record')), has_schema_privilege(current_schema(), 'CREATE')
		FROM information_schema.tables WHERE table_schema = current_schema()`, nil, func(r *tuple) {
		tables, ours, mayCreate = r.ColumnInt64(0), r.ColumnInt64(1), r.ColumnBool(2)
	}); err != nil {
		return false, err
	}
	switch {
	case tables == 0 && !mayCreate:
		return false, errors.New("the gateway's role may not make tables in the database: GRANT CREATE, USAGE ON SCHEMA public TO it, or make it the owner")
	case tables == 0:
		return false, nil
	case ours < 3:
		return false, errOther
	}
	if filling, err := metaText(conn, fillingMeta); err == nil && filling != "" {
		return false, errFilling
	}
	oldest, err := metaInt(conn, "schema_oldest_writer")
	switch {
	case err != nil:
		return false, fmt.Errorf("the database can't be read as a log: %w; let the gateway's role read and write its tables, or restore a backup", err)
	case oldest == 0:
		return false, errOther
	case oldest > schemaVersion:
		return false, store.ErrNewer
	}
	return true, nil
}

// setUp makes the schema or checks it, and reads what does not change while the log is open. Of gateways that are started at the same
// moment on an empty database, one makes the tables. The others, which were about to, wait for it in the database, and find them there.
func (s *Store) setUp(ctx context.Context, o Options) error {
	err := s.setUpOnce(ctx, o)
	if errors.Is(err, errMadeMeanwhile) {
		err = s.setUpOnce(ctx, o)
	}
	return err
}

// errMadeMeanwhile says that a table could not be made because somebody else has just made it.
var errMadeMeanwhile = errors.New("another program makes tables in the database at this moment")

// madeMeanwhile says whether that is what an error means. The server says it of the table, or of the type that it makes of each.
func madeMeanwhile(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && (said.Code == "42P07" || said.Code == "23505" && said.SchemaName == "pg_catalog")
}

func (s *Store) setUpOnce(ctx context.Context, o Options) error {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return err
	}
	there, err := false, checkServer(conn)
	if err == nil {
		there, err = checkLog(conn)
	}
	s.readers.Put(conn)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(conn *db) error {
		if !there {
			if err := s.create(conn); madeMeanwhile(err) {
				return errMadeMeanwhile
			} else if err != nil {
				return err
			}
			s.floor.Store(-1)
		}
		if err := add(conn); err != nil {
			return err
		}
		return s.load(conn, o)
	})
}

// load reads what does not change while the log is open.
func (s *Store) load(conn *db, o Options) error {
	now := time.Now().Unix()
	const forgotten = 7 * 24 * 60 * 60 // seconds after which nobody asks any more how a transaction has ended
	if err := inOrder(
		step(conn, "INSERT INTO writer (name, turn, at) VALUES ($1, 0, $2)", s.name, now),
		step(conn, "DELETE FROM writer WHERE at < $1 AND name NOT IN (SELECT name FROM gateway)", now-forgotten),
		func() error { return s.settleNamespace(conn, o.Namespace) },
		func() error { return s.settleIdentity(conn) },
	); err != nil {
		return err
	}
	head, err := s.lockHead(conn)
	if err != nil {
		return err
	}
	if head.Seq == 0 { // nothing is stamped yet that a wrong clock could spoil
		s.guard.Confirm()
	}
	dictionaries := map[uint32][]byte{}
	if err := each(conn, "SELECT id, bytes FROM dictionary", nil, func(r *tuple) error {
		dictionaries[uint32(r.ColumnInt64(0))] = columnBytes(r, 1)
		return nil
	}); err != nil {
		return err
	}
	if s.codec, err = store.NewCodec(dictionaries); err != nil {
		return err
	}
	if err := one(conn, "SELECT EXISTS (SELECT 1 FROM suppressed)", nil, func(r *tuple) { s.suppresses.Store(r.ColumnBool(0)) }); err != nil {
		return err
	}
	return errors.Join(s.checkRenderers(conn), s.loadGateways(conn), s.loadLeaps(conn))
}

func (s *Store) create(conn *db) error {
	for _, script := range []string{schema, storage} {
		if err := conn.script(script); err != nil {
			return fmt.Errorf("make the log: %w", err)
		}
	}
	now := s.guard.Wall()
	epoch := now.UnixMilli()
	return inOrder(
		func() error { return setVersions(conn) },
		step(conn, "INSERT INTO dictionary (id, bytes) VALUES ($1, $2)", store.DictionaryID, store.Dictionary),
		step(conn, "INSERT INTO log_head (one, epoch, seq, datestamp, began, digest) VALUES (1, $1, 0, $2, $2, $3)",
			epoch, now.Unix(), make([]byte, 32)),
		step(conn, "INSERT INTO epoch (epoch, began, last_seq, why) VALUES ($1, $2, 0, 'the log was made')", epoch, now.Unix()),
	)
}

// setVersions says in which form the log is, and who may read and write it.
func setVersions(conn *db) error {
	return inOrder(
		func() error { return setMeta(conn, "schema_version", schemaVersion) },
		func() error { return setMeta(conn, "schema_oldest_reader", oldestReader) },
		func() error { return setMeta(conn, "schema_oldest_writer", oldestWriter) },
	)
}

// settleNamespace keeps the namespace that the log has. It is part of every identifier, so it can be
// chosen once (DESIGN §3).
func (s *Store) settleNamespace(conn *db, want string) error {
	have, err := checkNamespace(conn, want)
	if err != nil {
		return err
	}
	if s.namespace = want; want == have || want == "" {
		s.namespace = have
		return nil
	}
	return setMeta(conn, "namespace", want)
}

// checkNamespace refuses another namespace than the one that the records have; have is that of the log.
func checkNamespace(conn *db, want string) (have string, err error) {
	if have, err = metaText(conn, "namespace"); err != nil || have == "" || want == "" || want == have {
		return have, err
	}
	var items bool
	if err := one(conn, "SELECT EXISTS (SELECT 1 FROM item)", nil, func(r *tuple) { items = r.ColumnBool(0) }); err != nil {
		return have, err
	}
	if items {
		return have, fmt.Errorf("the configuration says namespace %s, but the records in the database have %s in their identifiers, which are for ever; set it back, or use another database", want, have)
	}
	return have, nil
}

// Namespace is the domain in the identifiers of this log; empty if none was ever set.
func (s *Store) Namespace() string { return s.namespace }
