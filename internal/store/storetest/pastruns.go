package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testRuns: how runs ended is kept; since when a source fails is known by them.
func testRuns(t *testing.T, f Factory) {
	x := start(t, t, f)
	end := func(source, result string, a pipeline.Account) time.Time {
		t.Helper()
		run, err := x.log.Begin(t.Context(), source, nil)
		x.ok(err)
		x.clock.Pass(time.Second)
		x.ok(x.log.End(t.Context(), run, pipeline.Outcome{Result: result, Account: a}))
		return x.clock.Wall().UTC().Truncate(time.Second)
	}
	runs := func(source string, limit int) []store.PastRun {
		t.Helper()
		all, err := x.log.Runs(t.Context(), source, limit)
		x.ok(err)
		return all
	}
	failing := func(what string, n int64, since time.Time) {
		t.Helper()
		s := x.statusOf("alpha")
		x.same(what, s.Failures, n)
		x.same(what+", since", s.FailingSince, since)
	}
	said := pipeline.Account{
		By: pipeline.ByPerson, Full: true, Rejected: map[string]int64{"malformed": 2}, Requests: map[string]int64{"ok": 3, "http_5xx": 1}, Bytes: 1234,
		Warnings: []string{"a warning"}, Advice: "wait",
	}
	x.same("runs before the first", len(runs("", 10)), 0)
	end("alpha", pipeline.Complete, said)
	failing("after a good run", 0, time.Time{})
	first := end("alpha", pipeline.Failed, pipeline.Account{})
	end("alpha", pipeline.Cancelled, pipeline.Account{})
	end("alpha", pipeline.Stuck, pipeline.Account{})
	x.crash(func() {})
	failing("after bad runs", 2, first)
	end("beta", pipeline.Complete, pipeline.Account{})
	x.same("runs of all", fmt.Sprint(results(runs("", 2))), "[beta complete alpha stuck]")
	all := runs("alpha", 10)
	x.same("runs of one", fmt.Sprint(results(all)), "[alpha stuck alpha cancelled alpha failed alpha complete]")
	x.same("what is kept", all[3].Account, said)
	x.same("runs of nobody", len(runs("gamma", 10)), 0)

	// A run that another one took over keeps what is said of it.
	old, err := x.log.Begin(t.Context(), "alpha", nil)
	x.ok(err)
	end("alpha", pipeline.OnHold, pipeline.Account{})
	x.ok(x.log.End(t.Context(), old, pipeline.Outcome{Result: pipeline.Complete, Account: said}))
	x.same("a fenced run", runs("alpha", 2)[1].Account.By, "")
	failing("after a good run again", 0, time.Time{})
}

func results(runs []store.PastRun) (out []string) {
	for _, r := range runs {
		out = append(out, r.Source+" "+r.Result)
	}
	return out
}
