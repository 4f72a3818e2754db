package observe

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The doors of the public side beside OAI-PMH, as the label door names them.
const (
	DoorChanges  = "changes"  // the feed of changes
	DoorDump     = "dump"     // the dump and its files
	DoorEvents   = "events"   // the description of events
	DoorFeed     = "feed"     // Atom
	DoorActivity = "activity" // Activity Streams
	DoorSitemap  = "sitemap"  // sitemaps and robots.txt
	DoorSite     = "site"     // pages for people
)

var doors = []string{DoorChanges, DoorDump, DoorEvents, DoorFeed, DoorActivity, DoorSitemap, DoorSite}

// DoorOf is the door of a path.
func DoorOf(path string) string {
	switch head, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); head {
	case "changes", "dump", "events", "activity":
		return head
	case "feed.atom":
		return DoorFeed
	case "sitemap.xml", "sitemaps", "robots.txt", "resourcesync", ".well-known":
		return DoorSitemap
	}
	return DoorSite
}

// Doors measure the doors of the public side beside OAI-PMH, which has metrics of its own.
type Doors struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
	records  *prometheus.CounterVec
}

// NewDoors registers the metrics.
func NewDoors(r prometheus.Registerer) *Doors {
	d := &Doors{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_door_requests_total",
			Help: "Requests to the doors beside OAI-PMH, by door (changes, dump, events, feed, activity, sitemap, site) and HTTP status."}, []string{"door", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sheaf_door_request_duration_seconds",
			Help:    "Time to answer at the doors beside OAI-PMH, to the last byte; at /changes what followers wait for news is part of it.",
			Buckets: []float64{.001, .005, .01, .05, .1, .5, 1, 5, 30, 60, 600}}, []string{"door"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "sheaf_door_requests_in_flight",
			Help: "Requests at the doors beside OAI-PMH that are being answered; at /changes followers that wait for news too."}, []string{"door"}),
		records: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_door_records_served_total",
			Help: "Records served at the doors beside OAI-PMH that hand on lists of them (changes, feed, activity, sitemap, site)."}, []string{"door"}),
	}
	for _, door := range doors {
		d.duration.WithLabelValues(door)
		d.inFlight.WithLabelValues(door)
		d.requests.WithLabelValues(door, "200")
	}
	for _, door := range []string{DoorChanges, DoorFeed, DoorActivity, DoorSitemap, DoorSite} {
		d.records.WithLabelValues(door)
	}
	r.MustRegister(d.requests, d.duration, d.inFlight, d.records)
	return d
}

// Handler measures the requests that h answers behind a door.
func (d *Doors) Handler(door string, h http.Handler) http.Handler {
	by := prometheus.Labels{"door": door}
	h = promhttp.InstrumentHandlerCounter(d.requests.MustCurryWith(by), h)
	h = promhttp.InstrumentHandlerDuration(d.duration.MustCurryWith(by), h)
	return promhttp.InstrumentHandlerInFlight(d.inFlight.With(by), h)
}

// Served counts records that were handed on behind a door.
func (d *Doors) Served(door string, records int) {
	d.records.WithLabelValues(door).Add(float64(max(records, 0)))
}
