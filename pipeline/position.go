package pipeline

import (
	"fmt"
	"strconv"
	"strings"
)

// A Position is how far a walk through the log has come: it has passed all that stands up to its Cursor. A record that has
// moved towards the head meanwhile is still before the walk. But if the log's folder is put back as it was, such a record
// stands behind the walk again, at a place that the log has always known. So a walk remembers what it has seen of the log,
// and its Position is one of a history that is lost if either of the two is.
type Position struct {
	Cursor
	// Seen is the greatest seq of a head that the walk has read under; 0 if that is not known, or not beyond Seq.
	Seen int64
}

// At is a position at a cursor of a walk that has seen the log up to here.
func At(c Cursor, seen int64) Position {
	if seen <= c.Seq {
		seen = 0
	}
	return Position{c, seen}
}

// String is "<epoch>.<seq>", and "<epoch>.<seq>.<seen>" before the head.
func (p Position) String() string {
	if p.Seen == 0 {
		return p.Cursor.String()
	}
	return p.Cursor.String() + "." + strconv.FormatInt(p.Seen, 10)
}

// ParsePosition reads what [Position.String] or [Cursor.String] wrote.
func ParsePosition(s string) (p Position, err error) {
	cursor, seen := s, ""
	if first := strings.IndexByte(s, '.'); first >= 0 {
		if second := strings.IndexByte(s[first+1:], '.'); second >= 0 {
			cursor, seen = s[:first+1+second], s[first+second+2:]
			p.Seen, err = strconv.ParseInt(seen, 10, 64)
		}
	}
	if err == nil {
		p.Cursor, err = ParseCursor(cursor)
	}
	if err != nil || p.Seen < 0 {
		return Position{}, fmt.Errorf("%q is no place in a log; one looks like 1786000000000.1200, or 1786000000000.1200.4711 before its end", s)
	}
	return At(p.Cursor, p.Seen), nil
}
