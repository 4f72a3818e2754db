package observe

import (
	"context"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Peers are the gateways on a log, and what each of them does alone.
type Peers interface {
	Peers(context.Context) ([]store.Peer, error)
}

// Leases shows which gateways are on the log, and whether one of them does the work. Each gateway shows what the database says
// of all, so that it is known as long as one of them can be asked; since when it holds the lease, the holder alone says.
type Leases struct {
	Log    Peers
	Logger *slog.Logger
}

var (
	descGateways = desc("sheaf_gateways", "Gateways that have the log open, as this one sees it.")
	descHolders  = desc("sheaf_lease_holders", "Gateways that hold the lease, as this one sees it: 1, or 0 while nobody does that work.", "lease")
	descSince    = desc("sheaf_lease_held_since_timestamp_seconds", "Since when this gateway holds the lease; absent at the others.", "lease")
	descHosts    = desc("sheaf_lease_hosts", "Hosts that this gateway harvests just now, and keeps the others from; 0 where there can be no others.")
)

// Describe implements [prometheus.Collector].
func (l *Leases) Describe(ch chan<- *prometheus.Desc) {
	ch <- descGateways
	ch <- descHolders
	ch <- descSince
	ch <- descHosts
}

// Collect implements [prometheus.Collector].
func (l *Leases) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	peers, err := l.Log.Peers(ctx)
	if err != nil {
		l.Logger.Error("metrics of the leases can't be read", "err", err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	holders, hosts := 0, 0
	for i := range peers {
		for _, h := range peers[i].Holds {
			switch {
			case h.Name == store.WorkLease:
				holders++
				if peers[i].Self {
					gauge(descSince, float64(h.Since.Unix()), h.Name)
				}
			case peers[i].Self && strings.HasPrefix(h.Name, store.HostLease):
				hosts++
			}
		}
	}
	gauge(descHosts, float64(hosts))
	gauge(descGateways, float64(len(peers)))
	gauge(descHolders, float64(holders), store.WorkLease)
}
