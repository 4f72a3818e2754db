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

// nearest is the candidate that the writer of word most likely meant; empty if none is similar.
func nearest(word string, candidates []string) string {
	if word == "" || len(word) > 64 {
		return ""
	}
	best, bestDistance := "", 1+max(1, len(word)/3)
	low := strings.ToLower(word)
	for _, c := range candidates {
		d := distance(low, strings.ToLower(c), bestDistance)
		if len(low) >= 3 && strings.HasPrefix(strings.ToLower(c), low) {
			d = min(d, 1) // the word is cut short
		}
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance counts the letters that must be changed, added, removed or swapped to turn a into b. It stops at limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	older, prev, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, prev, row = prev, row, older
	}
	return min(prev[len(y)], limit)
}
