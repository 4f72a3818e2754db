package observe

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A long run is told of once a minute, however many pages it commits, and a short one only at its end; each line has
// the number of the run.
func TestRunLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := &RunLog{Logger: slog.New(slog.NewTextHandler(&out, nil))}
		long, short := &pipeline.Run{ID: 7, Source: "long"}, &pipeline.Run{ID: 8, Source: "short"}
		l.RunBegan(long)
		l.RunBegan(short)
		l.PageCommitted(short, nil, pipeline.Counts{Pages: 1}, 0)
		l.RunEnded(short, &pipeline.Report{Result: pipeline.Complete})
		sum := pipeline.Counts{}
		for range 300 { // 150 seconds
			time.Sleep(time.Second / 2)
			sum.Add(pipeline.Counts{Pages: 1, Items: 10, Added: 9, Rejected: 1})
			l.PageCommitted(long, nil, sum, 5000)
		}
		l.RunEnded(long, &pipeline.Report{Result: pipeline.Complete, Counts: sum})
		text := out.String()
		for _, want := range []string{
			`msg="a harvest has ended" source=short run=8 result=complete`,
			`msg="a harvest goes on" source=long run=7 pages=120 items=1200 of=5000 new=1080 changed=0 deleted=0 unchanged=0 rejected=120`,
			`msg="a harvest goes on" source=long run=7 pages=240 `,
			`msg="a harvest has ended" source=long run=7 result=complete new=2700 `,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the log lacks %s", want)
			}
		}
		if n := strings.Count(text, "\n"); n != 4 {
			t.Errorf("the log has %d lines:\n%s", n, text)
		}
		if len(l.told) != 0 {
			t.Errorf("%d runs that have ended are still known", len(l.told))
		}
	})
}
