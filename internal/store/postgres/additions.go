package postgres

import "fmt"

// additions bring the tables of an older log to the present form, by the version that each leads to. Gateways of the older
// program may have the log open meanwhile, and go on with it: so a change adds a column with a default, or a table, and nothing else.
var additions = map[int64]string{
	2: `ALTER TABLE gateway ADD COLUMN place TEXT NOT NULL DEFAULT '', ADD COLUMN beat BIGINT NOT NULL DEFAULT 0;
		ALTER TABLE lease ADD COLUMN since BIGINT NOT NULL DEFAULT 0;`,
	3: `ALTER TABLE gateway ADD COLUMN harvests BIGINT NOT NULL DEFAULT 0;
		ALTER TABLE lease ADD COLUMN rest BIGINT NOT NULL DEFAULT 0;`,
	4: `CREATE TABLE hook (name TEXT COLLATE "C" PRIMARY KEY, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, pass BIGINT NOT NULL,
			ended BIGINT NOT NULL, failing BIGINT NOT NULL, why TEXT NOT NULL, delivered BIGINT NOT NULL, turn BIGINT NOT NULL);
		CREATE TABLE letter (hook TEXT COLLATE "C" NOT NULL, identifier TEXT COLLATE "C" NOT NULL, seq BIGINT NOT NULL, prev BIGINT NOT NULL,
			attempts BIGINT NOT NULL, first BIGINT NOT NULL, next BIGINT NOT NULL, dead BIGINT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (hook, identifier));
		CREATE INDEX letter_next ON letter (hook, dead, next);`,
}

// add brings the tables of an older log to the present form. Two gateways that start at once wait for each other at the row that
// says which version it is. A log that a newer program has added to is left as it is.
func add(conn *db) error {
	version := int64(0)
	if err := one(conn, "SELECT value::bigint FROM meta WHERE name = 'schema_version' FOR UPDATE", nil, func(r *tuple) { version = r.ColumnInt64(0) }); err != nil {
		return err
	}
	if version >= schemaVersion {
		return nil
	}
	for v := version + 1; v <= schemaVersion; v++ {
		if err := conn.script(additions[v]); err != nil {
			return fmt.Errorf("bring the log to version %d of its tables: %w", v, err)
		}
	}
	return setVersions(conn)
}
