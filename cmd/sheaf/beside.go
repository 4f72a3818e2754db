package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// narrow is the width below which two columns can't be read in a terminal.
const narrow = 70

// printBeside prints a text and lines side by side in a terminal of some width, or one below the other if the terminal is
// too narrow.
func printBeside(w io.Writer, left string, right []string, columns int) {
	lines := strings.Split(strings.TrimRight(left, "\n"), "\n")
	if columns < narrow {
		for _, l := range append(append(lines, ""), right...) {
			for _, part := range wrap(l, columns) {
				fmt.Fprintln(w, part)
			}
		}
		fmt.Fprintln(w)
		return
	}
	half := (columns - 3) / 2
	a, b := wrapAll(lines, half), wrapAll(right, columns-3-half)
	for i := range max(len(a), len(b)) {
		var l, r string
		if i < len(a) {
			l = a[i]
		}
		if i < len(b) {
			r = b[i]
		}
		line := l + strings.Repeat(" ", half-cells(l)) + " | " + r
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	fmt.Fprintln(w)
}

func wrapAll(lines []string, columns int) (out []string) {
	for _, l := range lines {
		out = append(out, wrap(l, columns)...)
	}
	return out
}

// wrap breaks a line into parts of at most so many cells, between words if it can. The parts after the first one are
// indented a little more.
func wrap(line string, columns int) []string {
	var out []string
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	if len(indent) > columns/2 {
		line, indent = line[len(indent):], ""
	}
	for cells(line) > columns {
		at, used, space := 0, 0, -1
		for i, r := range line {
			if used += cell(r); used > columns {
				break
			}
			if at = i + len(string(r)); r == ' ' && i > len(indent) {
				space = at
			}
		}
		if space > at/2 {
			at = space
		}
		if at <= len(indent) { // one character is wider than the whole line
			break
		}
		out = append(out, strings.TrimRight(line[:at], " "))
		line = indent + strings.TrimLeft(line[at:], " ")
	}
	return append(out, line)
}

// cells returns how many cells of a terminal a text takes.
func cells(s string) (n int) {
	for _, r := range s {
		n += cell(r)
	}
	return n
}

func cell(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
