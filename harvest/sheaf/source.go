package sheaf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Source is another gateway. It is safe for concurrent use.
type Source struct {
	config  Config
	fetcher Fetcher
	what    string // of the gateway is taken, for cursors
}

// New makes a Source. It asks for nothing yet.
func New(c Config, fetcher Fetcher) (*Source, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if fetcher == nil {
		return nil, errors.New("a source of another gateway needs a fetcher")
	}
	s := &Source{config: c, fetcher: fetcher}
	switch {
	case c.Source != "":
		s.what = "source " + c.Source
	case c.Set != "":
		s.what = "set " + c.Set
	}
	return s, nil
}

var (
	_ harvest.Source    = (*Source)(nil)
	_ harvest.Restarter = (*Source)(nil)
	_ harvest.Accepter  = (*Source)(nil)
	_ harvest.Detourer  = (*Source)(nil)
)

const (
	warnEpoch = "The gateway has begun a new epoch, because its log was put back or restored, so that everything is asked for again."
	warnTaken = "The gateway has taken records down. They are deleted here; sheaf takedown also erases what this gateway has handed on of them."
	// maxAnswer bounds an answer, in bytes; with fewer lines asked for it holds more of each.
	maxAnswer = 128 << 20
)

// Page gives the changes behind the place at the cursor. See [harvest.Source].
func (s *Source) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	c := s.readCursor(at)
	a, err := s.ask(ctx, &c)
	if err != nil {
		return nil, err
	}
	p := &harvest.Page{Full: c.Full}
	if a == nil { // the place is none of the gateway's log
		p.Warnings = append(p.Warnings, warnEpoch)
		c.Mixed = c.Some
		c.anew()
		p.Full, p.Next = true, c.write()
		return p, nil
	}
	taken := false
	for i := range a.lines {
		item, err := s.item(&c, &a.lines[i])
		if err != nil {
			return nil, err
		}
		taken = taken || a.lines[i].Reason == string(pipeline.Takedown)
		if c.Full && !item.Deleted {
			c.Live++
		}
		p.Items = append(p.Items, item)
	}
	if taken {
		p.Warnings = append(p.Warnings, warnTaken)
	}
	c.At, c.Fright, c.Some = a.tail.Next, 0, c.Some || len(p.Items) > 0
	if !a.tail.More {
		s.end(&c, p, a)
	}
	p.Next = c.write()
	return p, nil
}

// end ends a pass. A record that moved while everything was read came twice, so that more lines than the gateway has
// records are right, and fewer are not.
func (s *Source) end(c *cursor, p *harvest.Page, a *answer) {
	p.Done, p.Unproven = true, c.Mixed
	if c.Full && s.what == "" && c.Live < a.tail.Head.Records {
		p.Short = fmt.Sprintf("the gateway has %d records, and has given %d", a.tail.Head.Records, c.Live)
	}
	again := p.Unproven || p.Short != ""
	c.through()
	if again {
		c.anew()
	}
}

// Restart implements [harvest.Restarter].
func (s *Source) Restart(at harvest.Cursor) harvest.Cursor {
	c := s.readCursor(at)
	c.through()
	c.anew()
	return c.write()
}

// Accept implements [harvest.Accepter].
func (s *Source) Accept(at harvest.Cursor) harvest.Cursor {
	c := s.readCursor(at)
	c.Domain = ""
	return c.write()
}

// patience is how many runs in a row may fail at one place before fewer lines are asked for at once.
const patience = 2

// Detour implements [harvest.Detourer]. An answer that is too large for us, or too long for what is on the way, is asked for
// in smaller ones.
func (s *Source) Detour(at harvest.Cursor, err error) harvest.Cursor {
	c := s.readCursor(at)
	switch harvest.KindOf(err) {
	case harvest.Truncated, harvest.Timeout, harvest.HTTP5xx:
	default:
		return at
	}
	if c.Fright++; c.Fright >= patience {
		c.Fright, c.Lines = 0, max(1, c.lines()/4)
	}
	return c.write()
}

// An answer is what the feed says behind a place.
type answer struct {
	lines []line
	tail  tail
}

// A tail is the last line of an answer.
type tail struct {
	Head *head  `json:"head"`
	Next string `json:"next"`
	More bool   `json:"more"`
}

type head struct {
	Epoch     int64  `json:"epoch,string"`
	Seq       int64  `json:"seq,string"`
	Datestamp string `json:"datestamp"`
	Records   int64  `json:"records"` // there where nothing stands behind the answer
}

func (h *head) place() string { return pipeline.Cursor{Epoch: h.Epoch, Seq: h.Seq}.String() }

// ask asks for what stands behind the cursor's place; nil if that is no place of the gateway's log. Too large an answer is
// asked for in parts.
func (s *Source) ask(ctx context.Context, c *cursor) (*answer, error) {
	for {
		res, err := s.fetcher.Fetch(ctx, harvest.Request{
			URL: s.address(c), Accept: "application/x-ndjson", Access: s.config.Access, MaxBody: maxAnswer, Check: isFeed,
		})
		if harvest.KindOf(err) == harvest.TooLarge && c.lines() > 1 {
			c.Lines = max(1, c.lines()/4)
			continue
		}
		if err != nil || res.Status == http.StatusGone {
			return nil, err
		}
		a, err := read(res.Body, c)
		if err != nil {
			return nil, s.fault(res, err)
		}
		return a, nil
	}
}

func (s *Source) address(c *cursor) string {
	q := url.Values{"after": {"0"}, "limit": {strconv.Itoa(c.lines())}, "with": {"origin"}}
	if c.At != "" {
		q.Set("after", c.At)
	}
	if s.config.Originals {
		q.Set("with", "original")
	}
	if s.config.Source != "" {
		q.Set("source", s.config.Source)
	}
	if s.config.Set != "" {
		q.Set("set", s.config.Set)
	}
	return s.config.root() + "/changes?" + q.Encode()
}

// isFeed takes the answer by which a gateway refuses a place for an answer, and one without its last line for a cut one.
func isFeed(res *harvest.Response) harvest.Verdict {
	switch {
	case res.Status == http.StatusGone && isProblem(res.Body):
		return harvest.Good
	case res.Status == http.StatusOK && bytes.HasPrefix(res.Body, []byte(lineBegins)) && !bytes.HasPrefix(lastLine(res.Body), []byte(tailBegins)):
		return harvest.Broken
	}
	return harvest.ByStatus
}

// isProblem reports whether an answer is one by which a gateway says that a place is none of its epoch: anybody may
// answer 410.
func isProblem(body []byte) bool {
	var p struct {
		Epoch string `json:"epoch"`
	}
	return json.Unmarshal(body, &p) == nil && p.Epoch != ""
}

const (
	lineBegins = `{"identifier":`
	tailBegins = `{"head":`
)

func lastLine(body []byte) []byte {
	body, whole := bytes.CutSuffix(body, []byte("\n"))
	if !whole {
		return nil
	}
	return body[bytes.LastIndexByte(body, '\n')+1:]
}

// read reads an answer, and holds each line to the one before it.
func read(body []byte, c *cursor) (*answer, error) {
	a := &answer{}
	at := pipeline.Cursor{}
	if c.At != "" {
		before, _ := pipeline.ParsePosition(c.At) // it was read before
		at = before.Cursor
	}
	for text := range bytes.Lines(body) {
		if a.tail.Head != nil {
			return nil, errors.New("something follows the last line")
		}
		if bytes.HasPrefix(text, []byte(tailBegins)) {
			if err := json.Unmarshal(text, &a.tail); err != nil || a.tail.Head == nil {
				return nil, fmt.Errorf("the last line can't be read: %.200s", text)
			}
			continue
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil || !l.good() {
			return nil, fmt.Errorf("a line behind %s is no change: %.200s", at, text)
		}
		if at.Epoch != 0 && l.Epoch != at.Epoch || l.Seq <= at.Seq || l.Prev != at.Seq {
			return nil, fmt.Errorf("the line of %d.%d says that it follows %d, and came behind %s", l.Epoch, l.Seq, l.Prev, at)
		}
		at = pipeline.Cursor{Epoch: l.Epoch, Seq: l.Seq}
		a.lines = append(a.lines, l)
	}
	if a.tail.Head == nil {
		return nil, errCut
	}
	next, err := pipeline.ParsePosition(a.tail.Next)
	if err != nil || next.Seq < at.Seq || at.Epoch != 0 && next.Epoch != at.Epoch || a.tail.More && next.Cursor == at && len(a.lines) == 0 {
		return nil, fmt.Errorf("the answer ends at %.60q, behind %s", a.tail.Next, at)
	}
	return a, nil
}

var errCut = errors.New("the answer has no last line")

// fault is the error of an answer that can't be used.
func (s *Source) fault(res *harvest.Response, err error) error {
	e := &harvest.Error{Kind: harvest.Protocol, URL: harvest.Shown(res.URL), Status: res.Status, Detail: err.Error()}
	switch {
	case harvest.LooksLikeHTML(res.Body):
		e.Kind, e.Detail = harvest.HTML, "a web page instead of the feed of a gateway"
	case errors.Is(err, errCut):
		e.Kind = harvest.Truncated
	}
	return e
}
