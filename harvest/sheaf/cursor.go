package sheaf

import (
	"bytes"
	"encoding/json"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A cursor is a place in a pass, as JSON. The next pass begins where the last one has ended.
type cursor struct {
	Version int    `json:"v"`
	What    string `json:"what,omitempty"`   // of the gateway is taken: another source or set begins anew
	At      string `json:"at,omitempty"`     // the place behind which the gateway is asked; empty for the beginning of its log
	Domain  string `json:"domain,omitempty"` // of the gateway's identifiers
	Full    bool   `json:"full,omitempty"`
	Live    int64  `json:"live,omitempty"`   // lines of records that are there, in a full pass
	Lines   int    `json:"lines,omitempty"`  // how many are asked for at once, if fewer than usual
	Fright  int    `json:"fright,omitempty"` // runs in a row that have failed here
	Some    bool   `json:"some,omitempty"`   // the pass has given something
	Mixed   bool   `json:"mixed,omitempty"`  // and an epoch has begun since, so that it gave what may be no more
}

const (
	cursorVersion = 1
	// askLines is how many lines are asked for at once.
	askLines = 5000
)

// readCursor reads a cursor. If it is empty, or of another configuration, a full pass begins.
func (s *Source) readCursor(at harvest.Cursor) cursor {
	var c cursor
	known := at != "" && json.Unmarshal([]byte(at), &c) == nil && c.Version == cursorVersion
	if !known || c.What != s.what {
		return cursor{Version: cursorVersion, What: s.what, Domain: c.Domain, Full: true}
	}
	if _, err := pipeline.ParsePosition(c.At); err != nil {
		c.At, c.Full, c.Live = "", true, 0
	}
	return c
}

// anew begins with everything.
func (c *cursor) anew() { c.At, c.Full, c.Live, c.Fright = "", true, 0, 0 }

// through ends a pass.
func (c *cursor) through() { c.Full, c.Live, c.Lines, c.Some, c.Mixed = false, 0, 0, false, false }

func (c *cursor) lines() int {
	if c.Lines > 0 {
		return min(c.Lines, askLines)
	}
	return askLines
}

func (c *cursor) write() harvest.Cursor {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		panic(err) // strings and numbers only
	}
	return harvest.Cursor(bytes.TrimSpace(b.Bytes()))
}
