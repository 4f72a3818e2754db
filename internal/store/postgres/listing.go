package postgres

import (
	"fmt"
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
	query = l.query() + " LIMIT $8"
	for i, arg := range all {
		if was := fmt.Sprintf("$%d", i+1); strings.Contains(query, was) {
			args = append(args, arg)
			query = strings.ReplaceAll(query, was, fmt.Sprintf("$%d", len(args)))
		}
	}
	return query, args
}

// query gives the rows of the list in order of seq. Its parts come in that order, so PostgreSQL merges them and sorts nothing:
// if seq is that of the member or the departure; it does not see that the record's is the same.
func (l listing) query() string {
	switch {
	case l.SetKey == 0 && l.Everyone():
		return "SELECT " + columns(l.OAIDC) + " FROM record r WHERE " + between("r") + " ORDER BY r.seq"
	case l.SetKey == 0:
		return l.inFormat() + " UNION ALL " + l.lostFormat("r.sets", "JOIN record r ON r.seq = i.seq", "") + " ORDER BY 1"
	case l.Everyone():
		return l.inSet("") + l.leftSet("", "") + " ORDER BY 1"
	}
	return l.inSet(" AND "+l.hasFormat()) +
		l.leftSet("JOIN record r ON r.seq = i.seq", " AND ("+leftFirst+" OR "+l.hasFormat()+")") +
		" UNION ALL " + l.lostFormat("$4::text", "", " AND "+l.lostInSet()) + " ORDER BY 1"
}

// between keeps a table within the range.
func between(table string) string {
	return strings.ReplaceAll("T.seq > $1 AND T.seq <= $2", "T", table)
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
		return "SELECT m.seq, " + columnsAfterSeq(l.OAIDC) + " FROM member m JOIN record r ON r.seq = m.seq WHERE m.key = $6 AND " + between("m")
	}
	return "SELECT " + columns(l.OAIDC) + " FROM record r WHERE " + between("r") + " AND " + l.hasFormat()
}

// inSet are the records in the set.
func (l listing) inSet(and string) string {
	return "SELECT m.seq, " + columnsAfterSeq(l.OAIDC) + " FROM member m JOIN record r ON r.seq = m.seq WHERE m.key = $3 AND " + between("m") + and
}

// departures are those from a list, with the sets that their headers show.
func departures(key, sets, join string) string {
	return "SELECT d.seq, d.datestamp, d.identifier, true, " + sets + ", d.item, '', '', 0::bigint, NULL::text, NULL::bytea FROM departure d JOIN item i ON i.item = d.item " +
		join + " WHERE d.key = " + key + " AND " + between("d")
}

// leftSet are those that have left the set, after the others; nothing if the set is silent. The header
// names that set only.
func (l listing) leftSet(join, and string) string {
	if l.Silent {
		return ""
	}
	return " UNION ALL " + departures("$3", "$4::text", join) + and
}

// lostFormat are those that have lost the format; they still are in their sets.
func (l listing) lostFormat(sets, join, and string) string {
	return departures("$6", sets, join) + and
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
