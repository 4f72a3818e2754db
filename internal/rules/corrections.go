package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// Bounds of a file of corrections.
const (
	maxCorrections     = 8 << 20 // bytes
	maxCorrectionRows  = 200_000
	maxCorrectionFault = 20 // mistakes that are reported at once
)

// Corrections are the changes that people have made to single records by hand. They are applied after the rules each time
// a record is mapped, so they survive harvests and remaps.
type Corrections struct {
	name string
	by   map[string][]correction // by identifier
	hash [32]byte
}

// A correction is one row. If old is empty the row adds a value; if new is the zero value the row removes one.
type correction struct {
	line int
	term dublincore.Term
	old  string
	new  dublincore.Value
	who  string
	why  string
}

// correctionColumns has the columns of a file of corrections. A file may have them in any order.
var correctionColumns = []string{"identifier", "term", "old value", "new value", "who", "why"}

// ParseCorrections reads a CSV file of corrections (UTF-8, at most 8 MiB and 200,000 rows), whose first
// line names its columns: identifier, term, old value, new value, who, why. The identifier is that of a record (oai:…, or
// the part from the source's name on: letters/17), or the source's own for the record. Without an old value the new one is
// added; without a new value the old one is removed. Errors and notes call the file by name. Up to 20 mistakes are reported
// at once, each with its line.
func ParseCorrections(name string, data []byte) (*Corrections, error) {
	if len(data) > maxCorrections {
		return nil, fmt.Errorf("%s: is larger than %d MiB; correct so much with a rule", name, maxCorrections>>20)
	}
	c := &Corrections{name: name, by: map[string][]correction{}, hash: sha256.Sum256(data)}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("%s:1: needs a first line that names the columns: %s", name, strings.Join(correctionColumns, ","))
	}
	columns, err := c.columns(header)
	if err != nil {
		return nil, err
	}
	var faults []error
	for rows := 1; len(faults) < maxCorrectionFault; rows++ {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			// After a broken quotation mark nobody can be sure where a row ends.
			faults = append(faults, c.csvFault(err, len(row), len(header)))
			if !errors.Is(err, csv.ErrFieldCount) {
				break
			}
			continue
		}
		line, _ := in.FieldPos(0)
		if rows > maxCorrectionRows {
			return nil, fmt.Errorf("%s:%d: has more than %d corrections; correct so much with a rule", name, line, maxCorrectionRows)
		}
		if err := c.add(line, row, columns); err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, line, err))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return c, nil
}

// columns finds the place of each column.
func (c *Corrections) columns(header []string) (at [6]int, err error) {
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = strings.ToLower(strings.TrimSpace(h))
		if names[i] == "old" || names[i] == "new" {
			names[i] += " value"
		}
		if !slices.Contains(correctionColumns, names[i]) {
			return at, fmt.Errorf("%s:1: %q is not a column of corrections; the columns are %s", c.name, clipText(h), strings.Join(correctionColumns, ", "))
		}
		if slices.Contains(names[:i], names[i]) {
			return at, fmt.Errorf("%s:1: the column %q is there twice", c.name, names[i])
		}
	}
	for i, want := range correctionColumns {
		if at[i] = slices.Index(names, want); at[i] < 0 {
			return at, fmt.Errorf("%s:1: the column %q is missing; the columns are %s", c.name, want, strings.Join(correctionColumns, ", "))
		}
	}
	return at, nil
}

func (c *Corrections) csvFault(err error, have, want int) error {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	if errors.Is(err, csv.ErrFieldCount) {
		return fmt.Errorf("%s:%d: the row has %d columns, the first line has %d; put values with a comma in quotes", c.name, at.StartLine, have, want)
	}
	return fmt.Errorf("%s:%d: the row is not CSV: %w", c.name, at.Line, at.Err)
}

// add adds a row.
func (c *Corrections) add(line int, row []string, at [6]int) error {
	cell := func(i int) string { return strings.TrimSpace(row[at[i]]) }
	identifier, term, was, now := cell(0), cell(1), cell(2), cell(3)
	if identifier == "" {
		return errors.New("the row names no record: fill in the identifier")
	}
	t, ok := dublincore.TermNamed(term)
	if !ok {
		return c.termFault(term)
	}
	one := correction{line: line, term: t, old: was, who: cell(4), why: cell(5)}
	switch {
	case was == "" && now == "":
		return errors.New("the row has neither an old value nor a new one")
	case was == now:
		return errors.New("the old value and the new one are the same")
	case now != "":
		v, err := crosswalk.ContextValue(term, now)
		if err != nil {
			return valueFault(err)
		}
		v.From = dublincore.Curated
		one.new = v
	}
	for _, other := range c.by[identifier] {
		if was != "" && other.term == t && other.old == was {
			return fmt.Errorf("line %d corrects the same value of this record", other.line)
		}
	}
	c.by[identifier] = append(c.by[identifier], one)
	return nil
}

// termFault asks the crosswalk for the nearest term.
func (c *Corrections) termFault(term string) error {
	if _, err := crosswalk.ContextValue(clipText(term), "x"); err != nil {
		return valueFault(err)
	}
	return fmt.Errorf("%q is no term of a record", clipText(term))
}

// valueFault returns the message of a crosswalk's error without its place, because the place is another one here.
func valueFault(err error) error {
	var at *crosswalk.Error
	if !errors.As(err, &at) {
		return err
	}
	if at.Hint != "" {
		return fmt.Errorf("%s; did you mean %s?", at.Msg, at.Hint)
	}
	return errors.New(at.Msg)
}

func clipText(s string) string { return shorten(strings.ToValidUTF8(s, "\uFFFD")) }

// Len returns how many records have corrections.
func (c *Corrections) Len() int { return len(c.by) }

// Lines returns the lines of the corrections in their file, with the identifiers that they name.
func (c *Corrections) Lines() map[int]string {
	lines := make(map[int]string, len(c.by))
	for identifier, rows := range c.by {
		for i := range rows {
			lines[rows[i].line] = identifier
		}
	}
	return lines
}

// Hash returns a hash of the file, which identifies the corrections.
func (c *Corrections) Hash() [32]byte { return c.hash }

// A Correction is a correction of one record, as the explanation of the record needs it.
type Correction struct {
	File string
	Line int
	Who  string
	Why  string
	// Index is the place of the value that it made in Record.Values; -1 if it removed a value, or if the old value
	// was not there.
	Index int
	Gone  bool // the old value was not there, which a note on the record says too
}

// Apply corrects a record in the order of the file. A correction whose old value is not there changes nothing, and leaves
// a note.
func (c *Corrections) Apply(identifier, upstream string, r *dublincore.Record) []Correction {
	rows := c.of(identifier, upstream)
	if len(rows) == 0 {
		return nil
	}
	done := make([]Correction, len(rows))
	made := make([]dublincore.Value, len(rows))
	for i := range rows {
		done[i] = Correction{File: c.name, Line: rows[i].line, Who: rows[i].who, Why: rows[i].why, Index: -1}
		made[i], done[i].Gone = c.correct(&rows[i], r)
	}
	for i := range made { // only now have the values their final places
		if made[i].Text != "" {
			done[i].Index = slices.Index(r.Values, made[i])
		}
	}
	return done
}

// of returns the corrections of a record, whichever way they name it.
func (c *Corrections) of(identifier, upstream string) []correction {
	rows := c.by[identifier]
	more := func(name string) {
		if found := c.by[name]; len(found) > 0 {
			rows = append(rows[:len(rows):len(rows)], found...)
			slices.SortFunc(rows, func(a, b correction) int { return a.line - b.line })
		}
	}
	_, local, _ := strings.Cut(strings.TrimPrefix(identifier, "oai:"), ":")
	if local != "" {
		more(local)
	}
	if upstream != identifier && upstream != local {
		more(upstream)
	}
	return rows
}

// correct applies one row, and returns the value that it made.
func (c *Corrections) correct(row *correction, r *dublincore.Record) (made dublincore.Value, gone bool) {
	if row.old == "" {
		return put(r, -1, row.new), false
	}
	at := slices.IndexFunc(r.Values, func(v dublincore.Value) bool {
		return v.Term == row.term && (v.Text == row.old || v.Original == row.old)
	})
	if at < 0 {
		text := fmt.Sprintf("correction %s:%d: the value %q is gone", c.name, row.line, shorten(row.old))
		if slices.ContainsFunc(r.Values, func(v dublincore.Value) bool { return v.Term == row.term && v.Text == row.new.Text }) {
			text += ", and the source has the new one: the correction can go"
		}
		r.Note(row.term, dublincore.Warning, text)
		return made, true
	}
	if row.new.Text == "" {
		r.Values = slices.Delete(r.Values, at, at+1)
		return made, false
	}
	v := row.new
	v.Lang = r.Values[at].Lang
	return put(r, at, v), false
}

// put sets the value at a place, or at the end if that is -1. It removes another value that says the same, so that the
// one which a person wrote stays.
func put(r *dublincore.Record, at int, v dublincore.Value) dublincore.Value {
	if at < 0 {
		at = len(r.Values)
		r.Values = append(r.Values, v)
	}
	r.Values[at] = v
	i := 0
	r.Values = slices.DeleteFunc(r.Values, func(w dublincore.Value) bool {
		i++
		return i-1 != at && w.Term == v.Term && w.Text == v.Text && w.Lang == v.Lang && w.Scheme == v.Scheme
	})
	return v
}

// maxText bounds a text in a message, in bytes.
const maxText = 300

// shorten shortens a text for a message.
func shorten(s string) string { return wording.Shorten(s, maxText) }
