package oaitest

import (
	"context"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A suite is one run of Check.
type suite struct {
	ctx     context.Context // of the run; a suite does not outlive Check
	base    string
	o       Options
	report  *Report
	results map[string]*Result

	findings []*finding
	count    map[string]int // of the findings of each check
	answers  int            // that came so far
	lists    int            // that were walked, or are

	// What the checks have found out so far.
	granularity string // what Identify says, or else what datestamps are in
	declared    bool   // Identify gives a legal granularity
	baseURL     string // what Identify says
	deleted     string // what Identify says of deleted records
	earliest    string
	compressed  map[string]bool // what Identify lists
	sample      string          // the sample identifier
	namespaces  map[string]string
	sets        map[string]bool
	allSets     bool
	listed      []item            // of the walk through ListRecords
	stamps      map[string]string // identifier to datestamp, of the same walk
	began       string            // the repository's time at the beginning of that walk
	noSeconds   bool              // dates in seconds are refused
	noDays      bool              // dates in days are refused
	unanswered  int               // requests that got no useful answer
}

func newSuite(ctx context.Context, base string, o Options) *suite {
	s := &suite{
		ctx: ctx, base: base, o: o, report: &Report{BaseURL: base}, results: make(map[string]*Result, len(checks)), count: make(map[string]int),
		namespaces: make(map[string]string), sets: make(map[string]bool), compressed: make(map[string]bool), stamps: make(map[string]string),
	}
	s.report.Results = make([]Result, len(checks))
	for i, c := range checks {
		s.report.Results[i] = Result{Check: c.name, What: c.what, Clause: c.clause, Advice: c.advice, Outcome: Skipped}
		s.results[c.name] = &s.report.Results[i]
	}
	return s
}

func (s *suite) finish() *Report {
	s.conclude()
	s.report.Records = len(s.listed)
	return s.report
}

// pass notes that a check had something to look at, and found nothing wrong.
func (s *suite) pass(check string) {
	if r := s.results[check]; r.Outcome == Skipped {
		r.Outcome = Passed
	}
}

// cut shortens an excerpt to 300 bytes. It leaves out the beginning that all answers have in common.
func cut(s string) string {
	const most = 300
	if i := strings.Index(s, "<request"); i > 0 && strings.HasPrefix(s, "<?xml") {
		s = s[i:]
	}
	return wording.Shorten(s, most)
}

// run goes through the specification in the order of a harvester: what the repository is, what it has, and the lists. Then
// it makes odd requests.
func (s *suite) run() error {
	for _, step := range []func() error{
		s.identify, s.formats, s.listSets, s.listRecords, s.listIdentifiers, s.tokens, s.getRecords, s.setLists, s.setDeleted,
		s.windows, s.badRequests, s.transport,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// wait pauses between requests.
func (s *suite) wait(d time.Duration) error {
	if d <= 0 {
		return s.ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}
