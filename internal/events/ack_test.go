package events

import (
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Answers in any order, twice, of earlier calls, and of a broker that takes an event for a repetition.
func TestAnswers(t *testing.T) {
	ok := func(n int) string { return fmt.Sprintf(`{"stream":"SHEAF_RECORDS", "seq":%d}`, n) }
	repeated := func(n int) string { return fmt.Sprintf(`{"stream":"SHEAF_RECORDS", "seq":%d,"duplicate": true}`, n) }
	refusal := func(code int) string {
		return fmt.Sprintf(`{"error":{"code":400,"err_code":%d,"description":"no"},"stream":"SHEAF_RECORDS","seq":0}`, code)
	}
	type answer struct{ to, data string }
	for name, tt := range map[string]struct {
		answers []answer
		settled int
		seq     int64 // of the tail
		err     error
	}{
		"in order":                   {[]answer{{"7.0", ok(11)}, {"7.1", ok(12)}, {"7.2", ok(13)}}, 3, 3, nil},
		"out of order":               {[]answer{{"7.2", ok(13)}, {"7.0", ok(11)}, {"7.1", ok(12)}}, 3, 3, nil},
		"with a gap":                 {[]answer{{"7.0", ok(11)}, {"7.2", ok(13)}}, 2, 1, nil},
		"the same twice":             {[]answer{{"7.0", ok(11)}, {"7.0", ok(11)}}, 1, 1, nil},
		"of an earlier call":         {[]answer{{"6.0", ok(11)}, {"6.1", refusal(10071)}}, 0, 0, nil},
		"of what was not sent":       {[]answer{{"7.3", ok(14)}, {"7.-1", ok(10)}, {"7.x", ok(11)}, {"7", ok(11)}, {"x.1", ok(11)}}, 0, 0, nil},
		"a repetition in its place":  {[]answer{{"7.0", repeated(11)}, {"7.1", ok(12)}}, 2, 2, nil},
		"a repetition elsewhere":     {[]answer{{"7.0", repeated(4)}, {"7.1", ok(12)}}, 2, 0, pipeline.ErrLostPlace},
		"another number":             {[]answer{{"7.0", refusal(codeWrongLastSeq)}}, 1, 0, pipeline.ErrLostPlace},
		"another number, replicated": {[]answer{{"7.0", refusal(codeWrongLastSeqConst)}}, 1, 0, pipeline.ErrLostPlace},
		"another id":                 {[]answer{{"7.0", refusal(codeWrongLastMsgID)}}, 1, 0, pipeline.ErrLostPlace},
		"the earliest failure":       {[]answer{{"7.2", refusal(10071)}, {"7.0", ok(11)}, {"7.1", refusal(10023)}}, 3, 1, errRefused},
		"another stream took it":     {[]answer{{"7.0", `{"stream":"OTHER", "seq":11}`}}, 1, 0, errRefused},
		"no JSON":                    {[]answer{{"7.0", `+OK`}}, 1, 0, errRefused},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := newMetrics(nil)
			if err != nil {
				t.Fatal(err)
			}
			c := &Client{names: newNames("SHEAF"), inbox: "_INBOX.abc.", call: 7, metrics: m}
			f := flight{c: c, after: pipeline.Tail{StreamSeq: 10}, events: changes(1, 5), answered: make([]bool, 5), firstErr: 5, sent: 3}
			for _, a := range tt.answers {
				f.hear(&nats.Msg{Subject: c.inbox + a.to, Data: []byte(a.data)})
			}
			if got := f.tail(); f.settled != tt.settled || got.Seq != tt.seq || !errors.Is(f.err, tt.err) {
				t.Errorf("%d settled, %v, %v; want %d, seq %d, %v", f.settled, got, f.err, tt.settled, tt.seq, tt.err)
			}
		})
	}
}

// Where each message names the one before it, an acknowledgement answers for all before it, and a refusal for none.
func TestAnswersOfAChain(t *testing.T) {
	reg := prometheus.NewRegistry()
	m, err := newMetrics(reg)
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{names: newNames("SHEAF"), inbox: "_INBOX.abc.", call: 7, metrics: m}
	f := flight{c: c, after: pipeline.Tail{StreamSeq: 10}, events: changes(1, 9), answered: make([]bool, 9), firstErr: 9, sent: 9, chained: true}
	for _, step := range []struct {
		to, data string
		seq      int64
		err      error
	}{
		{"7.4", `{"stream":"SHEAF_RECORDS", "seq":15}`, 5, nil},
		{"7.0", `{"stream":"SHEAF_RECORDS", "seq":11}`, 5, nil},
		{"7.8", `{"error":{"code":400,"err_code":10071,"description":"no"},"stream":"SHEAF_RECORDS","seq":0}`, 5, pipeline.ErrLostPlace},
	} {
		f.hear(&nats.Msg{Subject: c.inbox + step.to, Data: []byte(step.data)})
		if got := f.tail(); got.Seq != step.seq || !errors.Is(f.err, step.err) {
			t.Errorf("after the answer to %s: %v, %v; want seq %d, %v", step.to, got, f.err, step.seq, step.err)
		}
	}
	if n := gauge(t, reg, "sheaf_events_published_total", opUpserted); n != 5 {
		t.Errorf("%v events count as published, want 5", n)
	}
}
