package config

// checkStore finds what a database needs and was not given, and what was given to a store that has no use for it.
func (d *decoder) checkStore(root *node, c *Config) {
	if c.Store.Kind != "postgres" {
		for _, key := range []string{"dsn_file", "replica_dsn_file", "pool_mode", "max_connections"} {
			if root.has("store", key) {
				d.problem(root.where("store", key), "store."+key, "is not used by kind: %s; take it out, or set kind: postgres", c.Store.Kind)
			}
		}
		return
	}
	if !root.has("store", "dsn_file") {
		d.problem(root.where("store", "kind"), "store", "kind postgres needs dsn_file: a file that holds how the database is reached, such as postgres://sheaf:PASSWORD@db.example.org/sheaf?sslmode=verify-full")
	}
	if c.Backup.Kept() {
		d.problem(root.field("backup").place, "backup", "is for a log in SQLite; this one is in PostgreSQL, whose own tools back it up (pg_dump, or an archive of its write-ahead log). Take backup out")
	}
}

// Pooled says whether a connection is the gateway's for a transaction at a time only.
func (s *Store) Pooled() bool { return s.PoolMode == "transaction" }
