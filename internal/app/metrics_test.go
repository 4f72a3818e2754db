package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// The ops listener tells what happened: of harvests, the log, the relay and the endpoint.
func TestMetrics(t *testing.T) {
	src := newProvider(t, 10)
	for i := range 25 {
		src.put(i, "title")
	}
	page := filepath.Join(t.TempDir(), "page.txt")
	if err := os.WriteFile(page, []byte("1 - 3 of 3\n\n1958\n\nA letter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := start(t, configure(t, t.TempDir(), embedded+fmt.Sprintf("backup: {to: '%s', every: 2d}\nsources:\n  src: {kind: oai, from: '%s', overlap: 1h}\n  short: {kind: listing, from: '%s', mapping: listing}\n", t.TempDir(), src.url, page)), app.Options{})
	g.harvest(t, "src", false)
	g.harvest(t, "src", false)
	g.harvest(t, "short", false)
	g.published(t)
	for _, path := range []string{"oai?verb=ListRecords&metadataPrefix=oai_dc", "oai?verb=Nothing", "changes", "feed.atom", "activity", "activity/page", "sitemap.xml", "robots.txt", "dump", "records/src/nothing"} {
		fetched(t, g.Addresses().Public+path)
	}
	metrics := g.exposes(t,
		`sheaf_harvest_runs_total{mode="full",result="complete",source="src"} 1`,
		`sheaf_harvest_runs_total{mode="incremental",result="complete",source="src"} 1`,
		`sheaf_harvest_runs_total{mode="full",result="failed",source="src"} 0`,
		`sheaf_harvest_runs_total{mode="full",result="incomplete",source="short"} 1`,
		`sheaf_harvest_runs_total{mode="full",result="complete",source="short"} 0`,
		`sheaf_source_state{source="short",state="incomplete"} 1`, `sheaf_source_state{source="short",state="ok"} 0`,
		`sheaf_source_state{source="src",state="ok"} 1`,
		`sheaf_changes_total{op="added",source="src"} 25`,
		`sheaf_harvest_run_duration_seconds_count{mode="reconcile"} 0`, `sheaf_upstream_request_duration_seconds_count{verb="GetRecord"} 0`,
		`sheaf_unchanged_total{source="src"} 25`,
		`sheaf_rejected_total{reason="count_mismatch",source="short"} 1`,
		`sheaf_records{source="src",status="live"} 25`,
		`sheaf_records{source="short",status="quarantined"} 1`,
		`sheaf_harvest_interval_seconds{source="src"} 86400`,
		`sheaf_harvest_last_success_timestamp_seconds{source="src"} `,
		`sheaf_upstream_requests_total{outcome="ok",source="src",verb="ListRecords"} `,
		`sheaf_log_seq 25`, `sheaf_relay_seq 25`, `sheaf_event_stream_cuts_total 0`, `sheaf_nats_connected 1`, `sheaf_log_commits_paused 0`,
		`sheaf_events_published_total{op="upserted"} 25`,
		`sheaf_propagation_seconds_count{stage="acknowledged"} `,
		`sheaf_oai_requests_total{code="ok",prefix="oai_dc",verb="ListRecords"} 1`,
		`sheaf_oai_requests_total{code="badVerb",prefix="",verb="none"} 1`,
		`sheaf_oai_records_served_total 25`,
		`sheaf_door_requests_total{code="200",door="changes"} 1`, `sheaf_door_records_served_total{door="changes"} 25`,
		`sheaf_door_requests_total{code="200",door="feed"} 1`, `sheaf_door_records_served_total{door="feed"} 25`,
		`sheaf_door_requests_total{code="400",door="activity"} 1`, `sheaf_door_requests_total{code="200",door="sitemap"} 2`,
		`sheaf_door_requests_total{code="404",door="site"} 1`, `sheaf_door_requests_in_flight{door="changes"} 0`,
		`sheaf_door_request_duration_seconds_count{door="changes"} 1`, `sheaf_dump_interval_seconds 86400`, `sheaf_backup_interval_seconds 172800`,
		`sheaf_build_info{goversion="go1.`,
		`sheaf_source_added_timestamp_seconds{source="src"} `,
		`sheaf_mapping_records_total{source="src"} 25`, `sheaf_mapping_duration_seconds_count 25`,
		`sheaf_mapping_failures_total{source="short"} 0`,
		`sheaf_mapping_warnings_total{source="src",term="none"} 0`,
		`sheaf_source_failing_since_timestamp_seconds{source="short"} `, `sheaf_source_last_error{kind="incomplete",source="short"} 1`,
		`sheaf_store_size_bytes{file="nats"} `, `sheaf_store_size_bytes{file="reserve"} `, `sheaf_store_size_bytes{file="db"} `,
		`sheaf_events_stream_messages 25`, `sheaf_events_stream_size_bytes `, `sheaf_events_consumers 0`,
		`sheaf_store_writes_total `, `sheaf_store_write_wait_seconds_total `, `sheaf_store_commits_total `, `sheaf_store_commit_seconds_total `,
	)
	if strings.Contains(metrics, `sheaf_harvest_last_success_timestamp_seconds{source="short"}`) {
		t.Error("a pass that is known to lack items counts as a success")
	}
	problems, err := promlint.New(strings.NewReader(metrics)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
