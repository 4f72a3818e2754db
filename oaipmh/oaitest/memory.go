// Package oaitest tests both sides of OAI-PMH.
//
// For repositories it has a conformance suite: [CheckRepository] checks an implementation of [oaipmh.Repository] in a
// test, without a network, and [Check] checks any endpoint by its address. For harvesters it has servers: [Memory] is a
// good repository in memory, [Sample] one that is full of records, and [Hostile] misbehaves in any of the ways that
// [Faults] lists. [Transport] and [Pipe] lead requests to them without a network.
package oaitest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// Memory is a repository in memory. It shows on a small scale how to keep the promises of [oaipmh.Repository]: it has one
// list of records in the order of their last change, a position that is a place in this list, and a clock of its own that
// never goes back.
//
// The zero Memory is an empty repository with the single format oai_dc, ready for use.
type Memory struct {
	// Identity is the answer to Identify. Head and EarliestDatestamp are filled in. Identity and Available must not be
	// changed once the repository is in use.
	Identity oaipmh.Identity
	// Available has the formats; nil means oai_dc.
	Available []oaipmh.Format
	// Now is the wall clock; nil means time.Now.
	Now func() time.Time

	mu       sync.RWMutex
	log      []*Item // in the order of seq
	byID     map[string]*Item
	sets     map[string]oaipmh.Set
	seq      int64
	head     time.Time
	earliest time.Time
}

// An Item is an item in memory.
type Item struct {
	Identifier string
	Sets       []string
	Deleted    bool
	// Metadata has a self-contained XML element for each prefix.
	Metadata map[string][]byte
	About    [][]byte

	seq       int64
	datestamp time.Time
	had       []string // formats that it has or had, sorted
	left      []string // sets that it was in
}

// OAIDC is the format that every repository has.
var OAIDC = oaipmh.Format{
	Prefix:    "oai_dc",
	Schema:    "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
	Namespace: "http://www.openarchives.org/OAI/2.0/oai_dc/",
}

// Put adds an item or replaces it, and moves it to the end of the list. A deleted item loses its metadata and keeps its
// identifier.
func (m *Memory) Put(i Item) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byID == nil {
		m.byID = make(map[string]*Item)
	}
	if old := m.byID[i.Identifier]; old != nil {
		at, _ := m.find(old.seq)
		m.log = slices.Delete(m.log, at, at+1)
		i.had = old.had
		if i.Deleted && i.Sets == nil {
			i.Sets = old.Sets // deleted in every set that it was in
		}
		for _, s := range slices.Concat(old.Sets, old.left) {
			if !slices.Contains(i.Sets, s) && !slices.Contains(i.left, s) {
				i.left = append(i.left, s)
			}
		}
	}
	for prefix := range i.Metadata {
		if at, ok := slices.BinarySearch(i.had, prefix); !ok {
			i.had = slices.Insert(slices.Clone(i.had), at, prefix)
		}
	}
	if i.Deleted {
		i.Metadata, i.About = nil, nil
	}
	for _, s := range i.Sets {
		m.addSet(oaipmh.Set{Spec: s, Name: s}, false)
	}
	m.seq++
	i.seq, i.datestamp = m.seq, m.tick()
	if m.earliest.IsZero() {
		m.earliest = i.datestamp
	}
	m.log = append(m.log, &i)
	m.byID[i.Identifier] = &i
}

// Delete deletes an item: its header stays, for ever. It does nothing if there is no such item.
func (m *Memory) Delete(identifier string) {
	m.mu.RLock()
	_, ok := m.byID[identifier]
	m.mu.RUnlock()
	if ok {
		m.Put(Item{Identifier: identifier, Deleted: true})
	}
}

// PutSet describes a set. Sets that items are in, and the sets above them, exist without a description too.
func (m *Memory) PutSet(s oaipmh.Set) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.addSet(s, true)
}

func (m *Memory) addSet(s oaipmh.Set, replace bool) {
	if m.sets == nil {
		m.sets = make(map[string]oaipmh.Set)
	}
	for _, above := range oaipmh.SetAncestors(s.Spec) {
		m.addSet(oaipmh.Set{Spec: above, Name: above}, false)
	}
	if _, ok := m.sets[s.Spec]; !ok || replace {
		m.sets[s.Spec] = s
	}
}

// tick advances the head to the wall clock, if that is ahead.
func (m *Memory) tick() time.Time {
	now := time.Now
	if m.Now != nil {
		now = m.Now
	}
	if t := now().UTC().Truncate(time.Second); t.After(m.head) {
		m.head = t
	}
	return m.head
}

// find gives the place of the first item whose seq is at least seq.
func (m *Memory) find(seq int64) (int, bool) {
	return slices.BinarySearchFunc(m.log, seq, func(i *Item, seq int64) int { return cmp.Compare(i.seq, seq) })
}

func (m *Memory) formats() []oaipmh.Format {
	if m.Available == nil {
		return []oaipmh.Format{OAIDC}
	}
	return m.Available
}

// Clock implements [oaipmh.Repository].
func (m *Memory) Clock(context.Context) (time.Time, error) {
	// This takes the write lock, because no later change may get a datestamp before the clock that is returned here.
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tick(), nil
}

// Identify implements [oaipmh.Repository].
func (m *Memory) Identify(context.Context) (*oaipmh.Identity, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.Identity
	if i.Name == "" {
		i.Name = "A repository in memory"
	}
	if i.AdminEmails == nil {
		i.AdminEmails = []string{"nobody@example.org"}
	}
	i.Head = m.tick()
	if i.EarliestDatestamp = m.earliest; m.earliest.IsZero() {
		i.EarliestDatestamp = i.Head
	}
	return &i, nil
}

// Formats implements [oaipmh.Repository].
func (m *Memory) Formats(_ context.Context, identifier string) (*oaipmh.Formats, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := &oaipmh.Formats{Head: m.tick()}
	if identifier == "" {
		f.Formats = m.formats()
		return f, nil
	}
	i := m.byID[identifier]
	if i == nil {
		return f, oaipmh.ErrNoItem
	}
	for _, a := range m.formats() {
		if slices.Contains(i.had, a.Prefix) {
			f.Formats = append(f.Formats, a)
		}
	}
	return f, nil
}

// Sets implements [oaipmh.Repository].
func (m *Memory) Sets(_ context.Context, after string, offer func(*oaipmh.Set) bool) (time.Time, error) {
	m.mu.Lock()
	head := m.tick()
	all := make([]oaipmh.Set, 0, len(m.sets))
	for spec, s := range m.sets {
		if spec > after {
			all = append(all, s)
		}
	}
	m.mu.Unlock()
	slices.SortFunc(all, func(a, b oaipmh.Set) int { return strings.Compare(a.Spec, b.Spec) })
	for _, s := range all {
		if !offer(&s) {
			break
		}
	}
	return head, nil
}

// Get implements [oaipmh.Repository].
func (m *Memory) Get(_ context.Context, identifier, prefix string) (*oaipmh.Record, time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	head := m.tick()
	i := m.byID[identifier]
	switch {
	case i == nil:
		return nil, head, oaipmh.ErrNoItem
	case !slices.Contains(i.had, prefix):
		return nil, head, oaipmh.ErrNoFormat
	}
	r := i.record(prefix)
	return &r, head, nil
}

// record returns the item in a format that it has or had. In a format that it only had, it is deleted.
func (i *Item) record(prefix string) oaipmh.Record {
	r := oaipmh.Record{Identifier: i.Identifier, Datestamp: i.datestamp, Sets: i.Sets}
	if r.Metadata = i.Metadata[prefix]; r.Metadata == nil {
		r.Deleted = true
		return r
	}
	r.About = i.About
	return r
}

// List implements [oaipmh.Repository].
func (m *Memory) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	m.mu.Lock()
	head := m.tick()
	defer m.mu.Unlock() // the list and its head are of one moment
	_, haveSet := m.sets[q.Set]

	l := &oaipmh.Listing{Head: head, Size: -1, Fresh: m.unchanged(m.seq)}
	if !slices.ContainsFunc(m.formats(), func(f oaipmh.Format) bool { return f.Prefix == q.Prefix }) {
		return l, oaipmh.ErrNoSuchFormat
	}
	if q.Set != "" && !haveSet {
		return l, oaipmh.ErrNoSuchSet
	}
	var after int64
	if q.After != "" {
		n, err := strconv.ParseInt(q.After, 10, 64)
		if err != nil || n <= 0 {
			return l, fmt.Errorf("position %q: %w", q.After, oaipmh.ErrBadPosition)
		}
		after = n
	}
	start, _ := m.find(after + 1)
	for _, i := range m.log[start:] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, ok := i.answers(q)
		if !ok {
			continue
		}
		if !offer(&r) {
			l.Next = strconv.FormatInt(after, 10)
			return l, nil
		}
		after = i.seq
	}
	return l, nil
}

// unchanged makes a function that reports whether nothing was put since, and returns the clock.
func (m *Memory) unchanged(seq int64) func(context.Context) (time.Time, bool) {
	return func(context.Context) (time.Time, bool) {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.tick(), m.seq == seq
	}
}

// answers returns the record that an item is in a list, and whether it is in the list at all. In the list of a set that
// it has left, and only there, it is deleted.
func (i *Item) answers(q *oaipmh.Query) (r oaipmh.Record, ok bool) {
	if i.datestamp.Before(q.From) || !q.Until.IsZero() && i.datestamp.After(q.Until) || !slices.Contains(i.had, q.Prefix) {
		return r, false
	}
	within := func(s string) bool { return oaipmh.InSet(s, q.Set) }
	if q.Set == "" || slices.ContainsFunc(i.Sets, within) {
		return i.record(q.Prefix), true
	}
	if !slices.ContainsFunc(i.left, within) {
		return r, false
	}
	return oaipmh.Record{Identifier: i.Identifier, Datestamp: i.datestamp, Sets: i.left, Deleted: true}, true
}
