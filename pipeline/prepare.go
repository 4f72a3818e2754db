package pipeline

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

const (
	maxOriginal = 16 << 20 // bytes of one original
	maxSets     = 1000     // sets of one item
	maxSetSpec  = 1024     // bytes of a set spec of ours
	maxSetDepth = 32       // its parts: each is a set of its own, with all before it
)

// prepare makes a batch of a page: it mints identifiers, finds out which items came as they were
// (nothing is mapped then), maps the others, and puts aside what can't be used.
func (r *Runner) prepare(ctx context.Context, run *Run, src *Source, f fetched) (*Batch, error) {
	p := &preparation{src: src, mapper: src.Rules(), namespace: r.Namespace, batch: &Batch{
		Run: run, From: f.from, Next: f.page.Next, Done: f.page.Done, Full: f.page.Full, Unproven: f.page.Unproven, Short: f.page.Short != "",
		SetNames: f.names, Ended: f.page.Ended, Reconciles: f.page.Reconciles,
	}}
	p.several = f.page.Lists != nil
	found, err := r.lookUp(ctx, src, f)
	if err != nil {
		return nil, err
	}
	p.batch.Kept, p.batch.Noted, p.batch.omitted = append(f.kept, found.kept...), found.noted, found.omitted
	p.mint(found.items, f)
	asks := make([]Ask, len(p.items))
	for i := range p.items {
		asks[i] = Ask{Identifier: p.items[i].identifier, Aliases: p.items[i].aliases, Input: p.items[i].input, Sets: f.page.Lists != nil}
	}
	known, err := r.Log.Known(ctx, asks)
	if err != nil {
		return nil, fmt.Errorf("harvest %s: %w", src.Name, err)
	}
	if err := p.ownRecords(ctx, r.Log, known); err != nil {
		return nil, fmt.Errorf("harvest %s: %w", src.Name, err)
	}
	fresh := make([]*minted, 0, len(p.items))
	if p.batch.Tells() {
		p.batch.keys = make(map[string]string, len(p.items))
	}
	for i := range p.items {
		m, k := &p.items[i], &known[i]
		m.ownKey(k)
		if p.batch.Tells() {
			p.batch.keys[m.identifier] = m.Key
		}
		if k.Identifier == "" {
			p.batch.fresh++
		}
		leaves := p.leavesSets(m, k, f.page)
		switch {
		case m.Rejected != nil:
			p.rejectMinted(m, m.Rejected)
		case m.clash != nil:
			p.rejectMinted(m, m.clash)
		case k.Identifier != "" && k.Input == m.input && !k.Suppressed && !leaves:
			p.batch.Unchanged = append(p.batch.Unchanged, Seen{m.identifier, m.input})
		default:
			fresh = append(fresh, m)
		}
	}
	if len(fresh) > 0 {
		p.version = p.mapper.Version()
		p.mapAll(fresh)
	}
	p.note(known)
	if p.batch.Reconciles {
		p.batch.countFound(p.asked(f))
	}
	return p.batch, nil
}

// note notes what the source wants to be told of each item the next time. Of one that could not be mapped nothing is noted
// any more, so that it comes again for other rules.
func (p *preparation) note(known []Known) {
	for i := range p.items {
		m := &p.items[i]
		switch {
		case m.clash != nil || known[i].Suppressed:
		case m.reject != nil:
			p.batch.Noted = appendNoted(p.batch.Noted, m.identifier, "", m.Before)
		default:
			p.batch.Noted = appendNoted(p.batch.Noted, m.identifier, m.Memo, m.Before)
		}
	}
}

type preparation struct {
	src       *Source
	mapper    Mapper // one for the whole page: the source's may be exchanged meanwhile
	version   string // of the mapper
	namespace string
	items     []minted
	at        map[string]int // the first item with an identifier, by its place in items
	batch     *Batch
	several   bool // the source lists sets one after another
}

// A minted item is one with its identifier in the log.
type minted struct {
	*harvest.Item
	identifier string
	aliases    []string
	input      Hash
	clash      *harvest.Rejection // why its identifier can't be its own; nil if it can
	elsewhere  []string           // sets that other lists have put it in (setbyset.go)

	change *Change            // what mapping made of it,
	reject *harvest.Rejection // or why it can't be used
}

// upstream is the source's own identifier in full.
func (m *minted) upstream() string {
	if m.Identifier != "" {
		return m.Identifier
	}
	return m.Key
}

// mint gives the items of a page their identifiers. If an item comes twice, the last one counts. Different items with
// one identifier are all put aside.
func (p *preparation) mint(items []harvest.Item, f fetched) {
	p.items = make([]minted, 0, len(items))
	p.at = make(map[string]int, len(items))
	for i := range items {
		item := &items[i]
		id, err := p.src.Mint(p.namespace, item.Key)
		if err != nil {
			if item.Rejected == nil {
				item.Rejected = &harvest.Rejection{Reason: "bad_identifier", Detail: err.Error()}
			}
			if item.Key == "" {
				item.Key = fmt.Sprintf("item %d of the page %.8x", f.first+i+1, sha256.Sum256([]byte(f.from))) // a cursor may hold a secret
			}
			p.reject(item, "", item.Rejected)
			continue
		}
		m := minted{Item: item, identifier: id}
		for _, a := range item.Aliases {
			if alias, err := p.src.Mint(p.namespace, a); err == nil && alias != id {
				m.aliases = append(m.aliases, alias)
			}
		}
		if len(item.Original) > maxOriginal && item.Rejected == nil {
			item.Rejected = &harvest.Rejection{Reason: "too_large", Detail: fmt.Sprintf("the original is %d bytes long, more than %d", len(item.Original), maxOriginal)}
			item.Original = item.Original[:1<<20]
		}
		if why := badSets(p.src.minted(), item.Sets); why != "" && item.Rejected == nil {
			item.Rejected = &harvest.Rejection{Reason: "too_large", Detail: why}
		}
		m.input = inputHash(item)
		if j, twice := p.at[id]; twice {
			p.again(m, j)
			continue
		}
		p.at[id] = len(p.items)
		p.items = append(p.items, m)
	}
}

func (p *preparation) reject(item *harvest.Item, identifier string, why *harvest.Rejection) {
	p.batch.Rejects = append(p.batch.Rejects, Reject{
		Key: item.Key, Identifier: identifier, Reason: why.Reason, Detail: why.Detail, Original: item.Original,
	})
}

// mapAll maps the items on all cores, and puts them into the batch in their order.
func (p *preparation) mapAll(items []*minted) {
	now := time.Now().UTC().Truncate(time.Second)
	onAllCores(len(items), func(i int) { p.mapOne(items[i], now) })
	p.batch.Changes = make([]Change, 0, len(items))
	for _, m := range items {
		if m.reject != nil {
			p.rejectMinted(m, m.reject)
			p.batch.Rejects[len(p.batch.Rejects)-1].Said = said(m.Item)
		} else {
			p.batch.Changes = append(p.batch.Changes, *m.change)
		}
	}
}

func (p *preparation) mapOne(m *minted, now time.Time) {
	c := &Change{
		Identifier: m.identifier, Aliases: m.aliases, Input: m.input, Sets: p.sets(m), Several: p.several,
		Origin: Origin{
			BaseURL: p.src.BaseURL, Identifier: m.upstream(), Datestamp: m.Datestamp, Format: m.Format, Harvested: now, Provenance: m.Provenance,
		},
	}
	m.change = c
	if m.Deleted {
		c.Deleted = SourceDeleted
		c.Fingerprint = sha256.Sum256([]byte("deleted: " + SourceDeleted))
		return
	}
	made, err := mapItem(p.mapper, c, m.Item)
	if err != nil {
		m.reject = &harvest.Rejection{Reason: "mapping", Detail: err.Error()}
		return
	}
	c.Sets, c.Formats, c.Rights, c.DC, c.OAIDC = made.Sets, made.Formats, made.Rights, made.DC, made.OAIDC
	c.Notes, c.Fingerprint, c.Rules, c.Original = made.Notes, made.Fingerprint, p.version, m.Original
}

// sets are the set specs of an item, sorted, each once: the source's own, and below it those that
// the source has put the item in.
func (p *preparation) sets(m *minted) []string {
	if len(m.Sets) == 0 {
		return []string{p.src.minted()}
	}
	specs := make([]string, 1, len(m.Sets)+len(m.elsewhere)+1)
	specs[0] = p.src.minted()
	for _, s := range m.Sets {
		specs = append(specs, SetSpec(p.src.minted(), s))
	}
	specs = append(specs, m.elsewhere...)
	slices.Sort(specs)
	return slices.Compact(specs)
}

// badSets says what is beyond all measure in an item's sets; empty if nothing is.
func badSets(source string, sets []string) string {
	if len(sets) > maxSets {
		return fmt.Sprintf("the item is in %d sets, more than %d", len(sets), maxSets)
	}
	for _, s := range sets {
		if n := 1 + strings.Count(s, ":"); n > maxSetDepth {
			return fmt.Sprintf("a set spec of the item has %d parts, more than %d", n, maxSetDepth)
		}
		if n := len(SetSpec(source, s)); n > maxSetSpec {
			return fmt.Sprintf("a set spec of the item is %d bytes long, more than %d", n, maxSetSpec)
		}
	}
	return ""
}

// inputHash covers what the source sent of an item, except its datestamp: a source that stamps
// everything anew changes nothing.
func inputHash(item *harvest.Item) Hash {
	sets := slices.Clone(item.Sets)
	slices.Sort(sets)
	h := hashers.Get().(*Hasher)
	defer func() {
		if h.Size() <= maxScratch {
			hashers.Put(h)
		}
	}()
	h.Text(item.Key)
	h.Flag(item.Deleted)
	h.Text(item.Format.Prefix)
	h.Text(item.Format.Namespace)
	h.List(sets)
	h.List(item.Aliases)
	h.Bytes(item.Provenance)
	h.Bytes(item.Original)
	if item.Identifier != "" {
		h.Text(item.Identifier) // another item with the same key is another item, also if it says the same
	}
	return h.Sum()
}

var hashers = sync.Pool{New: func() any { return new(Hasher) }}

// maxScratch bounds the scratch space that is kept for the next item, in bytes.
const maxScratch = 256 << 10
