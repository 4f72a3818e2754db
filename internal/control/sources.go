package control

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
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
	// Total is how many items the source itself says that the pass under way will have; 0 if it does not say.
	Total int `json:"total,omitempty"`
}

// State says in a word how the source stands. alone says that no gateway runs ([store.Setting]).
func (s *SourceInfo) State(alone bool, now time.Time) string {
	return s.Status.State(store.Setting{Configured: s.Configured, Every: s.Every, Waiting: s.Waiting.For != "", Alone: alone, Now: now})
}

// NeedsLook reports whether an operator should look at a source that is in such a state.
func (s *SourceInfo) NeedsLook(state string) bool {
	switch state {
	case store.StateLate, store.StateInterrupted, pipeline.Failed, pipeline.Stuck, pipeline.Incomplete, pipeline.OnHold:
		return true
	case pipeline.Retired:
		return s.Status.Live > 0
	}
	return s.Status.Quarantined > 0
}

func (g *Gateway) serveSources(w http.ResponseWriter, r *http.Request) {
	status, err := g.Log.Status(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	infos := sourceInfos(g.Config, status)
	if name := r.FormValue("source"); name != "" {
		infos = slices.DeleteFunc(infos, func(s SourceInfo) bool { return s.Name != name })
	}
	for i := range infos {
		infos[i].Total = g.Followers.total(infos[i].Name)
		infos[i].Next, infos[i].Waiting = g.Scheduler.Due(infos[i].Name), g.Scheduler.Waiting(infos[i].Name)
		if src, err := g.Source(infos[i].Name); err == nil {
			infos[i].Reconcile = src.ReconcileEvery
		}
		if r.FormValue("brief") != "" {
			continue
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

// Brief is Sources without reconciliations, which take a question to the log for each source.
func (c *Client) Brief(ctx context.Context) (out []SourceInfo, err error) {
	return out, c.get(ctx, "/sources", url.Values{"brief": {"1"}}, &out)
}

// OneSource is what Sources says of one of them; [pipeline.ErrNotFound] if there is none.
func (c *Client) OneSource(ctx context.Context, name string) (*SourceInfo, error) {
	var out []SourceInfo
	if err := c.get(ctx, "/sources", url.Values{"source": {name}}, &out); err != nil {
		return nil, err
	}
	if name == "" || len(out) != 1 {
		return nil, fmt.Errorf("%w: there is no source %q", pipeline.ErrNotFound, name)
	}
	return &out[0], nil
}

// Sources says what is configured and how it stands.
func (c *Client) Sources(ctx context.Context) (out []SourceInfo, err error) {
	return out, c.get(ctx, "/sources", nil, &out)
}
