package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Server looks at the server that the log is on: what its operators have set up otherwise than the log needs it, or can be told
// to be in order.
func (s *Store) Server(ctx context.Context) []store.Remark {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return []store.Remark{{Check: "database", Advice: adviceOr(err)}}
	}
	defer s.readers.Put(conn)
	var out []store.Remark
	for _, c := range []struct {
		check string
		look  func(*db) (found, advice string, err error)
	}{
		{"database", lookAtVersion},
		{"rights", lookAtRights},
		{"durability", lookAtDurability},
		{"replicas", lookAtReplicas},
		{"vacuum", lookAtVacuum},
		{"connections", s.lookAtConnections},
	} {
		found, advice, err := c.look(conn)
		if err != nil {
			advice = adviceOr(err)
		}
		out = append(out, store.Remark{Check: c.check, Found: found, Advice: advice})
	}
	if s.replica != nil {
		found, advice := s.replica.remark(ctx)
		out = append(out, store.Remark{Check: "read replica", Found: found, Advice: advice})
	}
	return out
}

func adviceOr(err error) string {
	if advice := adviceFor(err); advice != nil {
		return advice.Error()
	}
	return err.Error()
}

func lookAtVersion(conn *db) (found, advice string, err error) {
	err = one(conn, "SELECT current_setting('server_version'), current_database()::text, current_user::text, current_setting('server_encoding')", nil, func(r *tuple) {
		found = fmt.Sprintf("PostgreSQL %s; the log is in the database %s (%s), as %s", r.ColumnText(0), r.ColumnText(1), r.ColumnText(3), r.ColumnText(2))
	})
	return found, "", err
}

// lookAtRights finds tables that the gateway's role may not use, or not vacuum, as it must after a takedown.
func lookAtRights(conn *db) (found, advice string, err error) {
	var closed, others string
	err = one(conn, `SELECT coalesce(string_agg(relname::text, ', ' ORDER BY relname) FILTER (WHERE NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
			AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))), ''),
		coalesce(string_agg(relname::text, ', ' ORDER BY relname) FILTER (WHERE NOT pg_has_role(c.relowner, 'USAGE')), '')
		FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace`, nil, func(r *tuple) { closed, others = r.ColumnText(0), r.ColumnText(1) })
	switch {
	case closed != "":
		advice = "the gateway's role may not read and write " + closed + "; GRANT SELECT, INSERT, UPDATE, DELETE on them to it, or make it their owner"
	case others != "":
		advice = "the gateway's role does not own " + others + ", so it can't vacuum what was taken down out of them, nor bring the tables to the form of a newer release; make it their owner (ALTER TABLE … OWNER TO)"
	}
	return "the gateway's role owns the tables", advice, err
}

// lookAtDurability finds settings under which the server says that something is kept which a power cut takes.
func lookAtDurability(conn *db) (found, advice string, err error) {
	var off []string
	err = one(conn, "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('data_checksums')", nil, func(r *tuple) {
		found = "what is committed is on the disk of the server; checksums of its pages are " + r.ColumnText(2)
		for i, name := range []string{"fsync", "full_page_writes"} {
			if r.ColumnText(i) == "off" {
				off = append(off, name)
			}
		}
	})
	if len(off) > 0 {
		advice = strings.Join(off, " and ") + " is off on the server: a power cut takes what was committed and handed out, or the whole database; set it to on"
	}
	return found, advice, err
}

// lookAtReplicas says what would be left if the server died.
func lookAtReplicas(conn *db) (found, advice string, err error) {
	var names string
	var all, waited int64
	err = one(conn, "SELECT current_setting('synchronous_standby_names'), count(*), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) FROM pg_stat_replication", nil, func(r *tuple) {
		names, all, waited = r.ColumnText(0), r.ColumnInt64(1), r.ColumnInt64(2)
	})
	switch {
	case names == "" && all == 0:
		found = "there is none: the log is as safe as the server's disk, and its backups"
	case names == "":
		advice = fmt.Sprintf("no commit waits for any of the %d replicas (synchronous_standby_names is empty): one that is promoted may lack what was handed out, and the log begins a new epoch then. Set synchronous_standby_names to 'ANY 1 (…)', with the names of two replicas", all)
	default:
		found = fmt.Sprintf("commits wait for %s; %d of %d replicas are waited for", names, waited, all)
	}
	return found, advice, err
}

// manyDead is how many dead rows a table may have, whatever its size.
const manyDead = 100_000

// lookAtVacuum finds out whether the server clears away what commits leave behind: each change of a record leaves rows.
func lookAtVacuum(conn *db) (found, advice string, err error) {
	var on bool
	var behind string
	err = one(conn, `SELECT current_setting('autovacuum') = 'on',
		coalesce((SELECT string_agg(relname::text, ', ' ORDER BY relname) FROM pg_stat_user_tables WHERE schemaname = current_schema() AND n_dead_tup > $1 AND n_dead_tup > n_live_tup), '')`,
		[]any{manyDead}, func(r *tuple) { on, behind = r.ColumnBool(0), r.ColumnText(1) })
	switch {
	case !on:
		advice = "autovacuum is off on the server: the tables grow with each change, and pages get slow; set autovacuum to on"
	case behind != "":
		advice = "more rows of " + behind + " are dead than alive: autovacuum does not keep up, or a transaction that is left open keeps it from clearing them away (SELECT * FROM pg_stat_activity ORDER BY xact_start); VACUUM them"
	}
	return "autovacuum is on, and keeps up", advice, err
}

// lookAtConnections finds out whether the gateway gets the connections that it may take.
func (s *Store) lookAtConnections(conn *db) (found, advice string, err error) {
	mine := int64(s.writing.Config().MaxConns + s.readers.pool.Config().MaxConns)
	err = one(conn, `SELECT current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint,
		count(*) FILTER (WHERE application_name <> $1) FROM pg_stat_activity WHERE backend_type = 'client backend'`, []any{gatewayName(s.name)}, func(r *tuple) {
		room, others := r.ColumnInt64(0), r.ColumnInt64(1)
		found = fmt.Sprintf("the server has %d, others use %d, and the gateway takes up to %d", room, others, mine)
		if others+mine > room {
			advice = found + ": it will be refused some; raise max_connections on the server, or lower store.max_connections"
		}
	})
	return found, advice, err
}
