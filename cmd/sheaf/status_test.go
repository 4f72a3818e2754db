package main

import (
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What an operator reads at night.
func TestStatusTable(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	source := func(name string, live int64, last store.RunStatus, next time.Duration) control.SourceInfo {
		info := control.SourceInfo{Name: name, Kind: "oai", Configured: true, Every: 6 * time.Hour, Next: now.Add(next)}
		info.Status = store.SourceStatus{Source: name, Live: live, Deleted: live / 100, LastRun: last, LastComplete: now.Add(-4 * time.Hour)}
		info.Status.Running = last.ID != 0 && last.Ended.IsZero()
		return info
	}
	ended := func(result string, ago time.Duration, err string) store.RunStatus {
		at := now.Add(-ago)
		return store.RunStatus{ID: 1, Began: at.Add(-time.Minute), Heartbeat: at, Ended: at, Result: result, Err: err, Counts: pipeline.Counts{Added: 12, Updated: 3, Deleted: 1}}
	}
	s := &standing{now: now, data: "/var/lib/sheaf", log: true, gateway: true, info: control.Info{
		Version: "1.2.3", Name: "Example Archive", Namespace: "gateway.example.org",
		Head: pipeline.Head{Cursor: pipeline.Cursor{Epoch: 1786000000000, Seq: 48213}, Datestamp: now},
	}}
	s.sources = []control.SourceInfo{
		source("archive", 40_000, ended(pipeline.Complete, 4*time.Hour, ""), 2*time.Hour),
		source("repository", 8_200, ended(pipeline.Failed, 10*time.Minute, "http_5xx from https://repository.example.edu/oai (HTTP 503): Service Unavailable"), 20*time.Minute),
		source("theses", 13, store.RunStatus{ID: 1, Began: now.Add(-3 * time.Minute), Heartbeat: now, Counts: pipeline.Counts{Added: 5}}, -3*time.Minute),
	}
	s.sources[0].Status.Quarantined = 2
	waits := func(i int, w harvest.Wait, since time.Duration) {
		s.sources[i].Waiting = pipeline.Waiting{Wait: w, Since: now.Add(-since)}
	}
	waits(2, harvest.Wait{For: harvest.ForAnswer, Host: "theses.example.edu"}, 3*time.Minute)
	young := control.SourceInfo{Name: "young", Kind: "listing", Configured: true}
	brisk := source("brisk", 7, store.RunStatus{ID: 1, Began: now.Add(-time.Minute), Heartbeat: now}, 0)
	s.sources = append(s.sources, young, young, brisk)
	waits(3, harvest.Wait{For: pipeline.ForHost, Host: "archive.example.org"}, time.Hour)
	waits(4, harvest.Wait{For: harvest.ForRetry, Host: "archive.example.org", Until: now.Add(2 * time.Minute)}, time.Second)
	waits(5, harvest.Wait{For: harvest.ForAnswer, Host: "brisk.example.org"}, time.Second) // as always
	var out output
	if err := s.print(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/status.txt", out.String())
}
