package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A RemapLine is one line of the answer to a remap: how far it is and, as the last one, a report.
type RemapLine struct {
	Records int64                 `json:"records"` // looked at up to now
	Changed int64                 `json:"changed"`
	Total   int64                 `json:"total,omitempty"` // live records of the source
	Report  *pipeline.RemapReport `json:"report,omitempty"`
	// Corrected says what became of people's corrections. It comes with the report, if the source has any.
	Corrected *pipeline.Corrected `json:"corrected,omitempty"`
	// Quarantined is how many items of the source are in quarantine, where a remap does not look. It comes with the
	// report.
	Quarantined int64  `json:"quarantined,omitempty"`
	Error       string `json:"error,omitempty"`
}

// Rules are the rules of a source, read anew.
type Rules interface {
	pipeline.Mapper
	// Watched gives the same rules, and a report on what became of people's corrections while these were used; nil if
	// there is nothing to say. whole says that every record of the source was mapped.
	Watched() (watched pipeline.Mapper, report func(whole bool) *pipeline.Corrected)
}

// Remaps are the remaps under way, which change records. The zero value has none.
type Remaps struct{ sources sync.Map }

// Busy says that records of a source are being mapped again.
func (m *Remaps) Busy(source string) bool {
	_, busy := m.sources.Load(source)
	return busy
}

// begin says whether a remap of the source may begin: there is one at a time.
func (m *Remaps) begin(source string) bool {
	_, busy := m.sources.LoadOrStore(source, true)
	return !busy
}

func (m *Remaps) end(source string) { m.sources.Delete(source) }

// serveRemap runs the rules of a source, as its files are now, over the originals that are kept. Without apply it only
// counts what would change; with apply it stores what the rules make. It ends when the client hangs up, and the next
// remap goes on from there.
func (g *Gateway) serveRemap(w http.ResponseWriter, r *http.Request) {
	src, err := g.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	apply := r.FormValue("apply") != ""
	text, err := draft(r)
	if err == nil && text != nil && apply {
		err = errors.New("a draft of a mapping is not applied; put it into the file that the configuration names")
	}
	if err != nil {
		refuse(w, err)
		return
	}
	limit, err := number(r, "limit", 0)
	if err != nil {
		refuse(w, err)
		return
	}
	rules, err := g.newRules(src, apply, r.FormValue("rules"), text)
	if err != nil {
		refuse(w, err)
		return
	}
	rate, err := pace(r.FormValue("rate"))
	if err != nil {
		refuse(w, err)
		return
	}
	standing, err := g.standing(r.Context(), src.Name)
	if err != nil {
		refuse(w, err)
		return
	}
	ctx := r.Context()
	if apply {
		if !g.Remaps.begin(src.Name) {
			refuse(w, fmt.Errorf("a remap of %s is under way already", src.Name))
			return
		}
		var release func()
		if ctx, release, err = g.remapsAlone(ctx, src.Name); err != nil {
			g.Remaps.end(src.Name)
			refuse(w, err)
			return
		}
		defer release()
		g.note(r, audit.Entry{What: audit.Remap, Source: src.Name, More: "rules " + rules.Version()})
		// This is said before as well, because the process may not live to see the end.
		g.Surveys.Outdated(r.Context(), src.Name)
		defer func() {
			g.Remaps.end(src.Name)
			g.Surveys.Outdated(context.WithoutCancel(r.Context()), src.Name)
		}()
		// From here on harvests go by the new rules too, so that the two agree.
		src.SetRules(rules)
	}
	g.remap(ctx, newStream(w), src, rules, rate, apply, limit, standing)
}

// errRemapLost ends a remap that another gateway may go on with.
var errRemapLost = errors.New("the database was not heard of for so long that another gateway may remap the source by now")

// remapsAlone keeps other gateways on the log from remapping a source until release is called, if none does. The context ends when
// that can't be kept up.
func (g *Gateway) remapsAlone(ctx context.Context, source string) (_ context.Context, release func(), err error) {
	held, giveUp, err := g.Log.Alone(ctx, store.RemapLease+source)
	if err != nil {
		return nil, nil, fmt.Errorf("keep other gateways from remapping %s: %w", source, err)
	}
	if held == nil {
		place, err := g.holder(ctx, store.RemapLease+source)
		return nil, nil, cmp.Or(err, fmt.Errorf("a remap of %s is under way at the gateway at %s; if that is gone, sheaf remap goes on from where it was within 20 seconds", source, cmp.Or(place, "another place")))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(held, func() { cancel(errRemapLost) })
	return ctx, func() { stop(); cancel(nil); giveUp() }, nil
}

// holder is where another gateway runs that has a lease; empty if none has it.
func (g *Gateway) holder(ctx context.Context, lease string) (place string, err error) {
	peers, err := g.Log.Peers(ctx)
	for i := range peers {
		if p := &peers[i]; !p.Self && p.Has(lease) {
			place = p.Place
		}
	}
	return place, err
}

// remap runs the rules and tells the client how far it is. One that only counts ends when it has met limit records, if that
// is not 0.
func (g *Gateway) remap(ctx context.Context, out stream, src *pipeline.Source, rules Rules, rate float64, apply bool, limit int64, standing store.SourceStatus) {
	ctx, enough := context.WithCancelCause(ctx)
	defer enough(nil)
	watched, corrected := rules.Watched()
	remapper := &pipeline.Remapper{Log: g.Log, Source: src, Mapper: watched, Rate: rate}
	if !apply && limit > 0 {
		remapper.Page = int(min(limit, maxSamplePage))
	}
	var counted int64
	remapper.Progress = func(p *pipeline.RemapReport) {
		if apply {
			g.Remapped(src.Name, p.Changed-counted)
			counted = p.Changed
		}
		out.send(RemapLine{Records: p.Records(), Changed: p.Changed, Total: standing.Live})
		if !apply && limit > 0 && p.Records() >= limit {
			enough(errEnough)
		}
	}
	out.begin() // because a remap that drips slowly has nothing to tell for a while
	run := remapper.Count
	if apply {
		run = remapper.Apply
	}
	report, err := run(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errEnough) {
		err = nil
	}
	if err != nil && errors.Is(context.Cause(ctx), errRemapLost) {
		err = errRemapLost
	}
	line := RemapLine{Records: report.Records(), Changed: report.Changed, Total: standing.Live, Report: report, Quarantined: standing.Quarantined}
	line.Corrected = corrected(err == nil && report.Already == 0 && report.Failed == 0 && !report.Resumed)
	if err != nil {
		line.Error = err.Error()
	}
	if apply {
		g.Logger.Info("a remap has ended", "source", src.Name, "rules", report.Rules, "changed", report.Changed, "same", report.Same,
			"failed", report.Failed, "skipped", report.Skipped, "took", report.Took, "err", err)
	}
	out.send(line)
}

// maxSamplePage is how many records are read at once for a sample.
const maxSamplePage = 500

// errEnough ends a remap that has met as many records as it was to meet.
var errEnough = errors.New("enough records were met")

// newRules reads the rules of a source, which must have the wanted version if one is wanted.
func (g *Gateway) newRules(src *pipeline.Source, apply bool, want string, draft []byte) (Rules, error) {
	rules, err := g.Rules(src, apply, draft)
	if err != nil {
		return nil, err
	}
	if want != "" && want != rules.Version() {
		return nil, fmt.Errorf("the gateway that runs here has another configuration of %s than the one you gave; restart it, then remap", src.Name)
	}
	return rules, nil
}

// pace reads how many records may change in a second. Zero, or nothing, sets no bound.
func pace(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	rate, err := strconv.ParseFloat(text, 64)
	if err != nil || !(rate >= 0 && rate <= 1e9) {
		return 0, fmt.Errorf("rate must be a number of records in a second, not %q", text)
	}
	return rate, nil
}

// standing says how a source stands in the log.
func (g *Gateway) standing(ctx context.Context, source string) (store.SourceStatus, error) {
	all, err := g.Log.Status(ctx)
	if err != nil {
		return store.SourceStatus{}, err
	}
	for _, st := range all {
		if st.Source == source {
			return st, nil
		}
	}
	return store.SourceStatus{}, nil
}

// A RemapOrder says what a remap is to do.
type RemapOrder struct {
	Source string
	Apply  bool    // store what the rules make, rather than count
	Rate   float64 // records that may change in a second; zero sets no bound
	Rules  string  // the version that the rules must have; empty if any will do
	// Draft is a mapping to count with in the place of the source's, and Limit how many records are enough; 0 for all. Neither
	// goes with Apply.
	Draft string
	Limit int64
}

// Remap runs the rules of a source over its originals, and calls progress for each line of news; the
// last one has a report.
func (c *Client) Remap(ctx context.Context, o RemapOrder, progress func(*RemapLine) error) error {
	args := url.Values{"source": {o.Source}, "rules": {o.Rules}, "rate": {strconv.FormatFloat(o.Rate, 'g', -1, 64)}, "mapping": {o.Draft}, "limit": {strconv.FormatInt(o.Limit, 10)}}
	if o.Apply {
		args.Set("apply", "1")
	}
	return lines(ctx, c, http.MethodPost, "/remap", args, progress)
}
