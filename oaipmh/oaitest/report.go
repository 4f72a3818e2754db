package oaitest

import (
	"fmt"
	"io"
	"strings"
)

// An Outcome is how a check came out.
type Outcome string

// The outcomes of checks.
const (
	Passed Outcome = "passed"
	// Failed means that something is against the specification.
	Failed Outcome = "failed"
	// Advised means that something is not against the specification, but harvesters suffer from it.
	Advised Outcome = "advice"
	// Follows means that what was found is nothing but what follows from what another check found.
	Follows Outcome = "follows"
	// Skipped means that there was nothing to check it by: no sets, say, or no second page.
	Skipped Outcome = "skipped"
)

// A Result is what one check found.
type Result struct {
	Check   string  `json:"check"`  // a stable name, such as "until-day"
	What    string  `json:"what"`   // what a repository should do
	Clause  string  `json:"clause"` // the section of the specification, or who advises it
	Advice  bool    `json:"advice"` // harvesters want it, though the specification does not demand it
	Outcome Outcome `json:"outcome"`

	// Of a check that found something: how many times, and the first time, or what it follows from.
	Count   int    `json:"count,omitempty"`
	Cause   string `json:"cause,omitempty"` // the check that explains it, if the outcome is Follows
	Found   string `json:"found,omitempty"`
	Request string `json:"request,omitempty"`
	Excerpt string `json:"excerpt,omitempty"` // of the answer, at most 300 bytes
}

// A Report is what [Check] has found.
type Report struct {
	BaseURL  string `json:"base_url"`
	Requests int    `json:"requests"`
	Bytes    int64  `json:"bytes"` // of all answers, as they were sent
	Records  int    `json:"records"`
	// Complete says that Check came to the end of the list of records.
	Complete bool `json:"complete"`
	// Stopped says why the checks ended early; empty if they did not.
	Stopped string   `json:"stopped,omitempty"`
	Results []Result `json:"results"` // one for each check, in a fixed order
}

// Result returns the result of a check by its name.
func (r *Report) Result(check string) (Result, bool) {
	for _, x := range r.Results {
		if x.Check == check {
			return x, true
		}
	}
	return Result{}, false
}

// Failures returns the checks that found something: against the specification's demands, and advice. What only follows
// from these is not among them.
func (r *Report) Failures() (demands, advice []Result) {
	for _, x := range r.Results {
		switch x.Outcome {
		case Failed:
			demands = append(demands, x)
		case Advised:
			advice = append(advice, x)
		}
	}
	return demands, advice
}

// WriteText writes the report for people: what was found in full, with what follows from it, and all other checks in a line
// each. If the checks ended early
// it leaves out those that were skipped, so that the reason for the end is not lost among them.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	walked := "was not walked to the end"
	if r.Complete {
		walked = "was walked to the end"
	}
	fmt.Fprintf(&b, "%s: %d requests, %d records, the list %s\n", r.BaseURL, r.Requests, r.Records, walked)
	if r.Stopped != "" {
		fmt.Fprintf(&b, "stopped early: %s\n", r.Stopped)
	}
	count := make(map[Outcome]int)
	for _, x := range r.Results {
		count[x.Outcome]++
		if x.Outcome == Follows || x.Outcome == Skipped && r.Stopped != "" {
			continue
		}
		fmt.Fprintf(&b, "%-8s%-24s%s (%s)\n", x.Outcome, x.Check, x.What, x.Clause)
		if x.Outcome == Failed || x.Outcome == Advised {
			r.writeFound(&b, &x)
		}
	}
	fmt.Fprintf(&b, "%d passed, %d failed, %d advice, %d skipped", count[Passed], count[Failed], count[Advised], count[Skipped])
	if n := count[Follows]; n > 0 {
		fmt.Fprintf(&b, ", %d only because of others", n)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// writeFound writes what a check found, and which other checks found something only because of that.
func (r *Report) writeFound(b *strings.Builder, x *Result) {
	fmt.Fprintf(b, "        found:   %s", x.Found)
	if x.Count > 1 {
		fmt.Fprintf(b, " (%d times)", x.Count)
	}
	fmt.Fprintf(b, "\n        request: %s\n", x.Request)
	if x.Excerpt != "" {
		fmt.Fprintf(b, "        answer:  %q\n", x.Excerpt)
	}
	var hence []string
	for _, y := range r.Results {
		if y.Outcome == Follows && y.Cause == x.Check {
			hence = append(hence, y.Check)
		}
	}
	if len(hence) > 0 {
		fmt.Fprintf(b, "        hence:   %s\n", strings.Join(hence, ", "))
	}
}
