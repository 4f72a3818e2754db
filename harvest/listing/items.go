package listing

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// items makes items of rows, in their order. Rows that say the same are one item. Rows that have the same key and say
// different things are all rejected, because nobody can tell which one is meant. add, if not nil, sees to what the pages of
// the rows add to them.
func (s *Source) items(rows []row, add func(*row, *harvest.Item)) (items []harvest.Item, warnings []string) {
	items = make([]harvest.Item, 0, len(rows))
	places := make(map[string][]int, len(rows)) // of the items with a key
	for i := range rows {
		r := &rows[i]
		item := s.item(r)
		if add != nil && item.Rejected == nil {
			add(r, &item)
		}
		same := func(j int) bool { return sameRow(&rows[j], r) }
		if slices.ContainsFunc(places[item.Key], same) {
			// The place stays, because the places of items are those of rows.
			items = append(items, harvest.Item{})
			continue
		}
		places[item.Key] = append(places[item.Key], i)
		items = append(items, item)
	}
	for key, at := range places {
		if len(at) > 1 {
			rejectAll(items, key, at)
		}
	}
	if add != nil && slices.ContainsFunc(rows, func(r row) bool { return r.link == "" }) {
		warnings = append(warnings, warnNoDetail)
	}
	if dropSharedAliases(items) {
		warnings = append(warnings, warnAlias)
	}
	return slices.DeleteFunc(items, func(it harvest.Item) bool { return it.Key == "" }), warnings
}

// item makes an item of a row.
func (s *Source) item(r *row) harvest.Item {
	item := harvest.Item{Format: harvest.Format{Prefix: rowFormat}}
	switch {
	case r.bad != nil:
		item.Rejected, item.Original = r.bad, []byte(r.raw)
	case r.title == "":
		item.Rejected = reject(reasonNoTitle, "the row has no title")
	}
	if item.Original == nil {
		item.Original = appendOriginal(make([]byte, 0, 2*len(r.raw)+64), r, r.raw)
		item.Canonical = Canonical(item.Original)
	}
	if r.title == "" {
		item.Key = "row-" + shortHash(r.raw)
		return item
	}
	for _, key := range []string{r.id, r.path, HashKey(s.config.Canonical, r.title, r.date)} {
		switch {
		case key == "" || key == item.Key:
		case item.Key == "":
			item.Key = key
		default:
			item.Aliases = append(item.Aliases, key)
		}
	}
	return item
}

// sameRow reports whether two rows say the same, whatever their markup.
func sameRow(a, b *row) bool {
	return a.date == b.date && a.title == b.title && a.summary == b.summary && a.link == b.link &&
		a.id == b.id && a.kind == b.kind && (a.bad == nil) == (b.bad == nil) && (a.bad == nil || a.raw == b.raw)
}

// rejectAll rejects the items at some places. The first one keeps the key, so that a good earlier version of the record
// is flagged as stale. The others get keys of their own, so that they are kept beside it.
func rejectAll(items []harvest.Item, key string, at []int) {
	for n, i := range at {
		it := &items[i]
		if it.Rejected == nil {
			it.Rejected = reject(reasonDuplicate, "%d different rows of the page have the key %s", len(at), key)
		}
		it.Aliases, it.Listed = nil, false
		if n > 0 {
			it.Key = key + "~" + shortHash(string(it.Original))
		}
	}
}

// dropSharedAliases removes aliases that several items have, or that are another item's key, because they would make one
// record of two.
func dropSharedAliases(items []harvest.Item) (dropped bool) {
	claims := make(map[string]int, 2*len(items))
	for _, it := range items {
		claims[it.Key]++
		for _, a := range it.Aliases {
			claims[a]++
		}
	}
	for i := range items {
		before := len(items[i].Aliases)
		items[i].Aliases = slices.DeleteFunc(items[i].Aliases, func(a string) bool { return claims[a] > 1 })
		dropped = dropped || len(items[i].Aliases) < before
	}
	return dropped
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}
