package ops

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// An amount is how often something was met.
type amount struct {
	Word string
	N    int64
}

// amounts are those of several maps together, the largest first.
func amounts(of ...map[string]int64) (out []amount) {
	sum := map[string]int64{}
	for _, m := range of {
		for word, n := range m {
			sum[word] += n
		}
	}
	for _, word := range slices.Sorted(maps.Keys(sum)) {
		out = append(out, amount{word, sum[word]})
	}
	slices.SortStableFunc(out, func(a, b amount) int { return -cmp.Compare(a.N, b.N) })
	return out
}

const (
	everySource  = 10
	everyRunning = 3 // while a run goes on
)

// keptRuns is how many runs of a source may be kept (keep.runs).
const keptRuns = 10_000

// source shows one source with its runs.
func (s *ops) source(r *http.Request) (*finding, error) {
	info, err := s.Commands.OneSource(r.Context(), r.PathValue("source"))
	if err != nil {
		return nil, err
	}
	runs, err := s.Commands.Runs(r.Context(), info.Name, keptRuns)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	state := info.State(false, now)
	st := standing{SourceInfo: *info, State: state, Look: info.NeedsLook(state), Now: now}
	data := struct {
		*standing
		Runs     []store.PastRun
		Advice   string
		Ended    []amount // how runs ended
		Requests []amount // how requests were answered
		Rejected []amount
		Charts   []chart
		Bytes    int64
		Progress *progress
		From     []string
	}{standing: &st, Runs: runs, From: info.From}
	ended := map[string]int64{}
	var requests, rejected []map[string]int64
	for i := range runs {
		run := &runs[i]
		if !run.Ended.IsZero() {
			ended[run.Result]++
		} else if state == store.StateRunning && i == 0 {
			data.Progress = newProgress(run, info.Total, now)
		}
		requests, rejected = append(requests, run.Account.Requests), append(rejected, run.Account.Rejected)
		data.Bytes += run.Account.Bytes
	}
	if len(runs) > 0 {
		data.Advice = runs[0].Account.Advice
	}
	data.Ended, data.Requests, data.Rejected = amounts(ended), amounts(requests...), amounts(rejected...)
	data.Charts = charts(runs, now)
	every := everySource
	if state == store.StateRunning {
		every = everyRunning
	}
	return &finding{template: "source", here: "/sources", title: st.Shown(), every: every, data: data}, nil
}

// A progress is how far a run is that goes on.
type progress struct {
	Items, Total int64
	Share        int           // in percent, 100 at most; 0 if nobody says how much there is
	Left         time.Duration // if it goes on as it did; 0 if that is not known
	Speed        float64       // items in a second
	Quiet        time.Duration // since when nothing came
}

func newProgress(run *store.PastRun, total int, now time.Time) *progress {
	p := &progress{Items: run.Counts.Items, Total: int64(total), Quiet: now.Sub(run.Heartbeat)}
	if took := now.Sub(run.Began); took > 0 {
		p.Speed = float64(p.Items) / took.Seconds()
	}
	if p.Total > 0 && p.Items > 0 {
		p.Share = int(min(100, 100*p.Items/p.Total))
		if p.Total > p.Items && p.Speed > 0 {
			p.Left = time.Duration(float64(p.Total-p.Items) / p.Speed * float64(time.Second))
		}
	}
	return p
}

// run shows one run.
func (s *ops) run(r *http.Request) (*finding, error) {
	info, err := s.Commands.OneSource(r.Context(), r.PathValue("source"))
	if err != nil {
		return nil, err
	}
	runs, err := s.Commands.Runs(r.Context(), info.Name, keptRuns)
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseInt(r.PathValue("run"), 10, 64)
	i := slices.IndexFunc(runs, func(run store.PastRun) bool { return run.ID == id })
	if err != nil || i < 0 {
		return nil, errNoPage
	}
	run, now := &runs[i], time.Now()
	state := info.State(false, now)
	data := struct {
		*store.PastRun
		Of                 *standing
		Requests, Rejected []amount
		Took               time.Duration
		Live               bool
		Progress           *progress
		Earlier, Later     int64
	}{PastRun: run, Of: &standing{SourceInfo: *info, State: state, Now: now}, Requests: amounts(run.Account.Requests), Rejected: amounts(run.Account.Rejected)}
	if data.Live = run.Ended.IsZero() && i == 0 && state == store.StateRunning; data.Live {
		data.Took, data.Progress = now.Sub(run.Began), newProgress(run, info.Total, now)
	} else if !run.Ended.IsZero() {
		data.Took = run.Ended.Sub(run.Began)
	}
	if i > 0 {
		data.Later = runs[i-1].ID
	}
	if i+1 < len(runs) {
		data.Earlier = runs[i+1].ID
	}
	f := &finding{template: "run", here: "/sources", title: "Run " + strconv.FormatInt(id, 10) + " of " + data.Of.Shown(), data: data}
	if data.Live {
		f.every = everyRunning
	}
	return f, nil
}
