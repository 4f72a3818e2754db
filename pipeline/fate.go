package pipeline

// A Fate is what became of an item.
type Fate struct {
	Identifier string // that it has in the log; empty if it could not get one
	Key        string // the source's own identifier
	Became     Became
	// Reason is one word: why the item was rejected or the record is deleted. Detail explains a rejection to people.
	Reason, Detail string
}

// Became is a word for what became of an item.
type Became string

// What becomes of items.
const (
	BecameCreated     Became = "created"     // it is a new record
	BecameChanged     Became = "changed"     // the record that it is has changed
	BecameUnchanged   Became = "unchanged"   // nothing that is served has changed
	BecameDeleted     Became = "deleted"     // its record is deleted now
	BecameQuarantined Became = "quarantined" // it could not be used
	BecameHeld        Became = "held"        // its record changes or is deleted when a person agrees
	BecameSuppressed  Became = "suppressed"  // it was taken down for good, and is kept out
)

// Tells says whether somebody wants to hear of each item of the batch.
func (b *Batch) Tells() bool { return b.Run != nil && b.Run.Told != nil }

// tell passes on what became of the items of a batch.
func (b *Batch) tell(receipt *Receipt) {
	if !b.Tells() {
		return
	}
	for i := range receipt.Fates {
		if f := &receipt.Fates[i]; f.Key == "" {
			f.Key = b.keys[f.Identifier]
		}
	}
	b.Run.Told(receipt)
}
