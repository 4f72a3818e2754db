package crosswalk

import (
	"fmt"
	"strings"
)

// An Error is one mistake in a mapping file, in words that its author knows.
type Error struct {
	File string // name of the mapping or table file
	Line int    // from 1; 0 if the file as a whole is meant
	Col  int    // in characters, from 1; 0 if the line as a whole is meant
	Msg  string // what is wrong, and what to do
	Hint string // the nearest right word, if one is near
}

// Error is "file:line:column: message; did you mean …?".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
		if e.Col > 0 {
			fmt.Fprintf(&b, ":%d", e.Col)
		}
	}
	b.WriteString(": ")
	b.WriteString(e.Msg)
	if e.Hint != "" {
		fmt.Fprintf(&b, " (did you mean %q?)", e.Hint)
	}
	return b.String()
}

// Errors are the mistakes in a mapping, in the order of its lines. They are at most 50.
type Errors []*Error

// maxErrors is the number of mistakes after which a compiler stops: such a file is probably not a mapping.
const maxErrors = 50

// Error is one line for each error.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets [errors.As] find each *Error.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, x := range e {
		out[i] = x
	}
	return out
}
