package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/xmlscan"
)

// maxOriginal bounds one original, in bytes.
const maxOriginal = 16 << 20

// A Mapper makes Dublin Core of originals. It is called by several goroutines at once.
type Mapper interface {
	// Map maps one item; what it noticed is in the record's notes. An error sends the item to quarantine.
	Map(item *harvest.Item) (*dublincore.Record, error)
	// Version identifies the rules: it differs wherever they could give something else.
	Version() string
}

// prepare makes a batch of a page: it mints identifiers, finds out which items came as they were
// (nothing is mapped then), maps the others, and puts aside what can't be used.
func (r *Runner) prepare(ctx context.Context, run *Run, src *Source, f fetched) (*Batch, error) {
	p := &preparation{src: src, namespace: r.Namespace, batch: &Batch{
		Run: run, From: f.from, Next: f.page.Next, Done: f.page.Done, Full: f.page.Full, Incomplete: f.page.Incomplete,
		SetNames: f.names,
	}}
	p.mint(f.page.Items, f.from)
	asks := make([]Ask, len(p.items))
	for i := range p.items {
		asks[i] = Ask{p.items[i].identifier, p.items[i].aliases}
	}
	known, err := r.Log.Known(ctx, asks)
	if err != nil {
		return nil, fmt.Errorf("harvest %s: %w", src.Name, err)
	}
	var fresh []*minted
	for i := range p.items {
		m := &p.items[i]
		if known[i].Identifier != "" {
			m.identifier = known[i].Identifier
		}
		switch {
		case m.Rejected != nil:
			p.reject(m.Item, m.identifier, m.Rejected)
		case known[i].Identifier != "" && known[i].Input == m.input && !known[i].Suppressed:
			p.batch.Unchanged = append(p.batch.Unchanged, Seen{m.identifier, m.input})
		default:
			fresh = append(fresh, m)
		}
	}
	p.mapAll(fresh)
	return p.batch, nil
}

type preparation struct {
	src       *Source
	namespace string
	items     []minted
	batch     *Batch
}

// A minted item is one with its identifier in the log.
type minted struct {
	*harvest.Item
	identifier string
	aliases    []string
	input      Hash

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

// mint gives the items of a page their identifiers. Of an item that comes twice the last stands;
// different items with one identifier are put aside, all of them.
func (p *preparation) mint(items []harvest.Item, at harvest.Cursor) {
	p.items = make([]minted, 0, len(items))
	byIdentifier := make(map[string]int, len(items))
	for i := range items {
		item := &items[i]
		id, err := Mint(p.namespace, p.src.Name, item.Key)
		if err != nil {
			if item.Rejected == nil {
				item.Rejected = &harvest.Rejection{Reason: "bad_identifier", Detail: err.Error()}
			}
			if item.Key == "" {
				item.Key = fmt.Sprintf("item %d of the page at %.200q", i+1, string(at))
			}
			p.reject(item, "", item.Rejected)
			continue
		}
		m := minted{Item: item, identifier: id}
		for _, a := range item.Aliases {
			if alias, err := Mint(p.namespace, p.src.Name, a); err == nil && alias != id {
				m.aliases = append(m.aliases, alias)
			}
		}
		if len(item.Original) > maxOriginal && item.Rejected == nil {
			item.Rejected = &harvest.Rejection{Reason: "too_large", Detail: fmt.Sprintf("the original is %d bytes long, more than %d", len(item.Original), maxOriginal)}
			item.Original = item.Original[:1<<20]
		}
		m.input = inputHash(item)
		if j, twice := byIdentifier[id]; twice {
			if a, b := p.items[j].upstream(), m.upstream(); a != b && m.Rejected == nil {
				m.Rejected = &harvest.Rejection{Reason: "duplicate_identifier", Detail: fmt.Sprintf("%q and %q would both be %s", a, b, id)}
			}
			p.items[j] = m
			continue
		}
		byIdentifier[id] = len(p.items)
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
	workers := min(runtime.GOMAXPROCS(0), len(items)/16+1)
	now := time.Now().UTC().Truncate(time.Second)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(items); i += workers {
				p.mapOne(items[i], now)
			}
		})
	}
	wg.Wait()
	for _, m := range items {
		if m.reject != nil {
			p.reject(m.Item, m.identifier, m.reject)
		} else {
			p.batch.Changes = append(p.batch.Changes, *m.change)
		}
	}
}

func (p *preparation) mapOne(m *minted, now time.Time) {
	c := &Change{
		Identifier: m.identifier, Aliases: m.aliases, Input: m.input, Sets: p.sets(m.Item),
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
	record, err := p.src.Mapper.Map(m.Item)
	if err != nil {
		m.reject = &harvest.Rejection{Reason: "mapping", Detail: err.Error()}
		return
	}
	c.DC = record.AppendJSON(nil)
	c.OAIDC = record.AppendOAIDC(nil)
	c.Formats, c.Rights = FormatsOf(record), p.src.Rights
	c.Notes, c.Rules, c.Original = record.Notes, p.src.Mapper.Version(), m.Original
	c.Fingerprint = fingerprint(c, record, m.Canonical)
}

// sets are the set specs of an item, sorted, each once: the source's own, and below it those that
// the source has put the item in.
func (p *preparation) sets(item *harvest.Item) []string {
	if len(item.Sets) == 0 {
		return []string{p.src.Name}
	}
	specs := make([]string, 1, len(item.Sets)+1)
	specs[0] = p.src.Name
	for _, s := range item.Sets {
		specs = append(specs, SetSpec(p.src.Name, s))
	}
	slices.Sort(specs)
	return slices.Compact(specs)
}

// inputHash covers what the source sent of an item, but for its datestamp: a source that stamps
// everything anew changes nothing.
func inputHash(item *harvest.Item) Hash {
	sets := slices.Clone(item.Sets)
	slices.Sort(sets)
	h := hasher{make([]byte, 0, len(item.Original)+512)}
	h.text(item.Key)
	h.flag(item.Deleted)
	h.text(item.Format.Prefix)
	h.text(item.Format.Namespace)
	h.list(sets)
	h.list(item.Aliases)
	h.bytes(item.Provenance)
	h.bytes(item.Original)
	return sha256.Sum256(h.b)
}

// fingerprint covers what is served of a record: the Dublin Core, the canonical original, sets,
// formats, rights and where it came from; not the time of harvest, nor the source's datestamp (promise 4). original is the canonical
// one, where the source knows it.
func fingerprint(c *Change, dc *dublincore.Record, original []byte) Hash {
	if original == nil {
		original = canonical(c.Original)
	}
	h := hasher{make([]byte, 0, len(c.Original)+1024)}
	of := dc.Fingerprint()
	h.bytes(of[:])
	h.text(c.Origin.Format.Prefix)
	h.text(c.Origin.Format.Namespace)
	h.text(c.Origin.Format.Schema)
	h.list(c.Sets)
	h.b = binary.AppendUvarint(h.b, uint64(c.Formats))
	h.text(c.Rights)
	h.text(c.Origin.BaseURL)
	h.bytes(c.Origin.Provenance)
	h.bytes(original)
	return sha256.Sum256(h.b)
}

// canonical is the same for originals that differ in white space between elements, prefixes and the
// order of attributes only.
func canonical(original []byte) []byte {
	if !bytes.HasPrefix(bytes.TrimLeft(original, " \t\r\n\ufeff"), []byte("<")) {
		return original
	}
	b, err := xmlscan.AppendCanonical(nil, original)
	if err != nil {
		return original // it is not XML, or not quite: compared as it is
	}
	return b
}

// A hasher joins parts so that no two lists of parts give the same bytes.
type hasher struct{ b []byte }

func (h *hasher) text(s string) {
	h.b = binary.AppendUvarint(h.b, uint64(len(s)))
	h.b = append(h.b, s...)
}

func (h *hasher) bytes(p []byte) {
	h.b = binary.AppendUvarint(h.b, uint64(len(p)))
	h.b = append(h.b, p...)
}

func (h *hasher) list(ss []string) {
	h.b = binary.AppendUvarint(h.b, uint64(len(ss)))
	for _, s := range ss {
		h.text(s)
	}
}

func (h *hasher) flag(v bool) {
	if v {
		h.b = append(h.b, 1)
	} else {
		h.b = append(h.b, 0)
	}
}
