// Package rules decides what becomes of the originals of a source: which Dublin Core is made of them, in which sets and
// formats they are served, and when that counts as a change. It also says why: which value each rule gave, what people have
// corrected, and what a remap would do.
//
// It stores nothing. It reads the files that a configuration names: mappings and corrections.
package rules

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Crosswalk makes Dublin Core of originals. It is called by several goroutines at once.
type Crosswalk interface {
	// Map maps one item. The record's notes say what it noticed.
	Map(item *harvest.Item) (*dublincore.Record, error)
	// Version identifies the mapping. Two mappings that could make different records have different versions.
	Version() string
}

// Rules decide what becomes of the originals of one source. They implement [pipeline.Mapper]. They act when an item is
// mapped, so on records in the log they act only through a remap.
type Rules struct {
	Source    string // its name
	Minted    string // its name in identifiers and sets
	Crosswalk Crosswalk
	// Corrections has the changes that people have made to single records; nil if there are none.
	Corrections *Corrections
	// Rights is the URL of the terms under which the source's metadata may be used, if known.
	Rights string
	// Sets has the sets made by rules, in order of their specs.
	Sets []Set
	// Formats has the writers of the formats that are made of records; those of this release if nil.
	Formats *formats.Table
	// Gateway names the gateway that serves the records, and GatewayNumber is its number in the log.
	Gateway       pipeline.Gateway
	GatewayNumber int
	// Canonical returns the part of a kept original that counts when versions are compared, as [harvest.Item.Canonical]
	// does for an item. It is nil if the whole original counts.
	Canonical func(original []byte) []byte
	// Observer, if not nil, is told what the rules do.
	Observer Observer

	fileFormat string // of an original in a file, if its content does not tell
	watch      *watch
}

// An Observer is told what rules do, by several goroutines at once.
type Observer interface {
	// Mapped is called after each mapping of an original, before people's corrections.
	Mapped(took time.Duration, notes []dublincore.Note, err error)
	// Noted is called after corrections that left notes.
	Noted(notes []dublincore.Note)
}

// Version implements [pipeline.Mapper]. If nothing but the crosswalk and the corrections decides, it is their version,
// because records in the logs of earlier releases name that one.
func (r *Rules) Version() string {
	var b bytes.Buffer
	if r.Rights != "" {
		fmt.Fprintf(&b, "rights %q\n", r.Rights)
	}
	if r.Gateway != (pipeline.Gateway{}) {
		fmt.Fprintf(&b, "gateway %q %q\n", r.Gateway.Name, r.Gateway.Root)
	}
	if r.Gateway.Root != "" {
		b.WriteString("landing of records without link\n") // see linked
	}
	for _, s := range r.Sets {
		fmt.Fprintf(&b, "set %s %s\n", s.Spec, s.Where.Version())
	}
	writeVersions(&b, r.table())
	if b.Len() == 0 {
		return r.Crosswalk.Version()
	}
	h := sha256.New()
	fmt.Fprintf(h, "rules %s\n%s", r.Crosswalk.Version(), b.Bytes())
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Map implements [pipeline.Mapper].
func (r *Rules) Map(identifier string, sets []string, from *pipeline.Origin, item *harvest.Item) (*pipeline.Mapped, error) {
	record, err := r.record(identifier, item)
	if err != nil {
		return nil, err
	}
	m, err := r.served(record, sets, min(len(item.Original), 4<<10))
	if err != nil {
		return nil, err
	}
	m.Fingerprint = fingerprint(m, from, record, item.Original, item.Canonical)
	return m, nil
}

// Preview makes the Dublin Core of an item that is not for the log, and says which sets made by rules it would be in.
func (r *Rules) Preview(identifier string, item *harvest.Item) (record *dublincore.Record, sets []string, err error) {
	defer func() {
		if p := recover(); p != nil {
			record, err = nil, fmt.Errorf("the mapping broke off, which is a fault of this program: %v", p)
		}
	}()
	if record, err = r.record(identifier, item); err != nil {
		return nil, nil, err
	}
	return record, r.SetsOf(nil, record), nil
}

// record makes the Dublin Core of an item, by the crosswalk and then by people's corrections. The values are in canonical
// order.
func (r *Rules) record(identifier string, item *harvest.Item) (*dublincore.Record, error) {
	began := time.Now()
	record, err := r.Crosswalk.Map(item)
	if r.Observer != nil {
		var notes []dublincore.Note
		if err == nil {
			notes = record.Notes
		}
		r.Observer.Mapped(time.Since(began), notes, err)
	}
	if err != nil {
		return nil, err
	}
	r.correct(identifier, cmp.Or(item.Identifier, item.Key), record)
	r.linked(identifier, record)
	record.Sort() // once, for all that is made of it
	return record, nil
}

func (r *Rules) correct(identifier, upstream string, record *dublincore.Record) {
	if r.Corrections == nil {
		return
	}
	had := len(record.Notes)
	done := r.Corrections.Apply(identifier, upstream, record)
	notes := record.Notes[had:]
	if r.Observer != nil {
		r.Observer.Noted(notes)
	}
	r.watch.note(identifier, done, notes)
}

// served returns what is served of a record, without the fingerprint. size is a guess of how long its forms are.
func (r *Rules) served(record *dublincore.Record, sets []string, size int) (*pipeline.Mapped, error) {
	notes, err := dublincore.MarshalNotes(record.Notes)
	made := formatsOf(record, r.table(), r.GatewayNumber)
	if r.leadsHere(record) { // which MODS says of the page
		made = made.For(r.GatewayNumber)
	}
	return &pipeline.Mapped{
		Sets: r.SetsOf(sets, record), Formats: made, Rights: r.Rights,
		DC: record.AppendJSON(make([]byte, 0, size)), OAIDC: record.AppendOAIDC(make([]byte, 0, size)),
		Notes: notes,
	}, err
}

// Remap implements [pipeline.Mapper]. The sets, the writers of formats and the rights may have changed since the record was
// made, so they are compared beside what the crosswalk makes.
func (r *Rules) Remap(k *pipeline.StoredRecord, store bool) (*pipeline.Remapped, error) {
	record, err := r.record(k.Identifier, k.Item())
	if err != nil {
		return nil, err
	}
	m, err := r.served(record, k.Sets, len(k.OAIDC)+len(k.OAIDC)/4)
	if err != nil {
		return nil, err
	}
	alike := bytes.Equal(m.OAIDC, k.OAIDC) && slices.Equal(m.Sets, k.Sets) && m.Formats == k.Formats && m.Rights == k.Rights
	if alike && bytes.Equal(m.DC, k.DC) {
		return &pipeline.Remapped{Same: true, Mapped: pipeline.Mapped{Notes: m.Notes}}, nil
	}
	before := &dublincore.Record{}
	if err := before.UnmarshalJSON(k.DC); err != nil {
		return nil, fmt.Errorf("read what is kept of the record: %w", err)
	}
	if alike && before.Fingerprint() == record.Fingerprint() && r.writtenAlike(m.Formats, before, record) {
		return &pipeline.Remapped{Same: true, Mapped: *m}, nil
	}
	if store {
		var canonical []byte
		if r.Canonical != nil {
			canonical = r.Canonical(k.Original)
		}
		m.Fingerprint = fingerprint(m, &k.Origin, record, k.Original, canonical)
	}
	before.Sort()
	return &pipeline.Remapped{Mapped: *m, Terms: changedTerms(before, record)}, nil
}

func (r *Rules) table() *formats.Table {
	if r.Formats != nil {
		return r.Formats
	}
	return formats.Builtin()
}
