package observe

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/webhook"
)

// Webhooks shows how each webhook of the configuration stands. There are at most 100.
type Webhooks struct {
	Hooks interface {
		Standings(context.Context) ([]webhook.Standing, error)
	}
	Logger *slog.Logger
}

var (
	descWebhookRequests  = desc("sheaf_webhook_requests_total", "Requests to the receiver of a webhook, by what became of them: delivered (2xx), refused (any other answer), unreachable (no answer, or 502 to 504), busy (429, or 503 with Retry-After), gone (410).", "webhook", "outcome")
	descWebhookInFlight  = desc("sheaf_webhook_requests_in_flight", "Requests about records to the receiver of a webhook that are under way.", "webhook")
	descWebhookBehind    = desc("sheaf_webhook_behind_changes", "Places of the log that a webhook has yet to read, an upper bound of the changes.", "webhook")
	descWebhookLetters   = desc("sheaf_webhook_letters", "Changes that the receiver of a webhook has not taken: waiting ones are tried again, dead ones are not.", "webhook", "state")
	descWebhookFailing   = desc("sheaf_webhook_failing_since_timestamp_seconds", "Since when nothing was delivered by a webhook though something was tried; absent if what was tried last was delivered.", "webhook")
	descWebhookEnded     = desc("sheaf_webhook_ended", "1 if the receiver of a webhook wanted no more (410), else 0.", "webhook")
	descWebhookDelivered = desc("sheaf_webhook_last_delivered_timestamp_seconds", "When a webhook delivered something last; absent if it never did.", "webhook")
)

// Describe implements [prometheus.Collector].
func (w *Webhooks) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descWebhookRequests, descWebhookInFlight, descWebhookBehind, descWebhookLetters, descWebhookFailing, descWebhookEnded, descWebhookDelivered} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (w *Webhooks) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	all, err := w.Hooks.Standings(ctx)
	if err != nil {
		w.Logger.Error("metrics of the webhooks can't be read", "err", err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for i := range all {
		s := &all[i]
		if s.URL == "" {
			continue // it is not in the configuration any more
		}
		for _, o := range webhook.Outcomes {
			ch <- prometheus.MustNewConstMetric(descWebhookRequests, prometheus.CounterValue, float64(s.Requests[o]), s.Name, string(o))
		}
		gauge(descWebhookInFlight, float64(s.InFlight), s.Name)
		gauge(descWebhookBehind, float64(s.Behind), s.Name)
		gauge(descWebhookLetters, float64(s.Waiting), s.Name, "waiting")
		gauge(descWebhookLetters, float64(s.Dead), s.Name, "dead")
		ended := 0.0
		if !s.Ended.IsZero() {
			ended = 1
		}
		gauge(descWebhookEnded, ended, s.Name)
		if !s.Failing.IsZero() {
			gauge(descWebhookFailing, float64(s.Failing.Unix()), s.Name)
		}
		if !s.Delivered.IsZero() {
			gauge(descWebhookDelivered, float64(s.Delivered.Unix()), s.Name)
		}
	}
}
