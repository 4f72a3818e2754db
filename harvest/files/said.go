package files

import "github.com/sheaf-gateway/sheaf/harvest"

// said knows what a file has said of each identifier, by digests. In a file of everything, different records with one
// identifier are likely to be a wrong key, by which all but the last of them are lost.
type said map[stamp]stamp

// maxSaid bounds the identifiers that are known. A key that is wrong shows among the first.
const maxSaid = 200_000

// otherwise notes an item, and reports whether something else was said of it before.
func (s *said) otherwise(item *harvest.Item) bool {
	if item.Rejected != nil {
		return false
	}
	if *s == nil {
		*s = said{}
	}
	key, text := digest(item.Key), digest(string(item.Original))
	had, known := (*s)[key]
	if known || len(*s) < maxSaid {
		(*s)[key] = text
	}
	return known && had != text
}
