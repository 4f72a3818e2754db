package crosswalk

import (
	"errors"
	"fmt"
	"sync"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// Bounds of one application.
const (
	maxOriginal = 32 << 20 // bytes of an original
	maxMade     = 64 << 20 // bytes of text that pass through the transforms of one record in all
	maxValues   = 20_000   // values of one record
	maxFound    = 100_000  // things that the selectors of one rule find together
)

// ErrTooLarge means that an original, or what rules make of it, is beyond the bounds of this package.
var ErrTooLarge = errors.New("too large")

// ErrMalformed means that an original cannot be read in the format of the mapping.
var ErrMalformed = errors.New("malformed")

// ErrEmpty means that the rules find nothing in an original. What they say of every record ("is"), and the context of
// the source, would be a record that says nothing of the item.
var ErrEmpty = errors.New("nothing in it matches the mapping")

// A Mapping is a compiled mapping file. It never changes, and many goroutines may use it at once.
type Mapping struct {
	name     string
	format   string
	version  string
	family   family
	root     []rootName
	ignored  []attribute
	omitted  []selector // what no rule needs to look at
	reads    reads      // what the rules look at; nil if nobody can say
	rules    []*rule
	warnings []*warning
	runs     sync.Pool
}

// Name is the name that was given to [Compile].
func (m *Mapping) Name() string { return m.name }

// Format is the format that the mapping reads, as its format line says.
func (m *Mapping) Format() string { return m.format }

// Version identifies the rules by 16 hexadecimal digits, a hash over the text of the mapping, its includes and
// tables, and the revision of this package. Two mappings with the same version make the same record of an original.
func (m *Mapping) Version() string { return m.version }

// An Input is an original to map.
type Input struct {
	// Format is the name that the source gives to the format. It is used in errors only.
	Format string
	// Original is the metadata as the source sent it. It is not kept and not changed.
	Original []byte
	// Context is what the configuration says of every record of the source. Each value is added with the authority
	// [dublincore.Context], beside the values that were extracted, unless the record has it already.
	Context []dublincore.Value
}

// A Result is what a mapping made of an original.
type Result struct {
	Record *dublincore.Record
	// Notes say what reading and normalising changed, and what was not understood. Record.Notes is empty: the caller
	// decides whether the record should keep them.
	Notes []dublincore.Note
	// Warnings are what the "warn" lines of the mapping found.
	Warnings []Warning
	// Trace says where each value comes from. Only [Mapping.Explain] fills it.
	Trace []Trace
	// Unread are the fields with a text that no rule looks at. Only [Mapping.Explain] fills it; [Mapping.Apply] leaves it at
	// the note of the kind [dublincore.NotMapped].
	Unread []Unread
}

// A Trace says which rule made a value, and from which field of the original.
type Trace struct {
	Value  int             // index into Record.Values; -1 if none came of it
	Term   dublincore.Term // the rule's
	File   string          // the mapping file with the rule; "context" for a value of the configuration
	Line   int             // the rule's line
	Rule   string          // the line as written
	Source string          // the field, in the words of the format
	Input  string          // what the field says
	Reason string          // why no value, or no new one, came of it
}

// A run is one application of a mapping: its working memory, and what it has made so far.
type run struct {
	m         *Mapping
	root      node
	at        node // in which the rule selects: the root, or
	thing     item // the thing that it is for
	rule      *rule
	begin     int // of the values of the rule in hand
	out       *dublincore.Record
	res       *Result
	items     []item
	seen      map[saying]int // the values so far, once there are many
	used      int            // of items, at most so far
	spare     [][]item       // scratch of conditions and templates
	spent     int
	explain   bool
	overflow  bool
	extracted bool  // something came of the original itself
	fault     error // what a selector could not do; the record is given up
	state     familyState
	looking   bool   // the selectors find things to look into, of which a rule takes only some
	terms     uint64 // of Dublin Core: those that the original has, a bit each (there are fewer than 64)
}

// Apply maps an original. The error wraps [ErrMalformed], [ErrTooLarge] or [ErrEmpty]. It says that the item is bad,
// not the mapping.
func (m *Mapping) Apply(in Input) (*Result, error) { return m.apply(in, false) }

// Explain does the same as [Mapping.Apply], and adds a Trace for every value, and for everything that was selected
// but dropped. It is slower.
func (m *Mapping) Explain(in Input) (*Result, error) { return m.apply(in, true) }

func (m *Mapping) apply(in Input, explain bool) (*Result, error) {
	if len(in.Original) > maxOriginal {
		return nil, fmt.Errorf("%w: the original has %d bytes, the limit is %d", ErrTooLarge, len(in.Original), maxOriginal)
	}
	r := m.runs.Get().(*run)
	defer m.release(r)
	res := &Result{Record: &dublincore.Record{Values: make([]dublincore.Value, 0, 24)}}
	r.res, r.out, r.explain = res, res.Record, explain
	root, err := m.family.open(r, in.Original)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", formatName(in.Format, m.format), err)
	}
	r.root = root
	for _, ru := range m.rules {
		if err := r.apply(ru); err != nil {
			return nil, err
		}
	}
	if r.overflow {
		return nil, fmt.Errorf("%w: the rules make more than %d values of this record", ErrTooLarge, maxValues)
	}
	if !r.extracted {
		return nil, fmt.Errorf("%w %s (%s)", ErrEmpty, m.name, formatName(in.Format, m.format))
	}
	for _, w := range m.warnings {
		w.check(r)
	}
	if m.reads != nil {
		r.survey()
	}
	r.addContext(in.Context)
	res.Notes, res.Record.Notes = res.Record.Notes, nil
	return res, nil
}

func formatName(given, own string) string {
	if given != "" {
		return given
	}
	return own
}

// release makes the memory of r free for the next run. It keeps nothing of the original.
func (m *Mapping) release(r *run) {
	items, spare, state := r.items, r.spare, r.state
	if cap(items) > 4096 {
		items = nil
	}
	clear(items[:min(r.used, cap(items))])
	state.reset()
	*r = run{m: m, items: items[:0], spare: spare, state: state}
	m.runs.Put(r)
}

// full reports that a selector has found as much as it may, which ends the work on the record.
func (r *run) full(found []item) bool {
	if len(found) < maxFound {
		return false
	}
	r.fault = errFound
	return true
}

var errFound = fmt.Errorf("a selector finds more than %d things", maxFound)

// borrow returns working memory for items, which giveBack makes free again. A condition may borrow while a selector
// that has borrowed is still at work.
func (r *run) borrow() []item {
	if n := len(r.spare); n > 0 {
		s := r.spare[n-1]
		r.spare = r.spare[:n-1]
		return s
	}
	return make([]item, 0, 8)
}

func (r *run) giveBack(s []item) {
	if cap(s) <= 256 {
		clear(s)
		r.spare = append(r.spare, s[:0])
	}
}

// addContext adds what the configuration says of every record, beside what was extracted.
func (r *run) addContext(values []dublincore.Value) {
	for _, v := range values {
		v.Text = tidy(v.Text)
		v.From = dublincore.Context
		same := -1
		for i := range r.out.Values {
			if o := &r.out.Values[i]; o.Term == v.Term && o.Text == v.Text {
				same = i
			}
		}
		if v.Text == "" || v.Term == 0 {
			continue
		}
		t := Trace{Value: same, Term: v.Term, File: "context", Source: "the configuration", Input: v.Text}
		if same < 0 {
			r.out.Values = append(r.out.Values, v)
			t.Value = len(r.out.Values) - 1
		} else {
			t.Reason = "the same value is there already"
		}
		if r.explain {
			r.res.Trace = append(r.res.Trace, t)
		}
	}
}

// maxNote bounds what a note quotes, in bytes.
const maxNote = 300

// note records something about the rule's term.
func (r *run) note(kind dublincore.NoteKind, text string) {
	if len(r.out.Notes) < maxValues {
		r.out.Note(r.rule.term, kind, wording.Shorten(text, maxNote))
	}
}

func (r *run) trace(ru *rule, it *item, value int, reason string) {
	if !r.explain {
		return
	}
	r.res.Trace = append(r.res.Trace, Trace{Value: value, Term: ru.term, File: ru.file, Line: ru.line,
		Rule: ru.text, Source: it.source, Input: it.input, Reason: reason})
}
