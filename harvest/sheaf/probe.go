package sheaf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Look is what a gateway says of itself.
type Look struct {
	BaseURL   string // of its OAI-PMH endpoint
	Domain    string // of its identifiers; empty if it has no records yet
	Records   int64  // that are live
	Datestamp string // of the end of its log
}

// Probe looks whether there is a gateway at this address; nil if there is none.
func Probe(ctx context.Context, f Fetcher, from string) (*Look, error) {
	s, err := New(Config{From: from}, f)
	if err != nil {
		return nil, err
	}
	first, err := s.look(ctx, cursor{Lines: 1})
	if err != nil || first == nil {
		return nil, err
	}
	look := &Look{BaseURL: s.config.BaseURL(), Domain: "", Datestamp: first.tail.Head.Datestamp}
	if len(first.lines) > 0 {
		look.Domain, _, _ = inDomain(first.lines[0].Identifier)
	}
	end, err := s.look(ctx, cursor{Lines: 1, At: first.tail.Head.place()})
	if err == nil && end != nil {
		look.Records = end.tail.Head.Records
	}
	return look, err
}

// look asks the feed; nil if there is none.
func (s *Source) look(ctx context.Context, c cursor) (*answer, error) {
	res, err := s.fetcher.Fetch(ctx, harvest.Request{URL: s.address(&c), Accept: "application/x-ndjson", Access: s.config.Access, MaxBody: maxAnswer, Check: isFeed})
	var e *harvest.Error
	switch {
	case errors.As(err, &e) && e.Status != 0 && e.Status != http.StatusTooManyRequests && e.Status < 500:
		return nil, nil
	case err != nil:
		return nil, err
	}
	a, err := read(res.Body, &c)
	if err != nil {
		return nil, nil // something else is there
	}
	return a, nil
}

// Items are those of an answer that somebody saved: its changes, in a form of which nothing says what it follows.
func Items(c Config, body []byte) (out []harvest.Item, err error) {
	s := &Source{config: c}
	for text := range bytes.Lines(body) {
		if bytes.HasPrefix(text, []byte(tailBegins)) || len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil || !l.good() {
			out = append(out, harvest.Item{Original: bytes.Clone(text), Rejected: &harvest.Rejection{Reason: "malformed", Detail: "the line is no change of a record"}})
			continue
		}
		at := cursor{}
		item, err := s.item(&at, &l)
		if err != nil {
			return nil, err
		}
		if !item.Deleted {
			out = append(out, item)
		}
	}
	return out, nil
}
