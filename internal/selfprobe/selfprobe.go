// Package selfprobe walks the gateway's own list of all records, a page at a time, as a harvester would, and remembers
// what came of it. A page that can't be made, or a list that lost records, is found before a harvester meets it.
//
// It asks the handler of OAI-PMH itself, not over the network, so that it neither uses up anybody's budget nor counts as a
// harvester.
package selfprobe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// pageTime bounds what a page may take. A harvester that waits longer gives up.
const pageTime = time.Minute

// Options are what a Prober needs.
type Options struct {
	// OAI answers the requests of OAI-PMH.
	OAI http.Handler
	// URL is the base URL of that.
	URL string
	// Live is how many live records the log has now.
	Live func(context.Context) (int64, error)
	// Every is the rest between two pages.
	Every  time.Duration
	Logger *slog.Logger
}

// A State is what is known of the list. Times are zero if it did not happen yet.
type State struct {
	Asked time.Time     // when the last page was asked for
	Good  time.Time     // when a page was good last
	Took  time.Duration // that the last page took
	Err   error         // what was wrong with it; nil if nothing was

	Records int64 // that the walk under way has met; a record that moves meanwhile is met again

	Walked       time.Time // when the list was walked to its end last
	WalkedTotal  int64     // records that were met then, deleted ones too
	WalkedLacked int64     // how many fewer that are than there were live records at the beginning of the walk
}

// Trouble says what is wrong with the list; nil if nothing is known to be.
func (s State) Trouble() error {
	switch {
	case s.Err != nil:
		return fmt.Errorf("the page behind the first %d records of ListRecords: %w", s.Records, s.Err)
	case s.WalkedLacked > 0:
		return fmt.Errorf("the list of all records lacked %d records when it was walked to its end at %s", s.WalkedLacked, s.Walked.UTC().Format(time.RFC3339))
	}
	return nil
}

// A Prober walks the list.
type Prober struct {
	o     Options
	token string // of the next page; empty at the beginning
	live  int64  // at the beginning of the walk

	mu    sync.Mutex
	state State
}

// New makes a Prober. Nothing is asked before Run.
func New(o Options) *Prober { return &Prober{o: o} }

// State is what came of the probes until now.
func (p *Prober) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Run asks for a page, rests, and goes on so until ctx ends.
func (p *Prober) Run(ctx context.Context) error {
	tick := time.NewTicker(p.o.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		p.runOnce(ctx)
	}
}

// runOnce asks for the next page. One that is wrong is asked for again the next time.
func (p *Prober) runOnce(ctx context.Context) {
	began := time.Now()
	r, err := p.page(ctx)
	if ctx.Err() != nil {
		return // the gateway stops
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.state
	was := s.Trouble()
	s.Asked, s.Took, s.Err = began, time.Since(began), err
	if err == nil {
		s.Good = began
		p.met(r)
	}
	switch now := s.Trouble(); {
	case now != nil && was == nil:
		p.o.Logger.Warn("the gateway's own list of records is not right", "err", now)
	case now == nil && was != nil:
		p.o.Logger.Info("the gateway's own list of records is right again")
	}
}

// met notes what a good page has brought.
func (p *Prober) met(r *oaipmh.Response) {
	s := &p.state
	s.Records += int64(len(r.Records))
	if r.Token != nil && r.Token.Value != "" {
		p.token = r.Token.Value
		return
	}
	s.Walked, s.WalkedTotal, s.WalkedLacked = s.Asked, s.Records, max(0, p.live-s.Records)
	p.token, s.Records = "", 0
}

// page asks for the next page, and says what is wrong with it.
func (p *Prober) page(ctx context.Context) (*oaipmh.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	args := url.Values{"verb": {"ListRecords"}}
	if p.token == "" {
		args.Set("metadataPrefix", "oai_dc")
		live, err := p.o.Live(ctx)
		if err != nil {
			return nil, err
		}
		p.live = live
	} else {
		args.Set("resumptionToken", p.token)
	}
	r, err := p.ask(ctx, args)
	if err != nil {
		return nil, err
	}
	switch {
	case p.token == "" && r.Error("noRecordsMatch") != nil:
		return r, nil // an empty log
	case p.token != "" && r.Error("badResumptionToken") != nil:
		// A new epoch has begun: the list begins again, for everybody.
		p.token = ""
		p.mu.Lock()
		p.state.Records = 0
		p.mu.Unlock()
		return p.page(ctx)
	case len(r.Errors) > 0:
		return nil, &r.Errors[0]
	case r.Verb != "ListRecords" || len(r.Records) == 0:
		return nil, errors.New("a page without records")
	case len(r.Warnings) > 0:
		return nil, errors.New(r.Warnings[0])
	case r.Token != nil && r.Token.Value == p.token && p.token != "":
		return nil, errors.New("the page leads to itself")
	}
	for i := range r.Records {
		if problem := r.Records[i].Received.Problem; problem != "" {
			return nil, fmt.Errorf("%s: %s", r.Records[i].Identifier, problem)
		}
	}
	return r, nil
}

// ask makes one request of the handler.
func (p *Prober) ask(ctx context.Context, args url.Values) (*oaipmh.Response, error) {
	req, err := http.NewRequestWithContext(context.WithValue(ctx, probeKey{}, true), http.MethodGet, p.o.URL+"?"+args.Encode(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "Sheaf self-probe")
	resp, err := oaitest.Transport(p.o.OAI).RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	return oaipmh.ReadResponse(body)
}

type probeKey struct{}

// Is reports whether a request is one of a Prober, which nobody counts.
func Is(r *http.Request) bool { return r.Context().Value(probeKey{}) != nil }
