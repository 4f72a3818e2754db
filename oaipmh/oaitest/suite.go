package oaitest

import (
	"context"
	"fmt"
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

	// What the checks have found out so far.
	granularity string // what Identify says
	earliest    string
	compressed  map[string]bool // what Identify lists
	sample      string          // the sample identifier
	namespaces  map[string]string
	sets        map[string]bool
	hasSets     bool
	allSets     bool
	listed      []item            // of the walk through ListRecords
	stamps      map[string]string // identifier to datestamp, of the same walk
	began       string            // responseDate at the beginning of that walk
	unanswered  int               // requests that got no useful answer
}

func newSuite(ctx context.Context, base string, o Options) *suite {
	s := &suite{
		ctx: ctx, base: base, o: o, report: &Report{BaseURL: base}, results: make(map[string]*Result, len(checks)),
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
	s.report.Records = len(s.listed)
	return s.report
}

// pass notes that a check had something to look at, and found nothing wrong.
func (s *suite) pass(check string) {
	if r := s.results[check]; r.Outcome == Skipped {
		r.Outcome = Passed
	}
}

// fail notes what a check found wrong in an answer.
func (s *suite) fail(check string, a *reply, excerpt, format string, values ...any) {
	r := s.results[check]
	if r.Count++; r.Count > 1 {
		return
	}
	r.Outcome = Failed
	r.Found = fmt.Sprintf(format, values...)
	r.Request, r.Excerpt = a.request, cut(excerpt)
}

// check passes or fails by a condition.
func (s *suite) check(check string, ok bool, a *reply, excerpt, format string, values ...any) bool {
	if ok {
		s.pass(check)
	} else {
		s.fail(check, a, excerpt, format, values...)
	}
	return ok
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
