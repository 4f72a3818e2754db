package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Rivals says whether two identifiers of a source are those of different items that have one key. A key is an
// identifier without its oai:<domain>:, so "17" and "oai:repository.example.org:17" can both be called 17.
//
// A key belongs to the item that took it first; the other one goes to quarantine. If the last one that came
// stood instead, the two would take turns in each pass, for ever. Identifiers that differ in their domain
// only are those of one item, whose repository has moved: a source leaves out one domain at a time.
func Rivals(a, b string) bool {
	return a != b && (a == withoutDomain(b) || b == withoutDomain(a))
}

func withoutDomain(identifier string) string {
	if rest, ok := strings.CutPrefix(identifier, "oai:"); ok {
		if _, local, ok := strings.Cut(rest, ":"); ok && local != "" {
			return local
		}
	}
	return identifier
}

// again takes in an item whose identifier has come on this page before, first at place j.
func (p *preparation) again(m minted, j int) {
	for k := j; k < len(p.items); k++ {
		if had := &p.items[k]; had.identifier == m.identifier && had.upstream() == m.upstream() {
			m.clash = had.clash
			p.batch.repeats = p.batch.repeats || had.input != m.input
			*had = m
			return
		}
	}
	m.collide(&p.items[j])
	p.items[j].collide(&m)
	p.items = append(p.items, m)
}

// repeated tells of items that were not the same when they came again: what the earlier ones said is nowhere.
const repeated = "items came more than once on a page, with different content; the last one of each counts"

// returned tells of items that an earlier page of the pass has given otherwise, and with the same datestamp, if they have
// one: a repository that lists a record again because it has changed gives a later one. A key that is not one (a column, a
// path that several items share) makes one record of many.
const returned = "items came again on a later page, with different content; the last one of each counts. If they were not changed meanwhile, different items have one identifier, and all but the last are lost"

// collide puts an item aside because another one of the page would have its identifier.
func (m *minted) collide(other *minted) {
	if m.clash == nil {
		m.clash = &harvest.Rejection{Reason: "duplicate_identifier",
			Detail: fmt.Sprintf("%q and %q would both be %s", m.upstream(), other.upstream(), m.identifier)}
	}
}

// ownKey settles whom an identifier belongs to, with what the log has under it. An item that comes too late is
// put aside without that identifier: the record that has it is somebody else's, and neither deleted nor stale.
func (m *minted) ownKey(k *Known) {
	switch {
	case k.Identifier == "":
	case Rivals(k.Owner, m.upstream()) && !k.Suppressed:
		m.clash = &harvest.Rejection{Reason: "duplicate_identifier",
			Detail: fmt.Sprintf("%q would be %s, which belongs to %q because that came first", m.upstream(), k.Identifier, k.Owner)}
		m.identifier = ""
	default:
		m.identifier = k.Identifier
		if k.Input == m.input || k.Owner == m.upstream() {
			m.clash = nil // others of the page would have it, but it is its own
		}
	}
}

// ownRecords makes sure that no two items of the page are taken for one record. An alias is ignored if it leads to a
// record that another item of the page already is: a second row may have taken over the first one's title.
func (p *preparation) ownRecords(ctx context.Context, log Log, known []Known) error {
	for i := range p.items {
		m, at := &p.items[i], known[i].Identifier
		if at == "" || at == m.identifier || known[i].Suppressed {
			continue
		}
		if _, taken := p.at[at]; !taken {
			p.at[at] = i
			continue
		}
		m.aliases = nil
		alone, err := log.Known(ctx, []Ask{{Identifier: m.identifier, Input: m.input}})
		if err != nil {
			return err
		}
		known[i] = alone[0]
		if alone[0].Identifier != "" && m.Rejected == nil {
			m.Rejected = &harvest.Rejection{Reason: "duplicate_identifier", Detail: fmt.Sprintf("%q is kept as %s, which another item of the page is", m.upstream(), at)}
		}
	}
	return nil
}

// rejectMinted puts an item aside. Items that would share an identifier are told apart by their own.
func (p *preparation) rejectMinted(m *minted, why *harvest.Rejection) {
	p.reject(m.Item, m.identifier, why)
	if m.clash != nil {
		p.batch.Rejects[len(p.batch.Rejects)-1].Key = m.upstream()
	}
}
