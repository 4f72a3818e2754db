package kinds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A Place is somewhere that records may come from: a URL, a file or a folder.
type Place struct {
	URL  *url.URL // nil for a file
	Path string   // the absolute path of a file or a folder; empty for a URL
	// Fetcher asks the URL.
	Fetcher *harvest.Fetcher
	// HasMapping says whether there is a built-in mapping for a format.
	HasMapping func(harvest.Format) bool

	content *harvest.Response
}

// maxProbed bounds a file that is looked at, in bytes.
const maxProbed = 16 << 20

// String is the place as the world may see it.
func (p *Place) String() string {
	if p.URL != nil {
		return harvest.Shown(p.URL.String())
	}
	return p.Path
}

// Content fetches the page at the place, or reads the file, once for all kinds. A file has no header and no URL.
func (p *Place) Content(ctx context.Context) (*harvest.Response, error) {
	if p.content != nil {
		return p.content, nil
	}
	if p.URL != nil {
		res, err := p.Fetcher.Fetch(ctx, harvest.Request{URL: p.URL.String(), Accept: "text/html, text/plain;q=0.9, */*;q=0.1"})
		p.content = res
		return res, err
	}
	f, err := os.Open(p.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxProbed+1))
	if err != nil {
		return nil, err
	}
	p.content = &harvest.Response{Body: body}
	return p.content, nil
}

// NotThis says that a place is not of the kind that has looked at it.
type NotThis struct {
	Why    string // a sentence, if it is almost of the kind; else empty
	Advice string // a sentence for those who expected one of the kind; empty for a file
}

func (n NotThis) Error() string { return n.Why }

// Probe finds the kind that a place is of, and how to harvest it. The error of a place at which there is nothing to
// harvest says what each kind has found.
func Probe(ctx context.Context, p *Place) (*Proposal, error) {
	var tried, why, advice []string
	for _, k := range table {
		if k.Probe == nil {
			continue
		}
		proposal, err := k.Probe(ctx, p)
		var not NotThis
		if !errors.As(err, &not) {
			return proposal, err
		}
		if not == (NotThis{}) { // a kind that is not for such places
			continue
		}
		tried = append(tried, k.What)
		why, advice = append(why, not.Why), append(advice, not.Advice)
	}
	said := strings.Join(strings.Fields(strings.Join(append(why, advice...), " ")), " ")
	return nil, fmt.Errorf("%s is %s%s: %s", wording.ClipLine(p.String(), 200), p.what(ctx), noneOf(tried), said)
}

// what begins the sentence about a place that no kind takes by what is there; empty if that can't be told.
func (p *Place) what(ctx context.Context) string {
	content, err := p.Content(ctx)
	if err != nil {
		return ""
	}
	if what := harvest.WhatIs(content.Body); what != "" {
		return what + ", and "
	}
	return ""
}

// noneOf says that something is nothing of these: "not a page", "neither a repository nor a page".
func noneOf(whats []string) string {
	n := len(whats)
	switch n {
	case 0:
		return "nothing to harvest"
	case 1:
		return "not " + whats[0]
	}
	return "neither " + strings.Join(whats[:n-1], ", ") + " nor " + whats[n-1]
}
