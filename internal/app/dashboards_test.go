package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	dto "github.com/prometheus/client_model/go"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A dashQuery is an expression of a dashboard, or of a variable of it.
type dashQuery struct{ dashboard, title, expr, legend string }

// dashQueries are the expressions of the dashboards that are shipped.
func dashQueries(t *testing.T) (out []dashQuery) {
	t.Helper()
	files, err := filepath.Glob(deploy + "/grafana/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no dashboards: %v", err)
	}
	for _, file := range files {
		var d struct {
			UID, Title string
			Panels     []struct {
				Title, Description string
				Targets            []struct{ Expr, LegendFormat string }
			}
			Templating struct {
				List []struct {
					Name  string
					Query json.RawMessage
				}
			}
		}
		if err := json.Unmarshal([]byte(text(t, file)), &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if d.UID == "" || d.Title == "" || len(d.Panels) == 0 {
			t.Errorf("%s has the uid %q, the title %q and %d panels", file, d.UID, d.Title, len(d.Panels))
		}
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				out = append(out, dashQuery{d.Title, p.Title, target.Expr, target.LegendFormat})
			}
		}
		for _, v := range d.Templating.List {
			var query struct{ Query string }
			if json.Unmarshal(v.Query, &query) != nil {
				continue // the variable that chooses Prometheus has no query
			}
			if call := strings.TrimSuffix(strings.TrimPrefix(query.Query, "label_values("), ")"); call != query.Query {
				i := strings.LastIndex(call, ", ")
				out = append(out, dashQuery{d.Title, "$" + v.Name, call[:i], "{{" + call[i+2:] + "}}"})
			}
		}
	}
	return out
}

// plain is the expression as Grafana sends it when everything is chosen.
func (q *dashQuery) plain() string {
	return strings.NewReplacer("$__rate_interval", "1m", "$job", ".*", "$instance", ".*", "$source", ".*").Replace(q.expr)
}

var (
	namedRE   = regexp.MustCompile(`\b(sheaf_[a-z0-9_]+|sheaf:[a-z0-9_:]+)`)
	matcherRE = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)\s*"`)
	groupRE   = regexp.MustCompile(`\b(?:by|on) \(([^)]*)\)`)
	legendRE  = regexp.MustCompile(`{{\s*(?:\$labels\.)?([a-z_]+)\s*}}`)
)

// labelsNamed are the labels that an expression and its legend name.
func labelsNamed(expr, legend string) (out []string) {
	for _, m := range matcherRE.FindAllStringSubmatch(expr, -1) {
		out = append(out, m[1])
	}
	for _, m := range groupRE.FindAllStringSubmatch(expr, -1) {
		out = append(out, strings.Split(m[1], ", ")...)
	}
	for _, m := range legendRE.FindAllStringSubmatch(legend, -1) {
		out = append(out, m[1])
	}
	return out
}

// exposed are the labels of every series that a gateway exposes, by the names that expressions use.
func exposed(t *testing.T, families []*dto.MetricFamily) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, f := range families {
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		out[f.GetName()] = labels
		if f.GetType() == dto.MetricType_HISTOGRAM {
			out[f.GetName()+"_count"], out[f.GetName()+"_sum"] = labels, labels
			out[f.GetName()+"_bucket"] = append(slices.Clone(labels), "le")
		}
	}
	return out
}

// eventful is a gateway to which everything has happened that metrics tell of: one with a source that is well, one that
// fails, one that waits for a person, a consumer, a harvester and a backup.
func eventful(t *testing.T) *running {
	t.Helper()
	src, dir := newProvider(t, 10), t.TempDir()
	src.put(1, "title")
	losing := newProvider(t, 10)
	losing.put(1, "title")
	losing.put(2, "title")
	nowhere := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nowhere.Close)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(receiver.Close)
	hooks := webhookTo(t, "catalogue", receiver.URL) + webhookTo(t, "lost", nowhere.URL)
	g := start(t, configure(t, dir, embedded+"webhooks:\n"+hooks+fmt.Sprintf("oai: {self_probe: 50ms}\ntracing: {otlp: 'http://127.0.0.1:1'}\nbackup: {to: '%s'}\nsources:\n  src: {kind: oai, from: '%s'}\n  lost: {kind: oai, from: '%s'}\n  losing: {kind: oai, from: '%s', hold: {deleted: 0}}\n", t.TempDir(), src.url, nowhere.URL, losing.url)), app.Options{Reloads: &observe.Reloads{}})
	g.harvest(t, "src", false)
	_, _ = harvest(t.Context(), g.Client, "lost", false)
	g.harvest(t, "losing", false)
	losing.Delete(identifier(2))
	if line, err := harvest(t.Context(), g.Client, "losing", true); err != nil || line.Result != pipeline.OnHold {
		t.Fatalf("%+v, %v", line, err)
	}
	g.published(t)
	if err := g.Backup(t.Context(), filepath.Join(dir, "backup.db")); err != nil {
		t.Fatal(err)
	}
	consume(t, g.Addresses().NATS)
	resp, err := http.Get(g.Addresses().Public + "oai?verb=ListRecords&metadataPrefix=oai_dc")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	waitFor(t, "the check of the log", func() bool { return !g.Store.Checked().IsZero() })
	waitFor(t, "a walk of the self-probe", func() bool {
		ok, text := g.ready(t)
		_, metrics := fetch(t, g.Addresses().Ops+"metrics", "test")
		return ok && strings.Contains(text, "self-probe: ok") && strings.Contains(metrics, "sheaf_selfprobe_walk_missing_records 0")
	})
	waitFor(t, "a webhook to deliver, and one to fail", func() bool {
		_, metrics := fetch(t, g.Addresses().Ops+"metrics", "test")
		return strings.Contains(metrics, `sheaf_webhook_last_delivered_timestamp_seconds{webhook="catalogue"}`) && strings.Contains(metrics, `sheaf_webhook_failing_since_timestamp_seconds{webhook="lost"}`)
	})
	waitFor(t, "the consumers and the stream's replicas to be looked at", func() bool {
		info, err := g.Client.Info(t.Context())
		_, metrics := fetch(t, g.Addresses().Ops+"metrics", "test")
		return err == nil && info.Events != nil && len(info.Events.Consumers) > 0 && strings.Contains(metrics, "\nsheaf_events_stream_replicas_current ")
	})
	return g
}

// The dashboards, the alerts and the guide tell of the series that a gateway exposes.
func TestWhatIsExposed(t *testing.T) {
	g := eventful(t)
	families, err := g.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("dashboards", func(t *testing.T) { nameWhatThereIs(t, families) })
	t.Run("reference", func(t *testing.T) { golden(t, "../../docs/metrics.md", metricsReference(t, g.Registry, families)) })
}

// nameWhatThereIs looks whether whatever series and labels the dashboards and the alerts name are exposed.
func nameWhatThereIs(t *testing.T, families []*dto.MetricFamily) {
	// A run that is under way is not waited for, and no listener of this gateway has a certificate (TestPublicACME); a log in a file has no
	// replicas.
	known := map[string][]string{
		"sheaf_harvest_run_heartbeat_timestamp_seconds": {"source"}, "sheaf_certificate_usable": {"listener"},
		"sheaf_certificate_not_before_timestamp_seconds": {"listener"}, "sheaf_certificate_not_after_timestamp_seconds": {"listener"},
		"sheaf_store_replicas": nil, "sheaf_store_replica_lag_bytes": nil,
	}
	for name, labels := range exposed(t, families) {
		known[name] = labels
	}
	rules := text(t, deploy+"/prometheus/rules.yml")
	for _, m := range regexp.MustCompile(`record: (\S+)`).FindAllStringSubmatch(rules, -1) {
		known[m[1]] = []string{"source"}
	}
	queries := dashQueries(t)
	for _, r := range alertRules(t) {
		queries = append(queries, dashQuery{"rules.yml", r.Alert, r.Expr, r.Annotations["summary"]})
	}
	for _, q := range queries {
		labels := []string{"job", "instance", "value", "alertname", "alertstate"}
		names := namedRE.FindAllString(q.expr, -1)
		for _, name := range names {
			if _, ok := known[name]; !ok {
				t.Errorf("%s, %s names %s, which isn't there", q.dashboard, q.title, name)
			}
			labels = append(labels, known[name]...)
		}
		for _, l := range labelsNamed(q.expr, q.legend) {
			if !slices.Contains(labels, l) {
				t.Errorf("%s, %s names the label %s, which %v don't have", q.dashboard, q.title, l, names)
			}
		}
	}
}

// consume makes a consumer of the event stream.
func consume(t *testing.T, url string) {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateConsumer(t.Context(), "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: "reader", AckPolicy: jetstream.AckExplicitPolicy}); err != nil {
		t.Fatal(err)
	}
}
