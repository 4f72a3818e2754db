package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// The gateway passes the check that sheaf validate makes, advice included: empty, and with sets,
// deletions and several pages.
func TestTheGatewayIsValid(t *testing.T) {
	p := newProvider(t, 20)
	cfg := configure(t, t.TempDir(), fmt.Sprintf("events: {kind: none}\noai: {page_size: 10}\nsources:\n  up: {kind: oai, from: '%s', every: 1d, http: {pause: 0s}}\n", p.url))
	g := start(t, cfg, app.Options{})
	valid := func(records int) {
		t.Helper()
		r, err := oaitest.Check(t.Context(), g.Addresses().Public+"oai", oaitest.Options{Delay: -1})
		if err != nil {
			t.Fatal(err)
		}
		demands, advice := r.Failures()
		if len(demands)+len(advice) > 0 || r.Stopped != "" || !r.Complete && records > 0 || r.Records != records {
			var b strings.Builder
			_ = r.WriteText(&b)
			t.Error(b.String())
		}
	}
	valid(0)
	for i := range 57 {
		p.put(i, fmt.Sprintf("Paper %d", i), []string{"odd", "even", "odd:few"}[i%3])
	}
	g.harvest(t, "up", false)
	for i := range 9 {
		p.Delete(identifier(5 * i))
	}
	g.harvest(t, "up", false)
	valid(57)
}
