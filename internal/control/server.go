package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/backup"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Gateway is what commands need of the process that answers them.
type Gateway struct {
	Version string
	// URL is the public root, without a slash at the end.
	URL    string
	Config *config.Config
	Logger *slog.Logger
	Log    Log
	// Source finds a source by its name; the error says how to see the names.
	Source func(name string) (*pipeline.Source, error)
	// Audit is where it is written down what people do.
	Audit *audit.Log
	// Scheduler runs harvests. Followers must hear of its runs, and Remaps know of the remaps under way.
	Scheduler Scheduler
	Followers *Followers
	Remaps    *Remaps
	Surveys   Surveys
	// Rules reads the rules of a source, as its files are now. apply says that what they make will be stored. A draft, if
	// there is one, stands for the mapping that the configuration names.
	Rules func(source *pipeline.Source, apply bool, draft []byte) (Rules, error)
	// Remapped hears of records of a source that a remap has changed.
	Remapped func(source string, changed int64)
	// Removed hears that a person has removed a record from the log. It returns when nothing shows the record any more.
	Removed func(context.Context, *pipeline.Suppression) error
	// BackedUp hears that a backup was written.
	BackedUp func(context.Context) error
	// Kept makes the backups that the configuration asks for; nil if it asks for none.
	Kept *backup.Keeper
	// Harvesters are the walks of those who harvest us, the one heard of last first.
	Harvesters func() []store.Session
	// Events says how the event stream stands; nil where nothing is published.
	Events func() *EventsInfo
	// Refresh sends an event of a record again, because somebody asked for it at that moment.
	Refresh func(ctx context.Context, e *pipeline.Event, asked time.Time) error
	// Webhooks gives the webhooks; nil if there are none.
	Webhooks func(context.Context) (*webhook.Hooks, error)
	// Reload reads the configuration again, puts it in force, and says what has changed, or what is wrong with it. Nil where
	// nothing can be read again.
	Reload func(context.Context) (changed []string, err error)
	// Refusal says when the configuration that was read last was refused, and why; the time is zero if it is in force. Nil
	// where nothing can be read again.
	Refusal func() (at time.Time, why string)
	// Certificates says which of the gateway's own certificates clients refuse, or soon will, and what to do; empty if none.
	// Nil where there are none.
	Certificates func() string
	// Stopped hears that a person has stopped a source.
	Stopped func(source string, s pipeline.Stop)
}

// A Log is what commands read and write of the log.
type Log interface {
	pipeline.Reader
	pipeline.Feed
	pipeline.Keeper
	store.Curator
	Namespace() string
	// Trouble says why commits are paused; nil if they are not.
	Trouble() error
	// Health says what is wrong with the log and its disk; nil if nothing is.
	Health() error
	// Wall is the time of the machine's clock.
	Wall() time.Time
	// ConfirmClock says in the name of a person that the clock is right.
	ConfirmClock(context.Context) (time.Time, error)
	// BeginEpoch begins a new epoch, and TakeOver makes the event stream this log's.
	BeginEpoch(ctx context.Context, why string) error
	TakeOver(context.Context) error
	// Status says how each source stands that was ever harvested.
	Status(context.Context) ([]store.SourceStatus, error)
	// Runs gives up to limit of the runs that are remembered of a source, or of all, the newest first.
	Runs(ctx context.Context, source string, limit int) ([]store.PastRun, error)
	Reconciliations(ctx context.Context, source string, limit int) ([]pipeline.Reconciliation, error)
	// Quarantine gives up to limit rejected items of a source, or of all, whose number is larger than after.
	Quarantine(ctx context.Context, source string, after int64, limit int) ([]store.Quarantined, error)
	// HeldChanges, Decide and Decisions are about what waits for a person, as in [pipeline.Log].
	HeldChanges(ctx context.Context, source string, after int64, approvedOnly bool, limit int) ([]pipeline.HeldChange, error)
	Decide(ctx context.Context, source string, run int64, d pipeline.Decision) error
	Decisions(ctx context.Context, limit int) ([]pipeline.Decided, error)
	// Check reads the whole log, and says how many records it has and whether it is whole ([store.ErrDamaged]).
	Check(ctx context.Context, thorough bool) (records int64, err error)
	// Server looks at the database server that the log is on; it finds nothing where the log is in a file.
	Server(ctx context.Context) []store.Remark
	// Peers are the gateways that have the log open, and what each of them does alone.
	Peers(context.Context) ([]store.Peer, error)
	// Alone takes a lease until release is called; held is nil if another gateway has it, and ends when it may have it.
	Alone(ctx context.Context, lease string) (held context.Context, release func(), err error)
	// DiskFree is what can still be written beside the log, if the system says so.
	DiskFree() (bytes int64, ok bool)
	// Backup writes a copy of the log to a file.
	Backup(ctx context.Context, file string) error
}

// A Scheduler runs harvests.
type Scheduler interface {
	Harvest(ctx context.Context, source *pipeline.Source, o pipeline.Order) (*pipeline.Report, error)
	// Join waits for the run of a source that is under way; it is false if there is none.
	Join(ctx context.Context, source string) (report *pipeline.Report, joined bool, err error)
	// Cancel ends the run of a source that is under way, with the error why; nil if there is none.
	Cancel(ctx context.Context, source string, why error) (*pipeline.Report, error)
	// Due is when a source is harvested next; zero if it is not.
	Due(source string) time.Time
	// Waiting says what the run of a source waits for; zero if it waits for nothing.
	Waiting(source string) pipeline.Waiting
}

// Surveys measure how good the metadata of sources is.
type Surveys interface {
	Measure(ctx context.Context, source string) (*quality.Survey, error)
	// Outdated says that other rules have made records of a source, which may be where they were in the log.
	Outdated(ctx context.Context, source string)
}

// routes are the commands.
func (g *Gateway) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /info", g.serveInfo)
	mux.HandleFunc("GET /clock", g.serveClock)
	mux.HandleFunc("POST /clock", g.serveClock)
	mux.HandleFunc("POST /epoch", g.serveEpoch)
	mux.HandleFunc("GET /sources", g.serveSources)
	mux.HandleFunc("GET /record", g.serveRecord)
	mux.HandleFunc("GET /records", g.serveRecords)
	mux.HandleFunc("GET /quarantine", g.serveQuarantine)
	mux.HandleFunc("POST /quarantine/dismiss", g.serveDismiss)
	mux.HandleFunc("POST /quarantine/retry", g.serveRetry)
	mux.HandleFunc("GET /harvesters", g.serveHarvesters)
	mux.HandleFunc("POST /refresh", g.serveRefresh)
	mux.HandleFunc("GET /webhooks", g.serveWebhooks)
	mux.HandleFunc("GET /webhooks/letters", g.ofWebhook(g.letters))
	mux.HandleFunc("POST /webhooks/replay", g.ofWebhook(g.replay))
	mux.HandleFunc("POST /webhooks/drop", g.ofWebhook(g.dropLetters))
	mux.HandleFunc("POST /webhooks/test", g.ofWebhook(g.testWebhook))
	mux.HandleFunc("GET /pending", g.servePending)
	mux.HandleFunc("GET /pending/changes", g.servePendingChanges)
	mux.HandleFunc("POST /decide", g.serveDecide)
	mux.HandleFunc("POST /remove", g.serveRemove)
	mux.HandleFunc("POST /readmit", g.serveReadmit)
	mux.HandleFunc("GET /suppressed", g.serveSuppressed)
	mux.HandleFunc("POST /stop", g.serveStop)
	mux.HandleFunc("POST /resume", g.serveResume)
	mux.HandleFunc("POST /retire", g.serveRetire)
	mux.HandleFunc("POST /harvest", g.serveHarvest)
	mux.HandleFunc("GET /runs", g.serveRuns)
	mux.HandleFunc("POST /cancel", g.serveCancel)
	mux.HandleFunc("GET /originals", g.serveOriginals)
	mux.HandleFunc("GET /mapping", g.serveMapping)
	mux.HandleFunc("POST /explain", g.serveExplain)
	mux.HandleFunc("POST /remap", g.serveRemap)
	mux.HandleFunc("POST /quality", g.serveQuality)
	mux.HandleFunc("POST /backup", g.serveBackup)
	mux.HandleFunc("POST /reload", g.serveReload)
	mux.HandleFunc("POST /doctor", g.serveDoctor)
	return mux
}

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

type failure struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the reader may have gone
}

func refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, pipeline.ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, errStranger):
		status = http.StatusForbidden
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(failure{err.Error()})
}

// A stream answers with one JSON value after another, each sent at once. A client that is gone ends the command
// through the context of its request, so that errors of writing need no care.
type stream struct {
	out   *json.Encoder
	flush *http.ResponseController
}

func newStream(w http.ResponseWriter) stream {
	return stream{json.NewEncoder(w), http.NewResponseController(w)}
}

// begin tells the client that the command has begun, before there is a line to send.
func (s stream) begin() { _ = s.flush.Flush() }

func (s stream) send(v any) {
	_ = s.out.Encode(v)
	s.begin()
}
