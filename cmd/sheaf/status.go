package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type statusCmd struct {
	Sources []string `arg:"" optional:"" name:"source" help:"Sources to tell more of. Default: a line for each."`
	JSON    bool     `help:"Print JSON."`
}

func (statusCmd) Help() string {
	return `Says whether the gateway runs, where its log stands, and of each source: its records, when it was last harvested to the end, how the last run went, and when the next one is due.

Where the configuration in the files is no good it says so, with each problem; the gateway goes on with the one that it has read.

Of the event stream it says up to which place of the log it holds the changes, and how each durable consumer stands: what it has yet to read, and when at the latest it misses an event because the stream drops its oldest ones.

Where several gateways have one log in PostgreSQL it says which they are, which of them publishes and sends webhooks, and from how many hosts each harvests.

With the names of sources it tells more of them: what last showed that the log has what the source has, which records that lacked were found, and how many are too many.

A harvest that waits says what for: for its turn, for a host to answer, or for a host to have had its rest.

The states are ok, running, waiting (for a place to begin), never (harvested), late (not harvested to the end for twice its time), incomplete (records lack, or a person must look first), held (what would be deleted or changed waits for a decision, see sheaf pending), failed, stuck (it did nothing any more and was ended; it is tried again), partial (it came to its deadline), cancelled, interrupted (the gateway was killed), paused and retired (by a person), and gone (not configured any more). The exit status is 3 if something needs looking at.`
}

func (statusCmd) Examples() []string {
	return []string{"sheaf status", "sheaf status letters", "sheaf status --json | jq '.sources[] | select(.state == \"failed\")'"}
}

func (c *statusCmd) Run(e *env) error {
	cfg, err := e.reachable()
	if err != nil {
		return err
	}
	s := standing{now: time.Now(), data: cfg.Data, kept: cfg.Keep.Runs.Count, more: len(c.Sources) > 0}
	if err := e.look(cfg, func(ctx context.Context, client *control.Client) (err error) {
		if client != nil {
			s.log, s.gateway = true, client.Gateway()
			if s.info, err = client.Info(ctx); err != nil {
				return err
			}
		}
		if s.sources, err = sourcesOf(ctx, client, cfg); err == nil && s.more {
			s.sources, err = only(s.sources, c.Sources)
		}
		return err
	}); err != nil {
		return err
	}
	if _, err := e.config(); err != nil && s.info.Refused == nil { // nobody has asked the gateway yet to read it
		s.info.Refused = &control.Refusal{At: s.now, Why: err.Error()}
	}
	if c.JSON {
		err = printJSON(e.stdout, s.json())
	} else {
		err = s.print(e.stdout)
	}
	if err == nil && s.trouble() {
		err = errLook
	}
	return err
}

// A standing says how the gateway and its sources stand at one moment.
type standing struct {
	now          time.Time
	data         string
	log, gateway bool // whether there is a log, and whether a gateway runs on it
	info         control.Info
	sources      []control.SourceInfo
	kept         int  // how many runs of each source are kept at most
	more         bool // more is told of them
}

// only are the sources with these names.
func only(all []control.SourceInfo, names []string) (out []control.SourceInfo, err error) {
	for _, name := range names {
		i := slices.IndexFunc(all, func(s control.SourceInfo) bool { return s.Name == name })
		if i < 0 {
			return nil, usagef("there is no source %q; sheaf sources lists them", wording.ClipLine(name, 100))
		}
		out = append(out, all[i])
	}
	return out, nil
}

func (s *standing) state(src *control.SourceInfo) string { return src.State(!s.gateway, s.now) }

func (s *standing) trouble() bool {
	for i := range s.sources {
		if src := &s.sources[i]; src.NeedsLook(s.state(src)) {
			return true
		}
	}
	return s.info.Trouble != "" || s.info.Store != "" || s.info.Certificates != "" || s.info.Refused != nil || s.gateway && s.idle() || s.eventsTrouble() || webhooksTrouble(s.info.Webhooks)
}

func (s *standing) print(w io.Writer) error {
	switch {
	case s.gateway:
		fmt.Fprintf(w, "%s, Sheaf %s, is running on %s\n", wording.Line(s.info.Name), s.info.Version, s.data)
	case s.log:
		fmt.Fprintf(w, "No gateway is running on %s; sheaf serve starts one\n", s.data)
	default:
		fmt.Fprintf(w, "There is no log in %s yet; sheaf serve or sheaf harvest makes one\n", s.data)
	}
	if s.log {
		fmt.Fprintf(w, "Log: at %s, %s; namespace %s\n", s.info.Head.Cursor, stamp(s.info.Head.Datestamp), cmp.Or(s.info.Namespace, "not set"))
	}
	if s.info.Trouble != "" {
		fmt.Fprintf(w, "CLOCK: %s\n", wording.Line(s.info.Trouble))
	}
	for line := range strings.Lines(s.info.Store) {
		fmt.Fprintf(w, "LOG: %s\n", wording.Line(line))
	}
	if s.info.Certificates != "" {
		fmt.Fprintf(w, "CERTIFICATES: %s\n", wording.Line(s.info.Certificates))
	}
	if r := s.info.Refused; r != nil {
		fmt.Fprintln(w, "CONFIGURATION: what is in the files is no good, and the gateway goes on with what it had; mend it, then sheaf reload")
		for line := range strings.Lines(r.Why) {
			fmt.Fprintf(w, "  %s\n", wording.Line(line))
		}
	}
	if err := s.printEvents(w); err != nil {
		return err
	}
	if err := s.printGateways(w); err != nil {
		return err
	}
	if len(s.info.Webhooks) > 0 {
		fmt.Fprintln(w)
		if err := printWebhooks(w, s.info.Webhooks, s.now); err != nil {
			return err
		}
	}
	if len(s.sources) == 0 {
		fmt.Fprintln(w, "No sources are configured; sheaf probe URL writes the configuration of one")
		return nil
	}
	fmt.Fprintln(w)
	t := newTable(w, "SOURCE", "STATE", "RECORDS", "DELETED", "QUARANTINED", "COMPLETE", "LAST RUN", "NEXT")
	for i := range s.sources {
		src := &s.sources[i]
		st := &src.Status
		t.row(src.Name, s.state(src), number(st.Live), number(st.Deleted), number(st.Quarantined),
			ago(st.LastComplete, s.now), s.lastRun(src), until(src.Next, s.now))
	}
	if err := t.flush(); err != nil {
		return err
	}
	s.explain(w)
	return nil
}

// lastRun says what the last run did: "complete 5 min ago, +7 ~0 -0".
func (s *standing) lastRun(src *control.SourceInfo) string {
	r := &src.Status.LastRun
	if r.ID == 0 {
		return "-"
	}
	done := fmt.Sprintf("+%d ~%d -%d", r.Counts.Added, r.Counts.Updated, r.Counts.Deleted)
	if r.Ended.IsZero() {
		return "began " + ago(r.Began, s.now) + ", " + done
	}
	return r.Result + " " + ago(r.Ended, s.now) + ", " + done
}

// explain says what is wrong, and what to do.
func (s *standing) explain(w io.Writer) {
	for i := range s.sources {
		src := &s.sources[i]
		state := s.state(src)
		if stop := &src.Status.Stop; !stop.At.IsZero() {
			fmt.Fprintf(w, "\n%s: %s; sheaf resume %s lets it be harvested again\n", src.Name, wording.ClipLine(stop.Sentence(), 1000), src.Name)
			if n := src.Status.Live; stop.Retired && n > 0 {
				fmt.Fprintf(w, "\n%s: %s still to be deleted; sheaf retire %s goes on\n", src.Name, wording.Count(n, "record is", "records are"), src.Name)
			}
		}
		if state == store.StateGone && src.Status.Live > 0 {
			fmt.Fprintf(w, "\n%s: %s served, and the source is not configured any more; if that is meant, sheaf retire %s deletes them\n", src.Name, wording.Count(src.Status.Live, "record is", "records are"), src.Name)
		}
		if h := &src.Status.Held; h.Run != 0 {
			fmt.Fprintf(w, "\n%s: %s\n", src.Name, h.Sentence(src.Status.Live))
		}
		if err := src.Status.LastRun.Err; err != "" && state != store.StateRunning && src.Status.LastRun.Result != pipeline.OnHold {
			fmt.Fprintf(w, "\n%s: %s\n", src.Name, wording.ClipLine(err, 1000))
		}
		if since := failing(&src.Status, s.kept, s.now); since != "" && state != pipeline.Paused && state != pipeline.Retired {
			fmt.Fprintf(w, "\n%s: %s; sheaf runs %s says how each ended, and what to do\n", src.Name, since, src.Name)
		}
		if wait := waiting(src, s.now); wait != "" {
			fmt.Fprintf(w, "\n%s: %s\n", src.Name, wait)
		}
		for _, warning := range src.Status.Warnings {
			fmt.Fprintf(w, "\n%s: warning: %s\n", src.Name, wording.ClipLine(warning, 1000))
		}
		if s.more {
			printReconciled(w, src, s.now)
		}
		if n := src.Status.Quarantined; n > 0 {
			fmt.Fprintf(w, "\n%s: %s in quarantine; sheaf quarantine list --source %s says why\n", src.Name, wording.Count(n, "item is", "items are"), src.Name)
		}
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// statusJSON is what status --json prints.
type statusJSON struct {
	Running   bool      `json:"running"` // a gateway runs on the data folder
	Data      string    `json:"data"`
	Version   string    `json:"version,omitempty"`
	Name      string    `json:"name,omitempty"`
	Namespace string    `json:"namespace,omitempty"`
	Cursor    string    `json:"cursor,omitempty"` // of the log's head
	Datestamp time.Time `json:"datestamp,omitzero"`
	Digest    string    `json:"digest,omitempty"` // of the live records; missing while it is being computed
	Trouble   string    `json:"trouble,omitempty"`
	Store     string    `json:"store,omitempty"`

	Refused *control.Refusal `json:"refused,omitempty"` // the configuration in the files; missing if it is in force

	Sources []sourceJSON `json:"sources"`

	Events *control.EventsInfo `json:"events,omitempty"` // of a running gateway that publishes

	Webhooks []webhook.Standing `json:"webhooks,omitempty"`
	Gateways []store.Peer       `json:"gateways,omitempty"` // that have the log open, with what each of them does alone
}

// sourceJSON is a source in JSON. Times are RFC 3339, and absent where nothing is known.
type sourceJSON struct {
	Name         string    `json:"name"`
	Title        string    `json:"title,omitempty"`
	Kind         string    `json:"kind,omitempty"`
	From         []string  `json:"from,omitempty"`
	Every        string    `json:"every,omitempty"`
	Configured   bool      `json:"configured"`
	State        string    `json:"state,omitempty"`
	Records      int64     `json:"records"`
	Deleted      int64     `json:"deleted"`
	Quarantined  int64     `json:"quarantined"`
	Dropped      int64     `json:"dropped,omitempty"` // items in quarantine that a person has dropped; they are not among the quarantined
	LastComplete time.Time `json:"last_complete,omitzero"`
	LastFull     time.Time `json:"last_full,omitzero"`
	LastChange   time.Time `json:"last_change,omitzero"`
	Next         time.Time `json:"next,omitzero"`
	Warnings     []string  `json:"warnings,omitempty"` // of the last run
	LastRun      *runJSON  `json:"last_run,omitempty"`
	Failures     int64     `json:"failures,omitempty"`     // how many runs in a row failed, or were stuck or incomplete
	FailingSince time.Time `json:"failing_since,omitzero"` // the end of the first of them
	Waiting      *waitJSON `json:"waiting,omitempty"`
	Held         *heldJSON `json:"held,omitempty"` // what waits for a decision
	Stopped      *stopJSON `json:"stopped,omitempty"`

	Reconciled []reconciledJSON `json:"reconciled,omitempty"` // what came of holding its list against the log, the last one first
}

// stopJSON says how a person has stopped a source.
type stopJSON struct {
	How    string    `json:"how"` // paused, retired
	At     time.Time `json:"at"`
	Who    string    `json:"who,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

type heldJSON struct {
	Run       int64     `json:"run"`
	Since     time.Time `json:"since"`
	Deletions int64     `json:"deletions"`
	Absent    int64     `json:"absent"` // those of the deletions of which the source said nothing
	Changes   int64     `json:"changes"`
}

type runJSON struct {
	Began     time.Time `json:"began"`
	Ended     time.Time `json:"ended,omitzero"`
	Result    string    `json:"result,omitempty"`
	Error     string    `json:"error,omitempty"`
	New       int64     `json:"new"`
	Changed   int64     `json:"changed"`
	Deleted   int64     `json:"deleted"`
	Unchanged int64     `json:"unchanged"`
	Rejected  int64     `json:"rejected"`
}

func (s *standing) json() statusJSON {
	out := statusJSON{
		Running: s.gateway, Data: s.data, Version: s.info.Version, Name: s.info.Name, Namespace: s.info.Namespace,
		Trouble: s.info.Trouble, Store: s.info.Store, Refused: s.info.Refused, Sources: []sourceJSON{}, Events: s.info.Events, Webhooks: s.info.Webhooks, Gateways: s.info.Gateways,
	}
	if s.log {
		head := &s.info.Head
		if out.Cursor, out.Datestamp = head.Cursor.String(), head.Datestamp; !head.DigestPending {
			out.Digest = fmt.Sprintf("%x", head.Digest)
		}
	}
	for i := range s.sources {
		out.Sources = append(out.Sources, newSourceJSON(&s.sources[i], s.state(&s.sources[i])))
	}
	return out
}

func newSourceJSON(src *control.SourceInfo, state string) sourceJSON {
	st := &src.Status
	out := sourceJSON{
		Name: src.Name, Title: src.Title, Kind: src.Kind, From: src.From, Configured: src.Configured, State: state,
		Records: st.Live, Deleted: st.Deleted, Quarantined: st.Quarantined, Dropped: st.Dismissed,
		LastComplete: st.LastComplete, LastFull: st.LastFull, LastChange: st.LastNew, Next: src.Next, Warnings: st.Warnings,
		Failures: st.Failures, FailingSince: st.FailingSince,
	}
	out.Reconciled = newReconciledJSON(src.Reconciliations)
	if h := &st.Held; h.Run != 0 {
		out.Held = &heldJSON{h.Run, h.Since, h.Deletions, h.Absent, h.Changes}
	}
	if s := &st.Stop; !s.At.IsZero() {
		out.Stopped = &stopJSON{s.Word(), s.At, s.Who, s.Reason}
	}
	if w := &src.Waiting; w.For != "" {
		out.Waiting = &waitJSON{For: string(w.For), Host: w.Host, Since: w.Since, Until: w.Until}
	}
	if src.Every > 0 {
		out.Every = config.FormatDuration(src.Every)
	}
	if r := &st.LastRun; r.ID != 0 {
		out.LastRun = newRunJSON(r)
	}
	return out
}
