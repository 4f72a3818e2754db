package survey

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// However many versions of rules made the records, and whichever comes first, the one in force is told
// apart, and there are few others.
func TestCensusIsBounded(t *testing.T) {
	for _, workers := range []int{1, 3} {
		c := newCensus(time.Time{}, "present", workers)
		for page := range 40 {
			var records []pipeline.StoredRecord
			for i := range 50 {
				k := pipeline.StoredRecord{Record: pipeline.Record{Identifier: fmt.Sprint(page, " ", i), Rules: fmt.Sprint("v", page)}}
				k.DC = []byte(`{}`)
				if page == 39 && i >= 40 {
					k.Rules = "present"
				}
				records = append(records, k)
			}
			if err := c.add(records); err != nil {
				t.Fatal(err)
			}
		}
		all, made := c.reports()
		if all.Records != 2000 || len(made) != maxRulesApart+1 {
			t.Fatalf("%d records in %d versions", all.Records, len(made))
		}
		for i, want := range []quality.RulesMade{{Version: "present", Present: true, Records: 10}, {Version: otherRules, Records: 1890}, {Version: "v0", Records: 50}, {Version: "v1", Records: 50}} {
			got := made[i]
			if got.Report.Records != got.Records {
				t.Errorf("%d records in a report on %d", got.Report.Records, got.Records)
			}
			if got.Report = nil; got != want {
				t.Errorf("version %d is %+v, want %+v", i, got, want)
			}
		}
	}
}

// A measure takes a 40th of a core at most: it rests 39 times as long as it works, and stops at once when
// it is told to.
func TestMeasureRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		rest := resting(ctx)
		began := time.Now()
		for range 3 {
			if err := rest(10 * time.Millisecond); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 3*39*10*time.Millisecond {
			t.Errorf("it rested for %v", took)
		}
		time.AfterFunc(time.Second, cancel)
		began = time.Now()
		if err := rest(time.Hour); err == nil || time.Since(began) != time.Second {
			t.Errorf("stopped: %v after %v", err, time.Since(began))
		}
	})
}
