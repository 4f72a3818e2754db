package move

import "strings"

// A table is one of the log, with the same columns in both databases.
type table struct {
	name    string
	columns []string
	from    string   // what is read in SQLite
	as      []string // what is read for each column; the columns themselves if nil
	key     []int    // the columns by which its rows are in order; the order is that of an index
}

// tables are those of the log, in the order in which they are filled. The head comes last: without it there is no log.
var tables = []table{
	// Keys are bytes in SQLite, and are written in hexadecimal digits in PostgreSQL. What is said there of the form of the file
	// does not hold for the database.
	{name: "meta", columns: words("name value"), from: "meta WHERE substr(name, 1, 7) <> 'schema_' AND name <> 'wipe'",
		as: []string{"name", "CASE typeof(value) WHEN 'blob' THEN lower(hex(value)) ELSE CAST(value AS TEXT) END"}, key: []int{0}},
	plain("dictionary", "id bytes", 0),
	plain("epoch", "epoch began last_seq why", 0),
	plain("leap", "after upto", 0),
	plain("second", "datestamp seq", 0),
	plain("source", "source name run cursor pass pass_began incomplete last_complete last_full last_new live deleted", 0),
	plain("run", "run source began heartbeat ended result err pages items added updated deleted unchanged rejected suppressed", 0),
	plain("account", "run about", 0),
	plain("written", "number formats", 0),
	plain("list", "key kind name title members departures", 0),
	plain("item", "item identifier source seq version seen stale format fingerprint input", 0),
	plain("content", "item origin rules notes dc original", 0),
	plain("record", "seq item datestamp identifier deleted sets formats provenance rights oai_dc", 0),
	plain("alias", "identifier item", 0),
	plain("member", "key seq", 0, 1),
	plain("departure", "key seq item datestamp identifier", 0, 1),
	// What was said of an item, and who has dismissed it, are tables of their own in SQLite. The hash is of the key.
	{name: "quarantine", columns: words("id source key identifier reason detail original first_seen last_seen times pass said dismissed dismissed_by key_hash"),
		from: "quarantine q LEFT JOIN quarantine_said w USING (id) LEFT JOIN dismissed d USING (id)",
		as:   words("id source key identifier reason detail original first_seen last_seen times pass coalesce(w.said,'') coalesce(d.at,0) coalesce(d.who,'') key"), key: []int{0}},
	plain("noted", "identifier memo", 0),
	plain("measure", "source pass met added accepted had warnings", 0),
	plain("held", "source item state deleted base input change", 0, 1),
	plain("hold", "source run since", 0),
	plain("whole_pass", "source pass", 0, 1),
	plain("decision", "decision source run at who approved deletions changes", 0),
	plain("suppressed", "identifier source upstream final reason who at seq erased", 0),
	plain("stopped", "source retired at who reason", 0),
	plain("minted", "source name", 0),
	plain("reconciliation", "source pass at listed found missing extra digest why", 0, 1),
	plain("session", "id address agent contact verb prefix spec since upto began last position size requests records bytes finished", 0),
	plain("relay", "one epoch seq stream_seq saved", 0),
	plain("log_head", "one epoch seq datestamp began digest epoch_stamp epoch_seq undigested", 0),
}

// plain is a table that is the same in both.
func plain(name, columns string, key ...int) table {
	return table{name: name, columns: words(columns), from: name, key: key}
}

func words(s string) []string { return strings.Fields(s) }

// query reads the rows of a table in order, behind a place if there is one: a parameter for each column of the key.
func (t *table) query(behind bool) string {
	as := t.as
	if as == nil {
		as = t.columns
	}
	var key, marks []string
	for _, k := range t.key {
		key, marks = append(key, as[k]), append(marks, "?")
	}
	q := "SELECT " + strings.Join(as, ", ") + " FROM " + t.from
	if behind {
		word := " WHERE "
		if strings.Contains(t.from, word) {
			word = " AND "
		}
		q += word + "(" + strings.Join(key, ", ") + ") > (" + strings.Join(marks, ", ") + ")"
	}
	return q + " ORDER BY " + strings.Join(key, ", ")
}
