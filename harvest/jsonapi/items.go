package jsonapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Reasons of rejections.
const (
	reasonMalformed    = "malformed"
	reasonTooLarge     = "too_large"
	reasonNoIdentifier = "no_identifier"
)

// Bounds of items.
const (
	maxItems     = 10_000  // of a page
	maxDepth     = 128     // how deep an item is nested; mappings read no deeper
	maxItemBytes = 8 << 20 // of an item; mappings read no more
)

// An element is an element of the list, as it came.
type element struct {
	data  []byte
	depth int
}

// item makes an item of an element. The bytes are copied.
func (s *Source) item(e element) harvest.Item {
	item := harvest.Item{Format: harvest.Format{Prefix: "json"}, Original: bytes.Clone(e.data)}
	reject := func(reason, format string, args ...any) harvest.Item {
		item.Rejected = &harvest.Rejection{Reason: reason, Detail: fmt.Sprintf(format, args...)}
		return item
	}
	key, found := scalar(s.key.find(e.data))
	lost := strings.ContainsRune(key, utf8.RuneError) // others may be the same without the letters that were lost
	if !lost {
		item.Key = key
	}
	item.Datestamp, _ = scalar(s.stamp(e.data))
	switch {
	case e.depth > maxDepth:
		return reject(reasonTooLarge, "the item is nested %d deep, more than %d", e.depth, maxDepth)
	case len(e.data) > maxItemBytes:
		return reject(reasonTooLarge, "the item has %d bytes, more than %d", len(e.data), maxItemBytes)
	case !utf8.Valid(e.data):
		return reject(reasonMalformed, "the item is not UTF-8, as JSON must be")
	case e.data[0] != '{':
		return reject(reasonMalformed, "the item is not an object: %.20s", e.data)
	case !json.Valid(e.data):
		return reject(reasonMalformed, "the item is not JSON: %v", json.Unmarshal(e.data, new(any)))
	case lost:
		return reject(reasonNoIdentifier, "characters of the identifier in %s are lost", s.key)
	case !found || key == "":
		return reject(reasonNoIdentifier, "the item has no identifier in %s; key: says where the items of a source have it", s.key)
	}
	if s.config.Deleted != "" && is(s.deleted.find(e.data), s.deletedIf) {
		item.Deleted, item.Original = true, nil
		return item
	}
	item.Canonical = s.Canonical(item.Original)
	return item
}

// stamp is where an item says when it was changed; nil if that is not known.
func (s *Source) stamp(item []byte) []byte {
	if len(s.datestamp) == 0 {
		return nil
	}
	return s.datestamp.find(item)
}
