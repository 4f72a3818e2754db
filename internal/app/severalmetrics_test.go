package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Of two gateways on one log one shows what is of the log as a whole, so that it is counted once, and both show who does the
// work; when that one stops, the other one shows it.
func TestMetricsOfSeveral(t *testing.T) {
	src := newProvider(t, 20)
	for i := range 30 {
		src.put(i, fmt.Sprintf("title %d", i))
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(receiver.Close)
	_, inPostgres := onPostgres(t)
	gateway := func() *running {
		return start(t, configure(t, t.TempDir(), inPostgres+"events: {kind: none}\nwebhooks:\n"+webhookTo(t, "catalogue", receiver.URL)+
			fmt.Sprintf("sources: {src: {kind: oai, from: '%s', every: 1d}}\n", src.url)), app.Options{})
	}
	gathered := func(g *running) map[string]*dto.MetricFamily {
		t.Helper()
		families, err := g.Registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]*dto.MetricFamily{}
		for _, f := range families {
			out[f.GetName()] = f
		}
		return out
	}
	value := func(g *running, name string) float64 {
		t.Helper()
		f := gathered(g)[name]
		if f == nil {
			return -1
		}
		return f.GetMetric()[0].GetGauge().GetValue()
	}

	first := gateway()
	first.harvest(t, "src", true)
	waitFor(t, "the first gateway to work", first.Store.Leads)
	second := gateway()
	for _, g := range []*running{first, second} {
		waitFor(t, "both to be seen, and that one works", func() bool { return value(g, "sheaf_gateways") == 2 && value(g, "sheaf_lease_holders") == 1 })
	}
	const checked = "sheaf_store_checked_timestamp_seconds" // each looks at its log once it is up
	waitFor(t, "both to have looked at the log", func() bool { return gathered(first)[checked] != nil && gathered(second)[checked] != nil })
	var wrong []string
	defer func() {
		for _, what := range wrong {
			t.Log(what)
		}
	}()
	waitFor(t, "each to show what it should", func() bool { // some figures are there only when something has been looked at for the first time
		one, other, seen := gathered(first), gathered(second), 0
		wrong = nil
		if f := one["sheaf_records"]; f == nil || f.GetMetric()[1].GetGauge().GetValue() != 30 {
			wrong = append(wrong, fmt.Sprintf("the records are %v", f))
		}
		for name, f := range one {
			switch _, both := other[name]; {
			case ofAll.MatchString(name) && both:
				wrong = append(wrong, fmt.Sprintf("both gateways show %s, which is of the log as a whole", name))
			case ofAll.MatchString(name):
				seen++
			case !both && f.GetType() == dto.MetricType_GAUGE && name != "sheaf_lease_held_since_timestamp_seconds":
				wrong = append(wrong, fmt.Sprintf("one gateway alone shows %s", name))
			}
		}
		for name := range other {
			if one[name] == nil {
				wrong = append(wrong, fmt.Sprintf("the gateway that doesn't work alone shows %s", name))
			}
		}
		if seen < 15 {
			wrong = append(wrong, fmt.Sprintf("only %d metrics of the log as a whole are shown", seen))
		}
		return len(wrong) == 0
	})

	info, err := second.Client.Info(t.Context())
	slices.SortFunc(info.Gateways, func(a, b store.Peer) int { return len(b.Holds) - len(a.Holds) })
	if gs := info.Gateways; err != nil || len(gs) != 2 || len(gs[0].Holds) != 1 || gs[0].Self || len(gs[1].Holds) != 0 || !gs[1].Self || gs[0].Place == gs[1].Place {
		t.Errorf("the gateways are %+v, %v", gs, err)
	}
	first.stop()
	waitFor(t, "the second gateway to work", second.Store.Leads)
	waitFor(t, "the second gateway to show what there is", func() bool { return value(second, "sheaf_gateways") == 1 && gathered(second)["sheaf_records"] != nil })
}
