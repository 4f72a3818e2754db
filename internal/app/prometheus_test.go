package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// A promServer is a real Prometheus that scrapes a gateway every second.
type promServer struct{ url string }

// hasty are the shipped rules in a hurry: what must be so for minutes or hours must be so for a moment.
func hasty(rules string) string {
	rules = regexp.MustCompile(`(?m)^(\s+for:).*$`).ReplaceAllString(rules, "$1 0s")
	return strings.NewReplacer(
		"timestamp_seconds > 300", "timestamp_seconds > 2",
		"disk_free_bytes[6h]", "disk_free_bytes[10s]", "disk_free_bytes[7d]", "disk_free_bytes[5m]", "disk_free_bytes offset 1h", "disk_free_bytes offset 3s",
	).Replace(rules)
}

// startPrometheus runs one with the given rules.
func startPrometheus(t *testing.T, rules, target string) *promServer {
	t.Helper()
	need(t, []string{"prometheus"})
	dir, port := t.TempDir(), freeport.Port(t)
	for name, text := range map[string]string{
		"rules.yml": rules,
		"prometheus.yml": fmt.Sprintf("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n"+
			"scrape_configs: [{job_name: sheaf, static_configs: [{targets: ['%s']}]}]\n", target),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := &promServer{fmt.Sprintf("http://127.0.0.1:%d", port)}
	process(t, "prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		fmt.Sprintf("--web.listen-address=127.0.0.1:%d", port))
	waitFor(t, "Prometheus", func() bool {
		resp, err := http.Get(p.url + "/-/ready")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return p
}

// api asks Prometheus, and decodes the data of its answer.
func (p *promServer) api(t *testing.T, path string, data any) {
	t.Helper()
	resp, err := http.Get(p.url + "/api/v1/" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Status != "success" {
		t.Errorf("%s: %s %v", path, answer.Error, err)
	}
}

// query evaluates an expression, and gives the labels of what comes of it.
func (p *promServer) query(t *testing.T, expr string) (out []map[string]string) {
	t.Helper()
	var data struct {
		Result []struct{ Metric map[string]string }
	}
	p.api(t, "query?query="+url.QueryEscape(expr), &data)
	for _, r := range data.Result {
		out = append(out, r.Metric)
	}
	return out
}

// firing are the names of the alerts that fire.
func (p *promServer) firing(t *testing.T) (names []string) {
	t.Helper()
	for _, labels := range p.query(t, `ALERTS{alertstate="firing"}`) {
		names = append(names, labels["alertname"])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// waitFiring waits until exactly these alerts fire.
func (p *promServer) waitFiring(t *testing.T, want ...string) {
	t.Helper()
	slices.Sort(want)
	var got []string
	defer func() {
		if t.Failed() {
			t.Logf("at the end %v were firing, and %v should have been", got, want)
		}
	}()
	waitFor(t, "alerts", func() bool {
		got = p.firing(t)
		return slices.Equal(got, want)
	})
}

// evaluated waits until every rule was evaluated on what was scraped, and says which failed.
func (p *promServer) evaluated(t *testing.T) {
	t.Helper()
	var data struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	waitFor(t, "all rules to be evaluated", func() bool {
		p.api(t, "rules", &data)
		for _, g := range data.Groups {
			for _, r := range g.Rules {
				if r.Health == "unknown" {
					return false
				}
			}
		}
		return len(data.Groups) > 0
	})
	for _, g := range data.Groups {
		for _, r := range g.Rules {
			if r.Health != "ok" {
				t.Errorf("the rule %s is %s: %s", r.Name, r.Health, r.LastError)
			}
		}
	}
}

// A real Prometheus scrapes a real gateway: every rule is evaluated without an error, the queries of the dashboards
// are understood, and alerts fire when their faults happen, and end with them.
func TestPrometheus(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute, because Prometheus scrapes once a second")
	}
	src, b := newProvider(t, 100), newBroker(t)
	src.put(1, "one")
	b.up(t)
	dir, ops := t.TempDir(), freeport.Address(t)
	file, clock := filepath.Join(dir, "sheaf.yaml"), filepath.Join(dir, "clock")
	if err := os.WriteFile(file, []byte(fmt.Sprintf("gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\n"+
		"listen: {public: '127.0.0.1:0', ops: '%s'}\n%ssources:\n  src: {kind: oai, from: '%s'}\n  dark: {kind: oai, from: 'http://127.0.0.1:%d/', http: {pause: 0s}}\n",
		ops, b.config(), src.url, freeport.Port(t))), 0o600); err != nil {
		t.Fatal(err)
	}
	gateway := spawn(t, file, childClock+"="+clock)
	defer func() { gateway.kill(t) }()
	p := startPrometheus(t, hasty(text(t, deploy+"/prometheus/rules.yml")), ops)
	p.waitFiring(t, "SheafSourceDark") // and nothing else: all the rest is well
	p.evaluated(t)
	for _, q := range dashQueries(t) {
		p.query(t, q.plain())
	}

	b.down(t)
	src.put(2, "two")
	p.waitFiring(t, "SheafNATSDisconnected", "SheafRelayStuck", "SheafSourceDark")
	b.up(t)
	p.waitFiring(t, "SheafSourceDark")

	setClock := func(off time.Duration) {
		if err := os.WriteFile(clock, []byte(off.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	setClock(time.Hour)
	src.put(3, "three")
	waitFor(t, "the alert of the clock", func() bool { return slices.Contains(p.firing(t), "SheafClockStepped") })
	setClock(0)
	waitFor(t, "the end of the alert of the clock", func() bool { return !slices.Contains(p.firing(t), "SheafClockStepped") })

	gateway.kill(t)
	p.waitFiring(t, "SheafMetricsAbsent")
	for range 3 {
		gateway = spawn(t, file, childClock+"="+clock)
		waitFor(t, "a scrape", func() bool { return len(p.query(t, "up == 1")) == 1 })
		gateway.kill(t)
		waitFor(t, "a scrape that fails", func() bool { return len(p.query(t, "up == 0")) == 1 })
	}
	gateway = spawn(t, file, childClock+"="+clock)
	waitFor(t, "the alert of restarts", func() bool { return slices.Contains(p.firing(t), "SheafRestarting") })
}

// A disk that fills is told of before it is full, and when it is; both end when there is room again.
func TestPrometheusSeesTheDiskFill(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute, because Prometheus scrapes once a second")
	}
	dir, ops := t.TempDir(), freeport.Address(t)
	file, disk := filepath.Join(dir, "sheaf.yaml"), filepath.Join(dir, "data")
	ownDisk(t, disk, "320m")
	if err := os.WriteFile(file, []byte(fmt.Sprintf("gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\ndata: %s\n"+
		"listen: {public: '127.0.0.1:0', ops: '%s'}\nevents: {kind: none}\n", disk, ops)), 0o600); err != nil {
		t.Fatal(err)
	}
	gateway := spawn(t, file)
	defer gateway.kill(t)
	p := startPrometheus(t, hasty(text(t, deploy+"/prometheus/rules.yml")), ops)
	waitFor(t, "some scrapes", func() bool { return len(p.query(t, "count_over_time(sheaf_store_disk_free_bytes[1m]) > 5")) == 1 })
	p.waitFiring(t) // all is well

	ballast, err := os.Create(filepath.Join(disk, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer ballast.Close()
	piece := make([]byte, 4<<20)
	grow := func() {
		if _, err := ballast.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	// It fills while there is room for a while yet: nobody has to come at night.
	for range 40 {
		grow()
	}
	waitFor(t, "the alert that the disk is filling", func() bool {
		if slices.Contains(p.firing(t), "SheafDiskFilling") {
			return true
		}
		if info, err := ballast.Stat(); err == nil && info.Size() < 220<<20 {
			grow()
		}
		time.Sleep(200 * time.Millisecond)
		return false
	})
	if slices.Contains(p.firing(t), "SheafDiskFull") {
		t.Error("the disk counts as full before it is")
	}
	for {
		if _, err := ballast.Write(piece); err != nil {
			break // no space left
		}
	}
	waitFor(t, "the alert of the full disk", func() bool { return slices.Contains(p.firing(t), "SheafDiskFull") })
	if err := ballast.Truncate(0); err != nil {
		t.Fatal(err)
	}
	p.waitFiring(t)
}
