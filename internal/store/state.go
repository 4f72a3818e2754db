package store

import (
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The states of a source, beside those that are the result of its last run (pipeline.Results, without Complete) and
// those in which a person has put it (pipeline.Paused, pipeline.Retired).
const (
	StateOK          = "ok"
	StateRunning     = "running"
	StateWaiting     = "waiting"     // for a place to begin
	StateNever       = "never"       // it was not harvested yet
	StateLate        = "late"        // not harvested to the end for twice its time
	StateInterrupted = "interrupted" // the process that harvested it was killed
	StateGone        = "gone"        // it is not configured any more
)

// States has all words for the state of a source: those of sheaf status, and of the metric sheaf_source_state.
var States = []string{
	StateOK, StateRunning, StateWaiting, StateNever, StateLate, pipeline.Incomplete, pipeline.OnHold, pipeline.Failed, pipeline.Stuck,
	pipeline.Partial, pipeline.Cancelled, StateInterrupted, pipeline.Paused, pipeline.Retired, StateGone,
}

// A Setting is what the state of a source depends on beside the log.
type Setting struct {
	Configured bool
	Every      time.Duration // how often it is to be harvested
	Waiting    bool          // its run waits for a place to begin
	// Alone says that no gateway tells whether a run goes on: one that is quiet for long is taken for dead.
	Alone bool
	Now   time.Time
}

// silence is how long a run may be quiet before it is taken for dead, if no gateway says otherwise.
const silence = 5 * time.Minute

// State says in a word how a source stands.
func (s *SourceStatus) State(c Setting) string {
	switch {
	case s.Stop.Retired:
		return pipeline.Retired
	case !c.Configured:
		return StateGone
	case s.Running && (!c.Alone || c.Now.Sub(s.LastRun.Heartbeat) < silence):
		return StateRunning
	case c.Waiting:
		return StateWaiting
	case s.Stop.Word() != "":
		return pipeline.Paused
	case s.Running:
		return StateInterrupted
	}
	return s.settled(c)
}

// settled is the state of a source of which no run is under way.
func (s *SourceStatus) settled(c Setting) string {
	switch {
	case s.LastRun.ID == 0:
		return StateNever
	case s.LastRun.Result != pipeline.Complete && s.LastRun.Result != pipeline.OnHold:
		return s.LastRun.Result
	case s.Held.Run != 0:
		return pipeline.OnHold
	case c.Every > 0 && c.Now.Sub(s.LastComplete) > 2*c.Every:
		return StateLate
	}
	return StateOK
}
