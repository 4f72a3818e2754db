package crosswalk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// Bounds of a look-up table.
const (
	maxTable     = 8 << 20 // bytes of its file
	maxTableRows = 200_000
	maxKeyWords  = 12 // words of a key that first_of looks for
)

// A table gives a meaning to words, whatever their case and the punctuation at their ends.
type table struct {
	rows     map[string]string // by folded key
	maxWords int               // words of the longest key
	builtin  bool
}

// fold makes a key of a text: lower case, single spaces, no punctuation at the ends.
func fold(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(".,:;/!?\"'“”‘’()[]", r) })
	return strings.ToLower(strings.Join(strings.Fields(s), " "))
}

func (t *table) find(s string) (string, bool) {
	if v, ok := t.rows[s]; ok {
		return v, true
	}
	v, ok := t.rows[fold(s)]
	return v, ok
}

func (t *table) add(key, value string) error {
	k := fold(key)
	if k == "" {
		return errors.New("a row of the table has an empty key")
	}
	if old, ok := t.rows[k]; ok && old != value {
		return fmt.Errorf("the table says two things of %q: %q and %q", k, old, value)
	}
	if len(t.rows) == maxTableRows {
		return fmt.Errorf("the table has more than %d rows", maxTableRows)
	}
	t.rows[k] = value
	t.maxWords = max(t.maxWords, min(maxKeyWords, 1+strings.Count(k, " ")))
	return nil
}

// firstOf is the meaning of the key that stands first in a text, as whole words. If several keys begin at the same
// word, it is the longest.
func (t *table) firstOf(text string) (string, bool) {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '\'' && r != '’'
	})
	for i := range words {
		for n := min(t.maxWords, len(words)-i); n > 0; n-- {
			if v, ok := t.rows[strings.Join(words[i:i+n], " ")]; ok {
				return v, true
			}
		}
	}
	return "", false
}

// table finds the table that w names: one that the mapping declares, or a built-in one.
func (c *compiler) table(w word) (*table, error) {
	if t, ok := c.tables[w.text]; ok {
		return t, nil
	}
	data, err := builtinFiles.ReadFile("tables/" + w.text + ".csv")
	if err != nil {
		var names []string
		for n := range c.tables {
			names = append(names, n)
		}
		for _, n := range builtinNames() {
			if t, ok := strings.CutSuffix(n, ".csv"); ok {
				names = append(names, t)
			}
		}
		slices.Sort(names)
		return nil, c.hint(w, names, "there is no table %q; declare it above: table %s from FILE.csv", w.text, w.text)
	}
	t, err := readTable(data, "", "")
	if err != nil {
		return nil, fmt.Errorf("the built-in table %q: %w", w.text, err)
	}
	c.hash.Write(data)
	t.builtin = true
	c.tables[w.text] = t
	return t, nil
}

// tableStatement compiles "table NAME [from FILE] [key COLUMN] [value COLUMN]" with its rows.
func (c *compiler) tableStatement(head word, args []word, below []line) {
	if len(args) == 0 {
		c.fail(head, "write: %s", formOf("table"))
		return
	}
	name, args := args[0], args[1:]
	options := map[string]word{}
	for len(args) > 0 {
		w := args[0]
		if !w.is("from") && !w.is("key") && !w.is("value") || len(args) < 2 {
			c.failWith(w, c.hint(w, []string{"from", "key", "value"}, "%q is not understood here; write: %s", w.text, formOf("table")))
			return
		}
		options[w.text] = args[1]
		args = args[2:]
	}
	if had, ok := c.tables[name.text]; ok {
		if had.builtin {
			c.fail(name, "the built-in table %q is used above; declare your own before the first rule that uses it, or give it another name", name.text)
		} else {
			c.fail(name, "the table %q is declared above already", name.text)
		}
		return
	}
	c.tables[name.text] = &table{} // should it be no good, that is said here, and not of each rule that uses it
	from, ok := options["from"]
	if !ok {
		c.tables[name.text] = c.inlineTable(below)
		return
	}
	if len(below) > 0 {
		c.fail(below[0].words[0], "a table from a file has no rows of its own")
	}
	data, resolved, err := c.open(from.text)
	if err != nil {
		c.failWith(from, err)
		return
	}
	t, err := readTable(data, options["key"].text, options["value"].text)
	if err != nil {
		var own *Error
		if errors.As(err, &own) {
			own.File = resolved
		}
		c.failWith(from, err)
		return
	}
	c.hash.Write(data)
	c.tables[name.text] = t
}

// inlineTable reads the rows below a table line: key words = value words, or key words alone.
func (c *compiler) inlineTable(below []line) *table {
	t := &table{rows: map[string]string{}}
	for _, l := range below {
		at := slices.IndexFunc(l.words, func(w word) bool { return w.is("=") })
		key, value := l.words, l.words
		if at >= 0 {
			key, value = l.words[:at], l.words[at+1:]
		}
		if err := t.add(joinWords(key), joinWords(value)); err != nil {
			c.failWith(l.words[0], err)
		}
	}
	return t
}

func joinWords(words []word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	return strings.Join(texts, " ")
}

// readTable reads a CSV table. Key and value name its columns; by default the first and the second
// (the first again, if there is no second).
func readTable(data []byte, key, value string) (*table, error) {
	if len(data) > maxTable {
		return nil, fmt.Errorf("the table is larger than %d MiB", maxTable>>20)
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return nil, &Error{Line: 1, Msg: "the table has no header line that names its columns"}
	}
	columns := slices.Clone(header)
	k, v := 0, min(1, len(columns)-1)
	for _, want := range []struct {
		name string
		at   *int
	}{{key, &k}, {value, &v}} {
		if want.name == "" {
			continue
		}
		if *want.at = slices.Index(columns, want.name); *want.at < 0 {
			return nil, &Error{Line: 1, Msg: fmt.Sprintf("the table has no column %q; its columns are %s", want.name, strings.Join(columns, ", ")),
				Hint: wording.Nearest(want.name, columns)}
		}
	}
	t := &table{rows: map[string]string{}}
	for {
		row, err := in.Read()
		if err == io.EOF {
			return t, nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			msg := fmt.Sprintf("the row is no CSV: %v", wrong.Err)
			if errors.Is(wrong.Err, csv.ErrFieldCount) {
				msg = fmt.Sprintf("the row has %d columns, the header has %d; put values with a comma in quotes", len(row), len(columns))
			}
			return nil, &Error{Line: wrong.Line, Col: wrong.Column, Msg: msg}
		}
		if err != nil {
			return nil, err
		}
		if err := t.add(row[k], row[v]); err != nil {
			line, _ := in.FieldPos(0)
			return nil, &Error{Line: line, Msg: err.Error()}
		}
	}
}
