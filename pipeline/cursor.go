package pipeline

import (
	"fmt"
	"strconv"
	"strings"
)

// A Cursor is a place in the log, and means the same at every door. No two states are ever given out with one
// cursor, not even when the log's whole folder is put back as it was, because the log leaves out seqs each time that
// it is opened. Of cursors of different epochs, only the epochs can be compared.
type Cursor struct {
	Epoch, Seq int64
}

// String is "<epoch>.<seq>", the form in which doors hand a cursor out.
func (c Cursor) String() string {
	return strconv.FormatInt(c.Epoch, 10) + "." + strconv.FormatInt(c.Seq, 10)
}

// ParseCursor reads what [Cursor.String] wrote, and nothing else.
func ParseCursor(s string) (c Cursor, err error) {
	epoch, seq, _ := strings.Cut(s, ".")
	if c.Epoch, err = strconv.ParseInt(epoch, 10, 64); err == nil {
		c.Seq, err = strconv.ParseInt(seq, 10, 64)
	}
	if err != nil || c.Epoch < 1 || c.Seq < 0 || c.String() != s {
		return Cursor{}, fmt.Errorf("%q is no place in a log; one looks like 1786000000000.1200", s)
	}
	return c, nil
}

// Before says whether c comes before d, in d's epoch or an earlier one.
func (c Cursor) Before(d Cursor) bool {
	return c.Epoch < d.Epoch || c.Epoch == d.Epoch && c.Seq < d.Seq
}
