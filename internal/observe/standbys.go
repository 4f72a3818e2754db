package observe

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Standbys shows the replicas of the database that the log is in. A log in a file has none, and no metrics of them.
type Standbys struct {
	Log    Replicated // nil for a log in a file
	Logger *slog.Logger
}

// Replicated is a log in a database that may have replicas.
type Replicated interface {
	Standbys(context.Context) (store.Standbys, error)
}

var (
	descStandbys     = desc("sheaf_store_replicas", "Replicas that are connected to the database of the log; only for PostgreSQL.")
	descStandbysSync = desc("sheaf_store_replicas_synchronous", "Those of them that commits wait for.")
	descStandbysLag  = desc("sheaf_store_replica_lag_bytes", "How much of the write-ahead log the replica that is furthest behind has yet to replay; absent where the gateway's role may not know (GRANT pg_read_all_stats).")

	descStandbyReads = desc("sheaf_store_replica_reads_total", "Snapshots of the log that the doors served, by who gave them: the read replica, or the primary in its place because that was behind or away; absent without a read replica.", "from")
)

// Describe implements [prometheus.Collector].
func (s *Standbys) Describe(ch chan<- *prometheus.Desc) {
	ch <- descStandbys
	ch <- descStandbysSync
	ch <- descStandbysLag
	ch <- descStandbyReads
}

// Collect implements [prometheus.Collector].
func (s *Standbys) Collect(ch chan<- prometheus.Metric) {
	if s.Log == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	now, err := s.Log.Standbys(ctx)
	if err != nil {
		s.Logger.Error("metrics of the replicas can't be read", "err", err)
		return
	}
	ch <- prometheus.MustNewConstMetric(descStandbys, prometheus.GaugeValue, float64(now.All))
	if r := now.Read; r != nil {
		ch <- prometheus.MustNewConstMetric(descStandbyReads, prometheus.CounterValue, float64(r.Views), "replica")
		ch <- prometheus.MustNewConstMetric(descStandbyReads, prometheus.CounterValue, float64(r.Missed), "primary")
	}
	if now.Behind < 0 {
		return // nor is it known which of them commits wait for
	}
	ch <- prometheus.MustNewConstMetric(descStandbysSync, prometheus.GaugeValue, float64(now.Synchronous))
	ch <- prometheus.MustNewConstMetric(descStandbysLag, prometheus.GaugeValue, float64(now.Behind))
}
