package sitemap

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A cursor is a place in a pass, as JSON.
type cursor struct {
	Version int       `json:"v"`
	From    string    `json:"from"`              // tells one configuration from another
	Asked   time.Time `json:"asked,omitzero"`    // when the last pass began that asked for all pages
	Whole   bool      `json:"whole,omitempty"`   // the pass asks for all pages, whatever lastmod says
	Began   bool      `json:"began,omitempty"`   // a pass is under way
	Since   time.Time `json:"since,omitzero"`    // when it began
	Skips   bool      `json:"skips,omitempty"`   // it leaves out sitemaps that are as they were
	Path    []place   `json:"path,omitempty"`    // from the root to the sitemap that is being read
	Base    string    `json:"base,omitempty"`    // a digest of the root when the pass began
	Read    int       `json:"read,omitempty"`    // sitemaps
	Listed  int       `json:"listed,omitempty"`  // pages
	LeftOut int       `json:"left,omitempty"`    // pages that the patterns leave out
	Lacks   string    `json:"lacks,omitempty"`   // the first thing that the pass lacks, for people
	Lacking int       `json:"lacking,omitempty"` // how many things it lacks
	// Failures counts the runs in a row that have failed here; if Brave, what fails next is passed over.
	Failures int  `json:"failures,omitempty"`
	Brave    bool `json:"brave,omitempty"`
}

// A place is how far a document has been read.
type place struct {
	URL    string `json:"u,omitempty"` // empty for the root
	Done   int    `json:"n"`           // entries
	Digest string `json:"d"`           // of the whole document
}

const cursorVersion = 1

// readCursor reads a cursor. If it is empty, or of another configuration or version, a pass begins that asks for all.
func (s *Source) readCursor(at harvest.Cursor) cursor {
	var c cursor
	if at != "" && json.Unmarshal([]byte(at), &c) == nil && c.Version == cursorVersion && c.From == s.id {
		return c
	}
	return cursor{Version: cursorVersion, From: s.id}
}

func (c *cursor) write() harvest.Cursor {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings, numbers and times only
	}
	return harvest.Cursor(b)
}

// lack notes that the pass lacks something.
func (c *cursor) lack(what string) {
	c.Lacking++
	if c.Lacks == "" {
		c.Lacks = what
	}
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

// digest tells one state of a document from another.
func (d *document) digest() string {
	parts := make([]string, 0, 2*len(d.entries)+1)
	for _, e := range d.entries {
		parts = append(parts, e.loc, e.lastmod)
	}
	return digest(append(parts, d.cut)...)
}
