package jsonapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A list may move while it is read. If an item is taken out of a page that was read, those behind it move up, and the
// first of the next page is passed over. If a list has no fixed order, some items come twice and others not at all. Both
// look like a list that was read to its end.

// maxBacks bounds how often a pass goes back. A service that counts anew for each answer would be read for ever.
const maxBacks = 50

// moved goes back to the page before this one if the list has become shorter, because what stood first on this page
// may stand last on that one now. With cursors nothing moves: they say behind which item a page begins.
func (s *Source) moved(c *cursor, a *answer) bool {
	had, page := c.Said, s.config.Page
	if a.said != nil {
		c.Said = a.said
	}
	if had != nil { // what is added during the pass may stand on a page that was read, and comes with the next pass
		c.Said.Least = min(had.Least, c.Said.Total)
	}
	if had == nil || had.AtLeast || c.Said.AtLeast || c.Said.Total >= had.Total || c.Pages == 0 || page.Cursor != "" {
		return false
	}
	if c.Before == nil || c.Backs >= maxBacks {
		c.Moved = true
		return false
	}
	c.Moved = c.Moved || had.Total-c.Said.Total > c.Seen-c.Before.Seen // what moved up is further back
	c.spot, c.Before = *c.Before, nil
	c.Backs++
	// The same pages come again, which is no circle, and the same items.
	c.Empty, c.Past, c.Items, c.Targets, c.Keys = 0, 0, circle{}, circle{}, sample{}
	return true
}

// short says what a pass lacks.
func (c *cursor) short() string {
	if c.Seen < c.Said.Least {
		return fmt.Sprintf("the service says that it has %d items, and its pages gave %d", c.Said.Least, c.Seen)
	}
	return fmt.Sprintf("the service says that it has %d items, and of the %d that its pages gave some came more than once; if it can sort, let it sort by something that does not change, with a parameter in from:", c.Said.Least, c.Seen)
}

// maxSample bounds the keys that are remembered.
const maxSample = 2000

// A sample remembers some of the keys of a pass, so that items which come again on another page are noticed: all of
// them as long as they are few, then each second, each fourth and so on, by their digests.
type sample struct {
	Shift uint   `json:"shift,omitempty"` // how many bits of a digest must be 0
	Twice int    `json:"twice,omitempty"` // how many of those that are remembered came again
	Known hashes `json:"known,omitempty"`
}

// add notes the keys of a page.
func (s *sample) add(items []harvest.Item) {
	for i := range items {
		if items[i].Key == "" {
			continue
		}
		sum := sha256.Sum256([]byte(items[i].Key))
		hash := binary.BigEndian.Uint64(sum[:]) >> 16 << 16
		if hash>>(64-s.Shift) != 0 {
			continue
		}
		at, again := slices.BinarySearch(s.Known, hash)
		if again {
			s.Twice++
			continue
		}
		s.Known = slices.Insert(s.Known, at, hash)
		for len(s.Known) > maxSample {
			s.Shift++
			s.Known = slices.DeleteFunc(s.Known, func(h uint64) bool { return h>>(64-s.Shift) != 0 })
		}
	}
}

// hashBytes is how much of a digest counts: so little that many fit, and so much that no two keys have the same.
const hashBytes = 6

// hashes are digests in order. Their last two bytes are 0.
type hashes []uint64

// MarshalText is for cursors.
func (h hashes) MarshalText() ([]byte, error) {
	var b []byte
	for _, one := range h {
		b = append(b, binary.BigEndian.AppendUint64(nil, one)[:hashBytes]...)
	}
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText reads what MarshalText writes.
func (h *hashes) UnmarshalText(text []byte) error {
	b, err := base64.RawURLEncoding.DecodeString(string(text))
	if err != nil {
		return err
	}
	*h = nil
	for ; len(b) >= hashBytes; b = b[hashBytes:] {
		*h = append(*h, binary.BigEndian.Uint64(append(b[:hashBytes:hashBytes], 0, 0)))
	}
	return nil
}
