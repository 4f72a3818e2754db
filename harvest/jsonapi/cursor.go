package jsonapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"strconv"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A cursor is a place in a pass, as JSON.
type cursor struct {
	Version int    `json:"v"`
	From    string `json:"from"`            // tells one configuration from another
	Since   string `json:"since,omitempty"` // what the pass asks from, without the overlap; empty is a full pass

	// Within a pass.
	Began  string `json:"began,omitempty"`  // by the server's clock
	Newest string `json:"newest,omitempty"` // the greatest datestamp among the items
	spot
	Before  *spot  `json:"before,omitempty"` // where the last page was
	Backs   int    `json:"backs,omitempty"`  // how often the pass has gone back there
	Moved   bool   `json:"moved,omitempty"`  // the list has moved, and what was passed over because of that is not known
	Empty   int    `json:"empty,omitempty"`
	Past    int    `json:"past,omitempty"` // items on pages behind the end
	Said    *count `json:"said,omitempty"` // what the service last said that it has
	Keys    sample `json:"keys,omitzero"`  // of the items so far
	Items   circle `json:"items,omitzero"` // of what pages held
	Targets circle `json:"links,omitzero"` // of links and cursors
}

// A spot is a page of a list.
type spot struct {
	Pages int    `json:"pages,omitempty"` // before it
	Seen  int    `json:"seen,omitempty"`  // items on them
	Next  string `json:"next,omitempty"`  // its link or cursor; empty for the first page, and where pages have numbers
}

// A count is how many items a service says that it has.
type count struct {
	Total   int  `json:"total"`
	Least   int  `json:"least"`              // the least that it has said in the pass
	AtLeast bool `json:"at_least,omitempty"` // it may have more
}

const cursorVersion = 1

// readCursor reads a cursor. If it is empty, or of another configuration or version, a full pass begins. That gives some
// items again, and misses none.
func (s *Source) readCursor(at harvest.Cursor) cursor {
	var c cursor
	if at != "" && json.Unmarshal([]byte(at), &c) == nil && c.Version == cursorVersion && c.From == s.id && c.Pages >= 0 && c.Seen >= 0 {
		return c
	}
	return s.begin("")
}

// begin is the cursor at the beginning of a pass.
func (s *Source) begin(since string) cursor {
	return cursor{Version: cursorVersion, From: s.id, Since: since}
}

func (c *cursor) write() harvest.Cursor {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // links are full of &, and a cursor has little room
	if err := enc.Encode(c); err != nil {
		panic(err) // strings and numbers only
	}
	return harvest.Cursor(bytes.TrimSpace(b.Bytes()))
}

// digest is a short digest of strings. Where one ends and the next begins counts too.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write([]byte(p))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:9])
}

// digestItems is a digest of what a page holds.
func digestItems(items []element) string {
	parts := make([]string, len(items))
	for i := range items {
		parts[i] = string(items[i].data)
	}
	return digest(parts...)
}

// A circle notices that a list runs in one, however long that is, and remembers no more than two digests: the last,
// and one that is kept for twice as long each time (Brent's method).
type circle struct {
	N    int    `json:"n,omitempty"`
	Last string `json:"last,omitempty"`
	Mark string `json:"mark,omitempty"`
}

// again notes the next digest, and reports whether it was there before.
func (c *circle) again(digest string) bool {
	was := digest == c.Last || digest == c.Mark
	if c.N++; bits.OnesCount(uint(c.N)) == 1 {
		c.Mark = digest
	}
	c.Last = digest
	return was
}

// identity tells one configuration from another. What a source is asked with, and how long an answer may be, is not
// part of it.
func (c *Config) identity() string {
	p, s := &c.Page, &c.Since
	return digest(c.From, c.Items, c.Key, c.Datestamp, c.Deleted, c.Total, p.Next, strconv.FormatBool(p.Link), p.Cursor, p.Param, p.Number, p.Offset, p.First,
		s.Param, s.Value, s.Format)
}
