package memory

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// tables are what the log keeps. What is in a map is never changed in place, so that a write can be taken back.
type tables struct {
	head     pipeline.Head
	began    time.Time // a lower bound of all datestamps
	epochs   []pipeline.Cursor
	seconds  []second // in order
	mark     pipeline.Mark
	silent   map[string]bool // sets by their specs
	gateways []pipeline.Gateway

	items    map[int64]*item
	named    map[string]int64 // items by their identifiers
	aliases  map[string]int64 // and by the others under which they came
	order    []place          // of items, in order of their seqs; places that were left stay until tidy
	lastItem int64

	lists      map[int64]*store.Listed
	versions   map[string]int // the greatest of each format's writer that was ever used
	departures map[departed]departure

	sources map[string]*source
	runs    map[int64]*run
	rejects map[rejected]*reject
	noted   map[string]string        // what sources note of items, by identifiers
	held    map[int64]*heldChange    // by their items
	holds   map[string]hold          // by source: for what a decision is waited
	decided []pipeline.Decided       // the last one last
	stops   map[string]pipeline.Stop // by source
	// suppressed are the records that are kept out, by their identifiers.
	suppressed map[string]suppression
	lastID     int64 // of runs, and of items in quarantine
	memos      map[string]string
	keys       map[string][]byte
	// sessions stand in order, the one heard of last first.
	sessions []store.Session
	takeOver bool
	remaps   map[string]string // how far the remap of a source has come: rules and seq
}

// An item is a record with what it was made of.
type item struct {
	store.State         // as it was stamped, whatever epoch it was in
	Input               pipeline.Hash
	Source              string
	Pass                int64 // of its source, in which it came last
	Stale               bool
	Provenance, Rights  string
	Origin              pipeline.Origin
	Rules               string
	Notes, DC, Original []byte
}

// in says whether the item is in a set now: of it or of one below it.
func (it *item) in(set string) bool {
	for spec := range strings.FieldsSeq(it.Sets) {
		if rest, ok := strings.CutPrefix(spec, set); ok && (rest == "" || rest[0] == ':') {
			return true
		}
	}
	return false
}

type place struct{ seq, item int64 }

// A second has the first seq that got its datestamp.
type second struct{ datestamp, seq int64 }

type departed struct{ list, item int64 }

type departure struct{ seq, datestamp int64 }

// A source is how far a source has come.
type source struct {
	run, pass                       int64
	cursor                          harvest.Cursor
	minted                          string    // the name in identifiers, if it was renamed
	passBegan                       time.Time // zero: not yet
	doubt                           store.Doubt
	lastComplete, lastFull, lastNew time.Time
	live, deleted                   int64
	measured                        int64 // the pass that measure is about; 0 if there is none
	measure                         pipeline.Pass
	warnings                        []string
	reconciled                      []pipeline.Reconciliation // the last one last
	found, missing                  int64                     // of the reconciliation that the pass is
	whole                           []int64                   // full passes that have proven what the source has, in order
}

type run struct {
	source  string
	account pipeline.Account
	store.RunStatus
}

type rejected struct{ source, key string }

type reject struct {
	store.Quarantined
	pass int64 // of its source, in which it came last
}

func newTables() tables {
	return tables{
		silent: map[string]bool{}, items: map[int64]*item{}, named: map[string]int64{}, aliases: map[string]int64{},
		lists: map[int64]*store.Listed{}, versions: map[string]int{}, departures: map[departed]departure{},
		sources: map[string]*source{}, runs: map[int64]*run{}, rejects: map[rejected]*reject{}, noted: map[string]string{}, held: map[int64]*heldChange{}, holds: map[string]hold{}, stops: map[string]pipeline.Stop{}, suppressed: map[string]suppression{}, remaps: map[string]string{},
		memos: map[string]string{}, keys: map[string][]byte{},
	}
}

// find is the item that has the identifier, or has it as an alias; nil if there is none.
func (s *tables) find(identifier string) *item {
	key, ok := s.named[identifier]
	if !ok {
		key = s.aliases[identifier]
	}
	return s.items[key]
}

// behind gives the places of the log behind a seq at which something is.
func (s *tables) behind(seq int64, f func(*item) (more bool)) {
	i := sort.Search(len(s.order), func(i int) bool { return s.order[i].seq > seq })
	for _, p := range s.order[i:] {
		if it := s.items[p.item]; it.Seq == p.seq && !f(it) {
			return
		}
	}
}

// before gives the places of the log before a seq, from the last one on.
func (s *tables) before(seq int64, f func(*item) (more bool)) {
	i := sort.Search(len(s.order), func(i int) bool { return s.order[i].seq >= seq })
	for _, p := range slices.Backward(s.order[:i]) {
		if it := s.items[p.item]; it.Seq == p.seq && !f(it) {
			return
		}
	}
}

// tidy takes the places that were left out of the order, when they are most of it.
func (s *tables) tidy() {
	if len(s.order) > 2*len(s.items)+1000 {
		s.order = slices.DeleteFunc(s.order, func(p place) bool { return s.items[p.item].Seq != p.seq })
	}
}

// A tx is one transaction. It notes how to take back what it does.
type tx struct {
	*Log
	undo []func()
}

// rollBack takes everything back. What the plans know of the lists is made anew.
func (t *tx) rollBack() {
	for _, f := range slices.Backward(t.undo) {
		f()
	}
	t.planned = nil
}

func put[K comparable, V any](t *tx, m map[K]V, k K, v V) {
	old, had := m[k]
	t.undo = append(t.undo, func() {
		if had {
			m[k] = old
		} else {
			delete(m, k)
		}
	})
	m[k] = v
}

func drop[K comparable, V any](t *tx, m map[K]V, k K) {
	if old, had := m[k]; had {
		t.undo = append(t.undo, func() { m[k] = old })
		delete(m, k)
	}
}

// set changes a field of the tables.
func set[V any](t *tx, field *V, v V) {
	old := *field
	t.undo = append(t.undo, func() { *field = old })
	*field = v
}
