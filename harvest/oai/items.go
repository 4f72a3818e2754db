package oai

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// items makes items of records, in their order. If a record comes twice, the one with the later datestamp counts, or
// else the one that comes later. If different records have one key, both are returned: package pipeline sees that, and
// puts them into quarantine.
func (w *walk) items(records []oaipmh.Record) []harvest.Item {
	items := make([]harvest.Item, 0, len(records))
	at := make(map[string]int, len(records))
	for i := range records {
		rec := &records[i]
		for _, note := range rec.Received.Repairs {
			w.warn(note)
		}
		item := w.item(rec)
		name := cmp.Or(item.Identifier, item.Key)
		j, twice := at[name]
		if !twice {
			at[name] = len(items)
			items = append(items, item)
			continue
		}
		w.warn("A record is there more than once on one page; the latest counts.")
		if !earlier(item.Datestamp, items[j].Datestamp) {
			items[j] = item
		}
	}
	w.checkFrom(items)
	return items
}

func earlier(a, b string) bool {
	ta, _, _ := oaipmh.ParseDatestamp(a)
	tb, _, _ := oaipmh.ParseDatestamp(b)
	return !ta.IsZero() && !tb.IsZero() && ta.Before(tb)
}

func (w *walk) item(rec *oaipmh.Record) harvest.Item {
	item := harvest.Item{
		Identifier: rec.Identifier, Key: w.key(rec.Identifier), Deleted: rec.Deleted, Datestamp: rec.Received.Datestamp,
		Sets: rec.Sets, Format: *w.p.Format,
	}
	if len(item.Sets) == 0 && len(w.s.cfg.Sets) > 0 {
		item.Sets = []string{w.s.cfg.Sets[w.p.Set]} // it was asked for, and came
	}
	if w.p.headersOnly() && rec.Received.Problem == "" && rec.Identifier != "" {
		item.Listed = true
		return item
	}
	switch {
	case rec.Received.Problem != "":
		item.Rejected = &harvest.Rejection{Reason: "malformed", Detail: rec.Received.Problem}
	case rec.Identifier == "":
		item.Rejected = &harvest.Rejection{Reason: "no_identifier", Detail: "the record has no identifier in its header"}
	case rec.Deleted:
		return item
	case rec.Metadata == nil:
		item.Rejected = &harvest.Rejection{Reason: "no_metadata", Detail: "the record has no metadata, though it is not deleted"}
	default:
		item.Original = rec.Metadata
		item.Format.Namespace = rec.Received.Namespace
		item.Provenance = provenance(rec.About)
		return item
	}
	item.Deleted = false // a record that can't be read must not delete anything
	item.Original = rec.Received.Raw
	if rec.Identifier == "" {
		sum := sha256.Sum256(rec.Received.Raw)
		item.Key = "unidentified-" + hex.EncodeToString(sum[:12])
	}
	return item
}

// key returns an identifier without oai:<domain>: if the domain is the repository's own.
func (w *walk) key(identifier string) string {
	if d := w.p.Domain; d != "" && d != "-" {
		if local, ok := strings.CutPrefix(identifier, "oai:"+d+":"); ok && local != "" {
			return local
		}
	}
	return identifier
}

// provenance returns the first provenance container among those about a record.
func provenance(about [][]byte) []byte {
	for _, element := range about {
		s := xmlscan.New(element, xmlscan.Limits{})
		if kind, err := s.Next(); err == nil && kind == xmlscan.Start && string(s.Local()) == "provenance" {
			return element
		}
	}
	return nil
}

// checkFrom warns of a repository that ignores from. Nothing is lost then, but every pass takes as long as a full one.
func (w *walk) checkFrom(items []harvest.Item) {
	if w.p.full() || len(items) == 0 {
		return
	}
	from, _, _ := oaipmh.ParseDatestamp(w.from())
	if from.IsZero() {
		return
	}
	for i := range items {
		t, _, _ := oaipmh.ParseDatestamp(items[i].Datestamp)
		if t.IsZero() || !t.Before(from.Add(-24*time.Hour)) {
			return
		}
	}
	w.warn("The repository ignores from, and lists everything every time.")
}
