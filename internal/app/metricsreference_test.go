package app_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

var update = flag.Bool("update", false, "write the generated guides anew")

// golden holds a file to what it should say.
func golden(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(text(t, path), want); diff != "" {
		t.Errorf("%s (go test -update writes it anew):\n%s", path, diff)
	}
}

// metricSections are the sections of docs/metrics.md, each with the beginnings of the names that it holds.
var metricSections = []struct {
	title    string
	prefixes []string
}{
	{"Harvests", []string{"sheaf_harvest_", "sheaf_upstream_"}},
	{"Sources", []string{"sheaf_source_", "sheaf_records", "sheaf_changes_", "sheaf_unchanged_", "sheaf_rejected_", "sheaf_quarantine_", "sheaf_completeness_"}},
	{"Mapping and quality", []string{"sheaf_mapping_", "sheaf_quality_"}},
	{"OAI-PMH", []string{"sheaf_oai_", "sheaf_selfprobe_"}},
	{"Other public doors", []string{"sheaf_door_", "sheaf_dump_", "sheaf_public_", "sheaf_search_"}},
	{"Webhooks", []string{"sheaf_webhook_"}},
	{"Events", []string{"sheaf_event_", "sheaf_events_", "sheaf_relay_", "sheaf_propagation_", "sheaf_nats_"}},
	{"The log and its disk", []string{"sheaf_log_", "sheaf_store_", "sheaf_backup_"}},
	{"Gateways on one log", []string{"sheaf_gateways", "sheaf_lease_"}},
	{"The process", []string{"sheaf_build_", "sheaf_config_", "sheaf_trace_", "sheaf_certificate_"}},
}

// ofAll are the metrics that one of several gateways on a log shows, because they are of the log as a whole; TestMetricsOfSeveral
// holds it to what two gateways show.
var ofAll = regexp.MustCompile(`^sheaf_(records|source_.*|harvest_(last_.*|interval_seconds|run_(started|heartbeat)_.*)|completeness_.*|quality_.*|webhook_.*|events_(stream|consumer|slowest).*|relay_(seq|oldest_.*)|store_replica.*)$`)

// metricsIntroduction is what docs/metrics.md says before the tables.
const metricsIntroduction = `# Metrics

<!-- Made from the code: go test ./internal/app -run TestWhatIsExposed -update -->

The ops listener gives them at ` + "`/metrics`" + `, beside those of Go and of the process (` + "`go_…`, `process_…`" + `). [deploy/prometheus](../deploy/prometheus) has rules for them, [what each alert means](alerts.md), and [deploy/grafana](../deploy/grafana) dashboards.

Units are seconds, bytes and records. Times are points in time (seconds since 1970), not ages, so that a rule says ` + "`time() - …`" + `; one that is not known yet is absent, and does not look like 1970. Counters begin with the process.

Labels have values from closed sets: names of sources, formats, outcomes. Nothing that a client or a source sends becomes one: no identifier, set, token, address, program, query or text of an error. Two kinds of name are other people's, and are bounded: durable consumers of the event stream (the 50 that are nearest to missing events, each name cut at 64 bytes), and the versions of mapping rules. Gauges of sources are there for all of them; what has labels beside the source is there for the first 200 in the alphabet, and ` + "`other`" + ` counts the rest together.

Where several gateways have one log in PostgreSQL, each shows what it does itself, so that a sum over all of them is right: counters, the log and the disk as it sees them, its dump, its search. What is of the log as a whole is shown by one gateway, the one that holds the lease ` + "`work`" + `, and for some seconds by nobody when another one takes over. Those are, in the tables below, the metrics in which "◆" stands before the explanation. What all of them see alike (` + "`sheaf_log_seq`, `sheaf_log_epoch`, `sheaf_gateways`, `sheaf_lease_holders`" + `) is not to be summed: take the maximum.

What it costs: 10 sources come to 57 kB and 2 ms a scrape, 1,000 to 1.7 MB and 0.1 s, 10,000 to 13 MB and 1.3 s (` + "`go test ./internal/observe -bench Scrape`" + `, wall time on a busy machine; reading where sources stand in the log comes to it). Every 15 s is right for some hundred sources; with thousands, scrape once a minute.

`

var describedRE = regexp.MustCompile(`^Desc\{fqName: ("(?:[^"\\]|\\.)*"), help: ("(?:[^"\\]|\\.)*"), unit: "[^"]*", constLabels: \{\}, variableLabels: \{(.*)\}\}$`)

// metricsReference is the guide to all metrics that a registry describes. Only metrics that were gathered tell of which
// type they are; the others must be among those that are there at times.
func metricsReference(t *testing.T, r *prometheus.Registry, families []*dto.MetricFamily) string {
	t.Helper()
	kinds := map[string]string{
		"sheaf_harvest_run_started_timestamp_seconds": "gauge", "sheaf_harvest_run_heartbeat_timestamp_seconds": "gauge", // while a run goes on
		"sheaf_source_reconcile_last_timestamp_seconds": "gauge", "sheaf_source_reconcile_records": "gauge", "sheaf_completeness_missing_records": "gauge", // after one
		"sheaf_events_consumer_misses_timestamp_seconds": "gauge", "sheaf_events_consumer_last_ack_timestamp_seconds": "gauge", // of a consumer that reads
		"sheaf_events_stream_max_size_bytes":                 "gauge", // where it has a bound
		"sheaf_config_last_reload_success_timestamp_seconds": "gauge",
		"sheaf_certificate_usable":                           "gauge", "sheaf_certificate_not_before_timestamp_seconds": "gauge", "sheaf_certificate_not_after_timestamp_seconds": "gauge", // of a listener that has one
		"sheaf_store_replicas": "gauge", "sheaf_store_replicas_synchronous": "gauge", "sheaf_store_replica_lag_bytes": "gauge", "sheaf_store_replica_reads_total": "counter", // in PostgreSQL
		"sheaf_rejected_total": "counter", // when something was
	}
	for _, f := range families {
		kinds[f.GetName()] = strings.ToLower(f.GetType().String())
	}
	descs := make(chan *prometheus.Desc)
	go func() {
		r.Describe(descs)
		close(descs)
	}()
	rows := map[string]string{}
	for d := range descs {
		if !strings.Contains(d.String(), `fqName: "sheaf_`) {
			continue // of Go and of the process
		}
		m := describedRE.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("%s is not as descriptions of metrics were", d)
		}
		name, err := strconv.Unquote(m[1])
		if err != nil {
			t.Fatal(err)
		}
		help, err := strconv.Unquote(m[2])
		if err != nil {
			t.Fatal(err)
		}
		if kinds[name] == "" {
			t.Errorf("%s is not exposed by a gateway to which everything has happened", name)
		}
		labels := strings.Split(m[3], ",")
		if m[3] != "" {
			for i := range labels {
				labels[i] = "`" + labels[i] + "`"
			}
		}
		if ofAll.MatchString(name) {
			help = "◆ " + help
		}
		rows[name] = fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, kinds[name], strings.Join(labels, " "), strings.ReplaceAll(help, "|", "\\|"))
	}
	if len(rows) < 80 {
		t.Errorf("only %d metrics are described", len(rows))
	}
	var b strings.Builder
	b.WriteString(metricsIntroduction)
	told := 0
	for i, section := range metricSections {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "## %s\n\n| metric | type | labels | |\n|---|---|---|---|\n", section.title)
		var names []string
		for name := range rows {
			if slices.ContainsFunc(section.prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			b.WriteString(rows[name])
			told++
		}
	}
	if told != len(rows) {
		t.Errorf("%d metrics are in the sections, of %d", told, len(rows))
	}
	return b.String()
}
