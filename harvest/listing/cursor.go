package listing

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A cursor is a place in a pass, as JSON.
type cursor struct {
	Version int    `json:"v"`
	From    string `json:"from"` // the place that the pass is about

	// Of a web site.
	Page  int    `json:"page,omitempty"`  // pages before this one
	Seen  int    `json:"seen,omitempty"`  // rows on them
	To    int    `json:"to,omitempty"`    // the last row of the page before, as that page counts
	Total int    `json:"total,omitempty"` // what the page before said
	First string `json:"first,omitempty"` // digest of the first page's rows
	Last  string `json:"last,omitempty"`  // digest of those of the page before

	// Of files.
	File  string    `json:"file,omitempty"`  // the next
	Left  int       `json:"left,omitempty"`  // files from that one on
	Names string    `json:"names,omitempty"` // digest of their names
	Rows  *coverage `json:"rows,omitempty"`
}

const cursorVersion = 1

// readCursor reads a cursor. If it is empty, or of another place or version, the pass begins anew. That gives some items
// again, and misses none.
func (s *Source) readCursor(at harvest.Cursor) cursor {
	var c cursor
	if at != "" && json.Unmarshal([]byte(at), &c) == nil && c.Version == cursorVersion && c.From == s.from && c.Page >= 0 {
		return c
	}
	return cursor{Version: cursorVersion, From: s.from}
}

func (c cursor) write() harvest.Cursor {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return harvest.Cursor(b)
}

// digest returns a short digest of strings. Where one ends and the next begins counts too.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		io.WriteString(h, p)
		h.Write([]byte{0xff}) // a byte that no UTF-8 has
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:9])
}

// digestRows returns a digest of what the rows say.
func digestRows(rows []row) string {
	parts := make([]string, 0, 4*len(rows))
	for _, r := range rows {
		parts = append(parts, r.date, r.title, r.summary, r.path)
	}
	return digest(parts...)
}
