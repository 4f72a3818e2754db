package oaitest_test

import (
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// TestWriteTextOfAnEarlyEnd: what is wrong with an address that is no endpoint at all isn't hidden among
// the checks that it was never put to. A whole report names those that had nothing to look at.
func TestWriteTextOfAnEarlyEnd(t *testing.T) {
	r := oaitest.Report{BaseURL: "http://a.example/", Results: []oaitest.Result{
		{Check: "namespace", What: "the root is OAI-PMH", Outcome: oaitest.Failed, Found: "the root is html"},
		{Check: "post", What: "POST is answered like GET", Outcome: oaitest.Skipped},
	}}
	for _, test := range []struct {
		stopped string
		named   bool
	}{{"", true}, {"it is a web page", false}} {
		r.Stopped = test.stopped
		var b strings.Builder
		if err := r.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		got := b.String()
		if strings.Contains(got, "post") != test.named || !strings.Contains(got, "the root is html") || !strings.Contains(got, "0 passed, 1 failed, 0 advice, 1 skipped") {
			t.Errorf("stopped %q:\n%s", test.stopped, got)
		}
	}
}
