package control

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A SourceInfo is what the configuration says of a source, and how the source stands in the log.
type SourceInfo struct {
	Name       string             `json:"name"`
	Title      string             `json:"title,omitempty"`
	Kind       string             `json:"kind,omitempty"` // empty for one that is not configured any more
	From       []string           `json:"from,omitempty"`
	Every      time.Duration      `json:"every,omitempty"`
	Status     store.SourceStatus `json:"status"`
	Configured bool               `json:"configured"`
	// Reconcile is how often its list is held against the log; 0 if it shows what it has by giving everything.
	// Reconciliations are what came of that the last times, the last one first.
	Reconcile       time.Duration             `json:"reconcile,omitempty"`
	Reconciliations []pipeline.Reconciliation `json:"reconciliations,omitempty"`
	Next            time.Time                 `json:"next,omitzero"`    // when it is harvested next; zero if it is not
	Waiting         pipeline.Waiting          `json:"waiting,omitzero"` // what its run waits for, if it does
}

func (g *Gateway) serveSources(w http.ResponseWriter, r *http.Request) {
	status, err := g.Log.Status(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	infos := sourceInfos(g.Config, status)
	for i := range infos {
		infos[i].Next, infos[i].Waiting = g.Scheduler.Due(infos[i].Name), g.Scheduler.Waiting(infos[i].Name)
		if src, err := g.Source(infos[i].Name); err == nil {
			infos[i].Reconcile = src.ReconcileEvery
		}
		if infos[i].Reconciliations, err = g.Log.Reconciliations(r.Context(), infos[i].Name, shownReconciliations); err != nil {
			refuse(w, err)
			return
		}
	}
	answer(w, infos)
}

// shownReconciliations is how many reconciliations of a source are told.
const shownReconciliations = 5

// Configured says what the configuration says of sources, without looking at the log.
func Configured(cfg *config.Config) []SourceInfo { return sourceInfos(cfg, nil) }

// sourceInfos gives the configured sources in order of their names, then those that are only in the log.
func sourceInfos(cfg *config.Config, status []store.SourceStatus) []SourceInfo {
	byName := map[string]store.SourceStatus{}
	for _, st := range status {
		byName[st.Source] = st
	}
	infos := make([]SourceInfo, 0, len(cfg.Sources))
	for _, name := range slices.Sorted(maps.Keys(cfg.Sources)) {
		s := cfg.Sources[name]
		infos = append(infos, SourceInfo{Name: name, Title: s.Title, Kind: s.Kind, From: shownAll(s.From), Every: s.Every, Status: byName[name], Configured: true})
		delete(byName, name)
	}
	for _, st := range status {
		if _, left := byName[st.Source]; left {
			infos = append(infos, SourceInfo{Name: st.Source, Status: st})
		}
	}
	return infos
}

// shownAll gives addresses without what may be secret in them.
func shownAll(addresses []string) []string {
	out := make([]string, len(addresses))
	for i, a := range addresses {
		out[i] = harvest.Shown(a)
	}
	return out
}

// Sources says what is configured and how it stands.
func (c *Client) Sources(ctx context.Context) (out []SourceInfo, err error) {
	return out, c.get(ctx, "/sources", nil, &out)
}
