package pipeline

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Mapper decides what becomes of the originals of one source: what is kept and served of them. The flow
// itself knows no metadata format. It is called by several goroutines at once.
type Mapper interface {
	// Version identifies all that decides: it differs wherever something else could be served.
	Version() string

	// Map makes of an item what is served under an identifier. sets are the set specs that the source
	// gave the record, sorted; from is where the item came from. An error sends the item to quarantine.
	Map(identifier string, sets []string, from *Origin, item *harvest.Item) (*Mapped, error)

	// Remap makes it again of what is kept of a record, and compares. Without store, what is needed only
	// to store the result (the fingerprint) may be left out. An error leaves the record as it is.
	Remap(k *StoredRecord, store bool) (*Remapped, error)
}

// Mapped is what is kept and served of a live record.
type Mapped struct {
	// Sets are all set specs of the record: those that its source gave it, then those made by rules.
	// Ancestors need not be named.
	Sets []string
	// Formats are the formats that can be made of DC.
	Formats Formats
	// Rights is the URL of the terms under which the metadata may be used; empty if nobody said.
	Rights string
	// DC is the Dublin Core record as JSON, OAIDC as an oai_dc element.
	DC, OAIDC []byte
	// Notes are what was met on the way, in the mapper's own form, for those who ask how the record came to be.
	Notes []byte
	// Fingerprint covers all that is served, and nothing else (promise 4).
	Fingerprint Hash
}

// Remapped is what a mapper makes of a record that is in the log already.
type Remapped struct {
	Mapped
	// Same says that what is served stays as it is, so that the record must not move. DC is then nil,
	// or says the same in other words.
	Same bool
	// Terms are those under which a record that changes gets other values, in the order that the
	// mapper's vocabulary has.
	Terms []ChangedTerm
}

// A ChangedTerm is a term under which the values of a record change.
type ChangedTerm struct {
	Term  string
	Order int // its place in the vocabulary
	// Texts gives the values before and after, for people to read; it is called for a few records only.
	Texts func() (before, after []string)
}

// mapItem maps the item that a change is made of. Bytes that bring a mapper down, or a library below it,
// are a bad item and not the end of the gateway: it would come up, ask for the same page, and go down again.
func mapItem(m Mapper, c *Change, item *harvest.Item) (made *Mapped, err error) {
	defer brokeOff(&err)
	return m.Map(c.Identifier, c.Sets, &c.Origin, item)
}

// remapItem maps a record again, as mapItem does for the first time.
func remapItem(m Mapper, k *StoredRecord, store bool) (made *Remapped, err error) {
	defer brokeOff(&err)
	return m.Remap(k, store)
}

func brokeOff(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the mapping broke off, which is a fault of this program: %v", p)
	}
}
