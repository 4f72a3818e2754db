package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Between the gateway and its database a pooler may stand that gives the connection to another client after each transaction
// (pgbouncer with pool_mode=transaction). What a connection is told then holds to the end of the transaction at most: it has no
// prepared statements, and no settings of its own but those few that a pooler carries from one client to the next.

// asStarted are settings with which a connection begins. The first two are carried by poolers.
var asStarted = []setting{{"timezone", "UTC"}, {"client_encoding", "UTF8"}, idleTimeout}

// What is left open by a connection that was lost ends after this time, in milliseconds.
var idleTimeout = setting{"idle_in_transaction_session_timeout", "10000"}

// A write is on the disk of the server, and of the replicas that it waits for, before anybody is told.
var durably = setting{"synchronous_commit", "on"}

// Lists are read in the order of an index, a page at a time. The planner, which knows neither how far into the log a page is nor that
// all of the list comes behind it, would rather read and sort what is left of it where it takes that for little. What must be
// sorted all the same, such as the names of sources, it then takes for so expensive that it would compile the query first.
var inOrderOfIndex = []setting{{"enable_sort", "off"}, {"jit", "off"}}

type setting struct{ name, value string }

// reach says how the database of o is connected to, under a name.
func (o *Options) reach(dsn, name string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, unreadable(err)
	}
	c := config.ConnConfig
	c.ConnectTimeout = connectTimeout
	c.StatementCacheCapacity, c.DescriptionCacheCapacity = statements, statements
	c.RuntimeParams["application_name"] = name
	for _, s := range asStarted {
		c.RuntimeParams[s.name] = s.value
	}
	if o.Pooled {
		// The form of each statement is asked for once, and the statement is sent whole each time.
		c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		delete(c.RuntimeParams, idleTimeout.name) // a pooler refuses who begins with it; see begin
	}
	return config, nil
}

// forReading has connections read lists in order; through a pooler, each transaction is told (begin).
func (o *Options) forReading(config *pgxpool.Config) {
	if !o.Pooled {
		for _, s := range inOrderOfIndex {
			config.ConnConfig.RuntimeParams[s.name] = s.value
		}
	}
}

// statements is how many of them a connection remembers.
const statements = 1024

// begin begins a transaction. Where the connection is the transaction's alone, it is told here what others were told as they
// were made.
func begin(d *db, statement string, told ...setting) error {
	if err := exec(d, statement); err != nil || !d.pooled {
		return err
	}
	for _, s := range append(told, idleTimeout) {
		if err := exec(d, fmt.Sprintf("SET LOCAL %s = '%s'", s.name, s.value)); err != nil {
			return err
		}
	}
	return nil
}
