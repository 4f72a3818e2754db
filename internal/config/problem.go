package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// How many problems are told at once: the rest is usually the same mistake again.
const (
	maxProblems = 100
	maxWarnings = 50
)

// A Problem is one thing that is wrong in the configuration.
type Problem struct {
	File         string // as the user named it, or as it was included
	Line, Column int    // from 1; 0 where the whole file is meant
	Key          string // "sources.cold-war.every"; empty where no key is meant
	Message      string // what is wrong, and what to do
	Warning      bool   // the gateway runs all the same
}

// String is the problem in one line: file:line:column: key: message.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Warning {
		b.WriteString("warning: ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems are all that is wrong, in the order of the files. As an error it is a line for each.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// split parts what stops the gateway from what does not.
func (ps Problems) split() (stop, warn Problems) {
	for _, p := range ps {
		if p.Warning {
			warn = append(warn, p)
		} else {
			stop = append(stop, p)
		}
	}
	return stop, warn
}

// A collector gathers problems. A group's problem is met again in each source of the group: the same
// words at the same place are kept once.
type collector struct {
	found    []Problem
	order    map[string]int // the files, as they were read
	seen     map[Problem]bool
	stops    int // problems that are not warnings
	warnings int
}

func (c *collector) add(p Problem) {
	same := p
	same.Key = ""
	if p.Line > 0 && c.seen[same] {
		return
	}
	n, limit := &c.stops, maxProblems
	if p.Warning {
		n, limit = &c.warnings, maxWarnings
	}
	if *n++; *n > limit {
		return
	}
	if c.seen == nil {
		c.seen = map[Problem]bool{}
	}
	c.seen[same] = true
	c.found = append(c.found, p)
}

func (c *collector) problems() Problems {
	out := slices.Clone(c.found)
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(c.order[a.File], c.order[b.File]),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if more := c.stops - maxProblems; more > 0 {
		out = append(out, Problem{File: out[0].File,
			Message: fmt.Sprintf("%d more problems are not shown; mend these first", more)})
	}
	return out
}

// cause is what the system says, without the name of the file, which stands before it already.
func cause(err error) error {
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("does not exist")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("may not be read by this user")
	case errors.As(err, &p):
		return p.Err
	}
	return err
}
