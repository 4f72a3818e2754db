package files

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// MaxRemembered is how many files a cursor has room for.
const MaxRemembered = 2000

// A cursor is a place in a pass, and what is known of the files, as JSON.
type cursor struct {
	Version int    `json:"v"`
	From    string `json:"from"`           // tells one configuration from another
	Seen    memory `json:"seen,omitempty"` // the files as they were read

	// Within a pass.
	Full   bool     `json:"full,omitempty"`
	Set    string   `json:"set,omitempty"`   // the files as they were when a full pass began
	At     position `json:"at,omitzero"`     // the next file
	Stamp  stamp    `json:"stamp,omitempty"` // what it was when records were read of it
	Record int      `json:"record,omitempty"`
}

// A position is that of a file among all.
type position struct {
	Place int
	Name  string
	Set   bool // there is one
}

// MarshalText and UnmarshalText are for cursors, which are UTF-8. A name may be of another encoding.
func (p position) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d %+q", p.Place, p.Name), nil
}

// UnmarshalText reads what MarshalText writes.
func (p *position) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%d %q", &p.Place, &p.Name)
	p.Set = err == nil
	return err
}

const cursorVersion = 1

// readCursor reads a cursor. If it is empty, or of another configuration or version, the pass begins anew and knows no
// file. That gives some records again, and misses none.
func (s *Source) readCursor(at harvest.Cursor) cursor {
	var c cursor
	if at != "" && json.Unmarshal([]byte(at), &c) == nil && c.Version == cursorVersion && c.From == s.from {
		return c
	}
	return cursor{Version: cursorVersion, From: s.from}
}

func (c *cursor) write() harvest.Cursor {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings, numbers and bytes only
	}
	return harvest.Cursor(b)
}

// A stamp tells one state of a file from another.
type stamp [6]byte

// digest is a short digest of strings. Where one ends and the next begins counts too.
func digest(parts ...string) (out stamp) {
	h := sha256.New()
	for _, p := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		io.WriteString(h, p)
	}
	copy(out[:], h.Sum(nil))
	return out
}

// text is a stamp in letters.
func (s stamp) text() string { return base64.RawURLEncoding.EncodeToString(s[:]) }

// MarshalText and UnmarshalText are for cursors.
func (s stamp) MarshalText() ([]byte, error) { return []byte(s.text()), nil }

// UnmarshalText reads what MarshalText writes. What is not a stamp is that of no file.
func (s *stamp) UnmarshalText(text []byte) error {
	if b, err := base64.RawURLEncoding.DecodeString(string(text)); err == nil && len(b) == len(s) {
		copy(s[:], b)
	}
	return nil
}

// A memory knows files by a digest of their names.
type memory map[stamp]known

// A known says what a file was when it was read.
type known struct {
	state   stamp // its size and time
	content stamp // its bytes
}

// remember notes a file, if there is room.
func (m memory) remember(name stamp, k known) {
	if _, had := m[name]; had || len(m) < MaxRemembered {
		m[name] = k
	}
}

// MarshalText writes a memory in a compact form: a cursor may have 64 KiB.
func (m memory) MarshalText() ([]byte, error) {
	var b []byte
	for _, name := range slices.SortedFunc(maps.Keys(m), func(a, b stamp) int { return slices.Compare(a[:], b[:]) }) {
		k := m[name]
		b = append(append(append(b, name[:]...), k.state[:]...), k.content[:]...)
	}
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText reads what MarshalText writes.
func (m *memory) UnmarshalText(text []byte) error {
	b, err := base64.RawURLEncoding.DecodeString(string(text))
	if err != nil {
		return err
	}
	*m = memory{}
	for ; len(b) >= 18; b = b[18:] {
		(*m)[stamp(b[:6])] = known{stamp(b[6:12]), stamp(b[12:18])}
	}
	return nil
}
