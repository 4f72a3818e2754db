package jsonapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Config says where a service is, and how its answers are read. What is called a path leads to a value in JSON:
// links.next, authors[0].name, ["dc:title"].
type Config struct {
	// From is the URL of the first page, with all that every request must say, such as the size of pages.
	From string
	// Items is the path of the list of items in an answer; empty if the answer itself is the list.
	Items string
	// Key is the path of the identifier in an item: a string or a number.
	Key string
	// Datestamp is the path of the time in an item at which it was last changed; may be empty.
	Datestamp string
	// Deleted is the path in an item of what is true if the item is deleted, or "not" and the path of what is false then;
	// may be empty.
	Deleted string
	// Ignore has the paths in an item of what changes while the record stays as it is, such as counts of views. It is kept
	// in originals and does not count when versions are compared.
	Ignore []string
	// Total is the path in an answer of the number of items that the service has, or "header" and the name of a header
	// of HTTP that says it; may be empty.
	Total string
	// Page says how the service goes from one page to the next. The zero value is a service that gives all at once.
	Page Page
	// Since says how the service is asked for what has changed. The zero value is a service that can't be.
	Since Since
	// Access holds what the server wants before it lets us in.
	Access harvest.Access
	// MaxBytes is how many bytes an answer may have; default 32 MiB.
	MaxBytes int64
	// Now is the clock that bounds what a server says of the time; default time.Now.
	Now func() time.Time
}

// A Page says how a service goes from one page to the next: one of Next, Link, Cursor, Number and Offset.
type Page struct {
	Next   string // path in the answer of the link to the next page
	Link   bool   // the link to the next page is in the header Link, with rel=next
	Cursor string // path in the answer of the cursor that Param is given for the next page
	Param  string // parameter of the cursor
	Number string // parameter of the number of a page
	Offset string // parameter of the number of items before a page
	// First is what the parameter says for the first page: of Number 1 by default, of Offset 0; for a Cursor nothing.
	First string
}

// A Since says how a service is asked for what has changed since a time.
type Since struct {
	Param string // the parameter
	// Value is what the parameter says, with {since} for the time; by default the time alone.
	Value string
	// Format is how the time is written: date (2026-05-01), datetime (2026-05-01T12:00:00Z, default) or epoch (seconds
	// since 1970).
	Format string
	// Overlap is how far back of the last pass the next one reaches; default 24 hours. Less than that may lose changes
	// where a server writes times without their zone.
	Overlap time.Duration
}

// Formats has the formats of times that [Since] knows.
var Formats = []string{"date", "datetime", "epoch"}

const (
	defaultMaxBytes = 32 << 20
	defaultOverlap  = 24 * time.Hour
	sinceMark       = "{since}" // stands for the time in the value of a parameter
)

// A Fetcher asks a server, as a [*harvest.Fetcher] does.
type Fetcher interface {
	Fetch(ctx context.Context, req harvest.Request) (*harvest.Response, error)
}

// A Problem says what is wrong with a field of a [Config].
type Problem struct {
	Field string // in lower case: "page"
	Text  string
}

// reading is a Config that was read.
type reading struct {
	from                         *url.URL
	items, key, datestamp        path
	deleted, total, next, cursor path
	totalHeader                  string
	ignore                       []path
	deletedIf                    string // what stands at deleted then
	first                        int
}

// Check finds everything that is wrong with a Config.
func (c *Config) Check() []Problem {
	_, problems := c.read()
	return problems
}

func (c *Config) read() (r reading, problems []Problem) {
	problem := func(field, format string, args ...any) {
		problems = append(problems, Problem{field, fmt.Sprintf(format, args...)})
	}
	at := func(field, text string) path {
		p, err := parsePath(text)
		if err != nil {
			problem(field, "%v", err)
		}
		return p
	}
	var err error
	if r.from, err = url.Parse(c.From); err != nil || r.from.Host == "" || r.from.Scheme != "http" && r.from.Scheme != "https" {
		problem("from", "must be the whole URL of the first page, such as https://api.example.org/works?rows=100")
		r.from = &url.URL{}
	}
	r.from.Fragment = ""
	r.items, r.key, r.datestamp = at("items", c.Items), at("key", c.Key), at("datestamp", c.Datestamp)
	for _, text := range c.Ignore {
		p := at("ignore", text)
		if text == "" {
			problem("ignore", "holds an empty path, which would be the whole item")
			continue
		}
		r.ignore = append(r.ignore, p)
	}
	if published, ok := strings.CutPrefix(c.Deleted, "not "); ok {
		r.deleted, r.deletedIf = at("deleted", strings.TrimSpace(published)), "false"
	} else {
		r.deleted, r.deletedIf = at("deleted", c.Deleted), "true"
	}
	if header, ok := strings.CutPrefix(c.Total, "header "); ok {
		r.totalHeader = strings.TrimSpace(header)
	} else {
		r.total = at("total", c.Total)
	}
	r.next, r.cursor = at("page", c.Page.Next), at("page", c.Page.Cursor)
	if c.Key == "" {
		problem("key", "is needed: the path in an item of its identifier, such as id or attributes.doi")
	}
	if r.first, err = c.Page.check(r.from); err != nil {
		problem("page", "%v", err)
	}
	if err := c.Since.check(r.from); err != nil {
		problem("since", "%v", err)
	}
	return r, problems
}

// check says what can't work, and gives the number of the first page or item.
func (p *Page) check(from *url.URL) (first int, err error) {
	ways, param := 0, p.Param
	for _, way := range []string{p.Next, p.Cursor, p.Number, p.Offset} {
		if way != "" {
			ways++
		}
	}
	if p.Link {
		ways++
	}
	switch {
	case ways > 1:
		return 0, errors.New("has more than one way to the next page; give one of next, link, cursor, number and offset")
	case (p.Cursor == "") != (p.Param == ""):
		return 0, errors.New("needs cursor and param together: the path of the cursor in an answer, and the parameter that takes it")
	case p.Number != "":
		param = p.Number
		first, err = numbered(p.First, 1)
	case p.Offset != "":
		param = p.Offset
		first, err = numbered(p.First, 0)
	case p.First != "" && p.Cursor == "":
		err = errors.New("has first, which is for cursor, number and offset")
	}
	if has, ok := parameter(from, param); err == nil && ok {
		err = fmt.Errorf("gives the parameter %s, which stands in from too (%s=%s); take it out there, and give its value as first", param, param, has)
	}
	return first, err
}

func numbered(first string, otherwise int) (int, error) {
	if first == "" {
		return otherwise, nil
	}
	n, ok := number([]byte(first))
	if !ok || n > 1_000_000_000 {
		return 0, fmt.Errorf("has first: %q, which is not a number from 0", first)
	}
	return n, nil
}

func (s *Since) check(from *url.URL) error {
	if s.Param+s.Value+s.Format == "" {
		return nil
	}
	has, ok := parameter(from, s.Param)
	switch {
	case s.Param == "":
		return errors.New("needs param: the parameter that asks for what has changed since a time, such as modified_since")
	case s.Value != "" && strings.Count(s.Value, sinceMark) != 1:
		return fmt.Errorf("has value: %q, in which %s must stand once, for the time", s.Value, sinceMark)
	case ok && !strings.Contains(s.Value, has):
		return fmt.Errorf("replaces the parameter %s, which says %q in from; value: must say that too, such as %q, or records that are not wanted would come", s.Param, has, has+","+sinceMark)
	case s.Overlap < 0:
		return errors.New("has an overlap below zero")
	}
	switch s.Format {
	case "", "date", "datetime", "epoch":
		return nil
	}
	return fmt.Errorf("has format: %q; known are %s", s.Format, strings.Join(Formats, ", "))
}
