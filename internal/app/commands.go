package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What the control socket answers. Every answer is JSON; those that go on for a while are one JSON
// value a line. An error is {"error": "…"} with a status that is not 200, or such a line.

func (c *Core) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /info", c.serveInfo)
	mux.HandleFunc("GET /clock", c.serveClock)
	mux.HandleFunc("POST /clock", c.serveClock)
	mux.HandleFunc("POST /epoch", c.serveEpoch)
	mux.HandleFunc("GET /sources", c.serveSources)
	mux.HandleFunc("GET /record", c.serveRecord)
	mux.HandleFunc("GET /records", c.serveRecords)
	mux.HandleFunc("GET /quarantine", c.serveQuarantine)
	mux.HandleFunc("GET /harvesters", c.serveHarvesters)
	mux.HandleFunc("POST /harvest", c.serveHarvest)
	mux.HandleFunc("GET /originals", c.serveOriginals)
	mux.HandleFunc("POST /remap", c.serveRemap)
	mux.HandleFunc("POST /quality", c.serveQuality)
	mux.HandleFunc("POST /backup", c.serveBackup)
	return mux
}

// Info is who answers.
type Info struct {
	Version   string        `json:"version"`
	Name      string        `json:"name"`
	Namespace string        `json:"namespace"`
	Head      pipeline.Head `json:"head"`
	Trouble   string        `json:"trouble,omitempty"` // why commits are paused
}

func (c *Core) serveInfo(w http.ResponseWriter, r *http.Request) {
	head, err := c.Store.Head(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	info := Info{Version: c.version, Name: c.Config.Gateway.Name, Namespace: c.Store.Namespace(), Head: head}
	if err := c.Store.Trouble(); err != nil {
		info.Trouble = err.Error()
	}
	answer(w, info)
}

// SourceInfo is what is configured of a source, and how it stands.
type SourceInfo struct {
	Name       string             `json:"name"`
	Title      string             `json:"title,omitempty"`
	Kind       string             `json:"kind,omitempty"` // empty for one that is not configured any more
	From       []string           `json:"from,omitempty"`
	Every      time.Duration      `json:"every,omitempty"`
	Status     store.SourceStatus `json:"status"`
	Configured bool               `json:"configured"`
	Next       time.Time          `json:"next,omitzero"`    // when it is harvested next; zero if nobody will
	Waiting    pipeline.Waiting   `json:"waiting,omitzero"` // what its run waits for, if it does
}

func (c *Core) serveSources(w http.ResponseWriter, r *http.Request) {
	status, err := c.Store.Status(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	infos := sourceInfos(c.Config, status)
	for i := range infos {
		infos[i].Next, infos[i].Waiting = c.Scheduler.Due(infos[i].Name), c.Scheduler.Waiting(infos[i].Name)
	}
	answer(w, infos)
}

// Configured says what is configured, without looking at the log.
func Configured(cfg *config.Config) []SourceInfo { return sourceInfos(cfg, nil) }

// sourceInfos joins what is configured, in order of the names, with what is in the log.
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

// shownAll are addresses as everybody may see them.
func shownAll(addresses []string) []string {
	out := make([]string, len(addresses))
	for i, a := range addresses {
		out[i] = harvest.Shown(a)
	}
	return out
}

func (c *Core) serveRecord(w http.ResponseWriter, r *http.Request) {
	rec, err := c.Store.Record(r.Context(), r.FormValue("id"))
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, rec)
}

// exportPage is how many records are read in one snapshot.
const exportPage = 500

// serveRecords streams the log: the records after a cursor, one a line, until the head.
func (c *Core) serveRecords(w http.ResponseWriter, r *http.Request) {
	after, err := number(r, "after", 0)
	if err != nil {
		refuse(w, err)
		return
	}
	source := r.FormValue("source")
	out := json.NewEncoder(w)
	for {
		records, _, err := c.Store.Read(r.Context(), after, exportPage)
		if err != nil {
			_ = out.Encode(failure{err.Error()})
			return
		}
		if len(records) == 0 {
			return
		}
		for i := range records {
			after = records[i].Seq
			if source != "" && records[i].Source != source {
				continue
			}
			if err := out.Encode(&records[i]); err != nil {
				return // the reader has gone
			}
		}
	}
}

// quarantinePage is how many rejected items are given at once.
const quarantinePage = 1000

// number reads an argument that is a number, 0 or more.
func number(r *http.Request, name string, missing int64) (int64, error) {
	text := r.FormValue(name)
	if text == "" {
		return missing, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s must be a number, not %q", name, text)
	}
	return n, nil
}

func (c *Core) serveQuarantine(w http.ResponseWriter, r *http.Request) {
	after, err := number(r, "after", 0)
	if err != nil {
		refuse(w, err)
		return
	}
	limit, err := number(r, "limit", quarantinePage)
	if err != nil {
		refuse(w, err)
		return
	}
	items, err := c.Store.Quarantine(r.Context(), r.FormValue("source"), after, int(min(limit, quarantinePage)))
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, items)
}

// HarvestLine is one line of the answer to a harvest: progress, then the end.
type HarvestLine struct {
	Source string          `json:"source"`
	Counts pipeline.Counts `json:"counts"`
	Total  int             `json:"total,omitempty"` // the source's own estimate of the pass
	Done   bool            `json:"done,omitempty"`
	Result string          `json:"result,omitempty"`
	Took   time.Duration   `json:"took,omitempty"`
	Why    string          `json:"why,omitempty"` // why it is incomplete
	// Warnings are what a person should see; Error says why it failed, Advice what to do about it.
	Warnings []string `json:"warnings,omitempty"`
	Error    string   `json:"error,omitempty"`
	Advice   string   `json:"advice,omitempty"`
}

// serveHarvest runs a source now. The run ends when the client hangs up.
func (c *Core) serveHarvest(w http.ResponseWriter, r *http.Request) {
	src, err := c.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	lines, unfollow := c.followers.follow(src.Name)
	type end struct {
		report *pipeline.Report
		err    error
	}
	ended := make(chan end, 1)
	go func() {
		report, err := c.Scheduler.Harvest(r.Context(), src, pipeline.Order{Full: r.FormValue("full") != "", Accept: r.FormValue("accept") != ""})
		unfollow()
		ended <- end{report, err}
	}()
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	for line := range lines {
		_ = out.Encode(line) // a client that is gone ends the run through the request's context
		_ = flush.Flush()
	}
	e := <-ended
	line := HarvestLine{Source: src.Name, Done: true, Result: pipeline.Failed}
	if e.report != nil {
		line.Counts, line.Result, line.Took, line.Warnings, line.Why = e.report.Counts, e.report.Result, e.report.Took, e.report.Warnings, e.report.Why
	}
	if e.err != nil {
		line.Error = e.err.Error()
		var remote *harvest.Error
		if errors.As(e.err, &remote) {
			line.Advice = remote.Sentence()
		}
	}
	_ = out.Encode(line)
}

// A HarvesterInfo is one walk of somebody who harvests us, and how it stands.
type HarvesterInfo struct {
	store.Session
	State string  `json:"state"`
	Speed float64 `json:"records_per_second"`
}

// serveHarvesters gives the sessions, the one heard of last first.
func (c *Core) serveHarvesters(w http.ResponseWriter, _ *http.Request) {
	sessions, now := c.harvesters.Sessions(), time.Now()
	out := make([]HarvesterInfo, len(sessions))
	for i := range sessions {
		s := &sessions[i]
		out[i] = HarvesterInfo{*s, s.State(now), s.Speed()}
	}
	answer(w, out)
}

func (c *Core) serveBackup(w http.ResponseWriter, r *http.Request) {
	if err := c.Store.Backup(r.Context(), r.FormValue("file")); err != nil {
		refuse(w, err)
		return
	}
	answer(w, struct{}{})
}

type failure struct {
	Error string `json:"error"`
}

// serveQuality measures the records of a source, as fast as it goes.
func (c *Core) serveQuality(w http.ResponseWriter, r *http.Request) {
	q, err := c.surveys.Measure(r.Context(), r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	if c.Config.Gateway.URL != "" {
		q.Pages = c.Config.Gateway.URL + "/records/"
	}
	answer(w, q)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the reader may have gone
}

func refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	status := http.StatusInternalServerError
	if errors.Is(err, pipeline.ErrNotFound) {
		status = http.StatusNotFound
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(failure{err.Error()})
}
