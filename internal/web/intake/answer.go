package intake

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Bounds of the items that an answer shows: of all, and further ones that somebody should look at.
const (
	maxShown    = 10_000
	maxTroubles = 1_000
)

// An answer says what became of what was sent.
type answer struct {
	Source   string   `json:"source"`
	Result   string   `json:"result"` // of the run: complete, incomplete, held, failed, cancelled
	Received int64    `json:"received,omitempty"`
	Totals   totals   `json:"totals"`
	Cursor   string   `json:"cursor,omitempty"` // of the log: readers that have come so far have seen all of it
	Why      string   `json:"why,omitempty"`    // why it is incomplete, held or failed
	Advice   string   `json:"advice,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Items    []*item  `json:"items"`
	NotShown int64    `json:"not_shown,omitempty"` // how many more items there are

	status int
	shown  map[string]*item    // by identifier
	held   map[string]struct{} // identifiers of items that are held
}

type totals struct {
	Items       int64 `json:"items"`
	Created     int64 `json:"created"`
	Changed     int64 `json:"changed"`
	Unchanged   int64 `json:"unchanged"`
	Deleted     int64 `json:"deleted"`
	Quarantined int64 `json:"quarantined"`
	Held        int64 `json:"held"`
	Suppressed  int64 `json:"suppressed"`
}

// An item is what became of one.
type item struct {
	Identifier string          `json:"identifier,omitempty"`
	Key        string          `json:"key"`
	Became     pipeline.Became `json:"became"`
	Reason     string          `json:"reason,omitempty"`
	Detail     string          `json:"detail,omitempty"`
	Advice     string          `json:"advice,omitempty"`
}

func newAnswer(source string) *answer {
	return &answer{Source: source, Items: []*item{}, shown: map[string]*item{}, held: map[string]struct{}{}}
}

// hear takes in what a commit did. What was held is told again when it is stored at the end.
func (a *answer) hear(receipt *pipeline.Receipt) {
	n := &receipt.Counts
	t := &a.Totals
	t.Items += n.Items
	t.Created += n.Added
	t.Changed += n.Updated
	t.Unchanged += n.Unchanged
	t.Deleted += n.Deleted
	t.Quarantined += n.Rejected
	t.Suppressed += n.Suppressed
	for i := range receipt.Fates {
		a.note(&receipt.Fates[i])
	}
	t.Held = int64(len(a.held))
}

func (a *answer) note(f *pipeline.Fate) {
	if f.Became == pipeline.BecameHeld {
		a.held[f.Identifier] = struct{}{}
	} else {
		delete(a.held, f.Identifier)
	}
	it := item{Identifier: f.Identifier, Key: f.Key, Became: f.Became, Reason: f.Reason, Detail: wording.ClipLine(f.Detail, 1000), Advice: adviceOn(a.Source, f)}
	if had := a.shown[f.Identifier]; had != nil && f.Identifier != "" {
		if it.Key == "" {
			it.Key = had.Key
		}
		*had = it
		return
	}
	if strings.HasPrefix(f.Key, placePrefix) { // it is called by its place in the document, and is no record
		it.Identifier = ""
	}
	trouble := f.Became == pipeline.BecameQuarantined || f.Became == pipeline.BecameHeld || f.Became == pipeline.BecameSuppressed
	if n := len(a.Items); n >= maxShown+maxTroubles || n >= maxShown && !trouble {
		a.NotShown++
		return
	}
	a.Items = append(a.Items, &it)
	a.shown[f.Identifier] = &it
}

// placePrefix begins what an item is called whose identifier is not known.
const placePrefix = "file:push "

// adviceOn says what to do about an item that is not what its sender wanted.
func adviceOn(source string, f *pipeline.Fate) string {
	switch f.Became {
	case pipeline.BecameHeld:
		return "A person must decide: sheaf pending."
	case pipeline.BecameSuppressed:
		return "It was taken down or withdrawn at the gateway. sheaf restore-record lets a withdrawn one come back."
	case pipeline.BecameQuarantined:
	default:
		return ""
	}
	switch f.Reason {
	case "no_identifier":
		return "Say with key: in the configuration where records have their identifier, or send the record to an address of its own: /push/" + source + "/IDENTIFIER."
	case "mapping":
		return "Correct the record, or the mapping: sheaf map " + source + " FILE shows what the rules make of it."
	case "too_large":
		return "Make it smaller, or send it in parts."
	case "bad_identifier", "duplicate_identifier":
		return "Give the record an identifier of its own."
	}
	return "Correct it and send it again. sheaf quarantine list --source " + source + " shows what was kept of it."
}

// conclude says how the run ended.
func (a *answer) conclude(report *pipeline.Report, err error) {
	a.Result, a.Why, a.Warnings = report.Result, report.Why, report.Warnings
	t := &a.Totals
	switch {
	case errors.Is(err, pipeline.ErrFull), errors.Is(err, pipeline.ErrPaused):
		a.status, a.Why, a.Advice = http.StatusServiceUnavailable, err.Error(), "What the totals say is stored. Send the whole again later; what is stored already comes as unchanged."
	case errors.Is(err, pipeline.ErrStopped), errors.Is(err, pipeline.ErrCancelled):
		// A delivery can't be gone on with, whatever the error says of harvests.
		why := strings.TrimSuffix(err.Error(), "; "+pipeline.ErrCancelled.Error())
		a.status, a.Why, a.Advice = http.StatusConflict, why, "Nothing was stored. Send it again when the source goes on."
		if t.Items > 0 {
			a.Advice = "What the totals say is stored. Send the whole again when the source goes on; what is stored already comes as unchanged."
		}
	case errors.Is(err, context.Canceled):
		a.status, a.Why, a.Advice = http.StatusServiceUnavailable, "the gateway is stopped", "What the totals say is stored. Send the whole again; what is stored already comes as unchanged."
	case err != nil:
		a.status, a.Why, a.Advice = http.StatusInternalServerError, err.Error(), "What the totals say is stored. The gateway's log says more."
	case t.Items-t.Quarantined <= 0 && t.Deleted == 0:
		a.status = http.StatusUnprocessableEntity
		if a.Why == "" {
			a.Why = "nothing of it can be used"
		}
		if a.Advice == "" && t.Items == 0 {
			a.Advice = "The body holds no record."
		}
	case t.Created > 0 && t.Quarantined == 0:
		a.status = http.StatusCreated
	default:
		a.status = http.StatusOK
	}
}

// retryAfter is when something may be sent again that can't be taken now.
const retryAfter = 5 * time.Second

func (a *answer) write(w http.ResponseWriter) { write(w, a.status, a) }

// A refusal says why nothing was taken of a request.
type refusal struct {
	Refused string `json:"error"`
	Advice  string `json:"advice,omitempty"`

	status int
	allow  string // methods
	err    error  // for the log
}

func refusedFor(status int, why, advice string) *refusal {
	return &refusal{Refused: wording.ClipLine(why, 1000), Advice: advice, status: status}
}

// refuse answers that nothing was taken.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, f *refusal) {
	why := f.Refused
	if f.err != nil {
		why += ": " + f.err.Error()
	}
	d.Logger.Warn("a push was refused", "path", wording.ClipLine(r.URL.Path, 200), "client", r.RemoteAddr, "status", f.status, "why", why)
	switch f.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="sheaf push"`)
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", f.allow)
	case http.StatusUnsupportedMediaType:
		w.Header().Set("Accept-Encoding", "gzip")
	}
	write(w, f.status, f)
}

// write answers with JSON. A reader that takes nothing is let go of after a minute.
func write(w http.ResponseWriter, status int, v any) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // texts and numbers only
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(time.Minute)) // a client that is gone needs no answer
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }()
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
	_ = control.Flush()
}
