package postgres

import (
	"fmt"
	"math"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A listing is the query for a range of the log.
type listing struct{ *store.Range }

// native says that the range is of a native format, whose members are in the table member.
func (l listing) native() bool { return l.Format != 0 && l.Made == "" }

// ask is the query, and the arguments that it has, for up to so many rows. PostgreSQL wants to know of no argument that is
// not used, so those that are get new numbers.
func (l listing) ask(limit int) (query string, args []any) {
	// By their numbers: $1 and $2 the range, $3 and $4 the set's key and spec, $5 the bit of a format that is made, $6 the
	// format's key, $7 what names the format in a text, $8 the limit.
	all := []any{l.After, l.Upto, l.SetKey, l.Set, pipeline.FormatBit(l.Made), l.Format, inText(l.Made), limit}
	query = l.query()
	for i, arg := range all {
		if was := fmt.Sprintf("$%d", i+1); strings.Contains(query, was) {
			args = append(args, arg)
			query = strings.ReplaceAll(query, was, fmt.Sprintf("$%d", len(args)))
		}
	}
	return query, args
}

// query gives the rows of the list in order of seq. Each of its parts is in that order, and ends with the limit: PostgreSQL would
// put the parts together and sort all that is left of the list for each page. It merges no parts that are joins, unless each is
// told to be sorted.
func (l listing) query() string {
	var parts []string
	switch {
	case l.SetKey == 0 && l.Everyone():
		parts = []string{"SELECT " + columns(l.OAIDC) + " FROM record r WHERE " + l.between("r") + " ORDER BY r.seq"}
	case l.SetKey == 0:
		parts = []string{l.inFormat(), l.lostFormat("r.sets", recordAt("i.seq"), "")}
	case l.Everyone():
		parts = append([]string{l.inSet("")}, l.leftSet("", "")...)
	default:
		parts = append([]string{l.inSet(" AND " + l.hasFormat())}, l.leftSet(recordAt("i.seq"), " AND ("+leftFirst+" OR "+l.hasFormat()+")")...)
		parts = append(parts, l.lostFormat("$4::text", "", " AND "+l.lostInSet()))
	}
	if len(parts) == 1 {
		return parts[0] + " LIMIT $8"
	}
	return "(" + strings.Join(parts, " LIMIT $8) UNION ALL (") + " LIMIT $8) ORDER BY 1 LIMIT $8"
}

// recordAt joins the record at a place, and itemOf an item, which are looked up one by one: OFFSET keeps the planner, which does not
// know how far into the log a page is, from reading the log from its beginning to join it with what was found.
func recordAt(seq string) string {
	return " CROSS JOIN LATERAL (SELECT seq, item, datestamp, identifier, deleted, sets, formats, provenance, rights, oai_dc FROM record WHERE seq = " + seq + " OFFSET 0) AS r"
}

func itemOf(item string) string {
	return " CROSS JOIN LATERAL (SELECT item, seq, source, version, fingerprint FROM item WHERE item = " + item + " OFFSET 0) AS i"
}

// between keeps a table within the range. A bound that bounds nothing would have the planner expect few rows.
func (l listing) between(table string) string {
	if l.Upto == math.MaxInt64 {
		return table + ".seq > $1"
	}
	return table + ".seq > $1 AND " + table + ".seq <= $2"
}

// hasFormat is the condition that the record r has the format now.
func (l listing) hasFormat() string {
	if l.native() {
		return "EXISTS (SELECT 1 FROM member f WHERE f.key = $6 AND f.seq = r.seq)"
	}
	return hasMade
}

// inFormat are the records that have the format.
func (l listing) inFormat() string {
	if l.native() {
		return "SELECT m.seq, " + columnsAfterSeq(l.OAIDC) + " FROM member m" + recordAt("m.seq") + " WHERE m.key = $6 AND " + l.between("m") + " ORDER BY m.seq"
	}
	return "SELECT " + columns(l.OAIDC) + " FROM record r WHERE " + l.between("r") + " AND " + l.hasFormat() + " ORDER BY r.seq"
}

// inSet are the records in the set.
func (l listing) inSet(and string) string {
	return "SELECT m.seq, " + columnsAfterSeq(l.OAIDC) + " FROM member m" + recordAt("m.seq") + " WHERE m.key = $3 AND " + l.between("m") + and + " ORDER BY m.seq"
}

// departures are those from a list, with the sets that their headers show.
func (l listing) departures(key, sets, join, and string) string {
	return "SELECT d.seq, d.datestamp, d.identifier, true, " + sets + ", d.item, '', '', 0::bigint, NULL::text, NULL::bytea FROM departure d" + itemOf("d.item") +
		join + " WHERE d.key = " + key + " AND " + l.between("d") + and + " ORDER BY d.seq"
}

// leftSet are those that have left the set, after the others; nothing if the set is silent. The header
// names that set only.
func (l listing) leftSet(join, and string) []string {
	if l.Silent {
		return nil
	}
	return []string{l.departures("$3", "$4::text", join, and)}
}

// lostFormat are those that have lost the format; they still are in their sets.
func (l listing) lostFormat(sets, join, and string) string {
	return l.departures("$6", sets, join, and)
}

// lostInSet is the condition under which the list of a set tells that a record has lost a format. If the set is silent,
// that is only as long as the record is in it.
func (l listing) lostInSet() string {
	if l.Silent {
		return stillInSet
	}
	return "(" + lostFirst + " OR " + stillInSet + ")"
}

// A record that has left both the set and the format has left what is listed here with the first of
// the two departures, and is listed in its place only. (One commit may make both, with one seq.)
const (
	leftFirst  = "EXISTS (SELECT 1 FROM departure e WHERE e.item = d.item AND e.key = $6 AND e.seq >= d.seq)"
	lostFirst  = "EXISTS (SELECT 1 FROM departure e WHERE e.item = d.item AND e.key = $3 AND e.seq > d.seq)"
	stillInSet = "EXISTS (SELECT 1 FROM member s WHERE s.key = $3 AND s.seq = i.seq)"
)
