package pipeline

import (
	"errors"
	"fmt"
	"time"
)

// A Stop is a person's word that a source is not to be harvested. The zero Stop is none.
type Stop struct {
	// Retired says that the source's records become deletions, too (see [SourceRetired]).
	Retired     bool
	Who, Reason string
	At          time.Time
}

// ErrStopped says that a person has stopped the source.
var ErrStopped = errors.New("it is not harvested until sheaf resume")

// How a source can be stopped.
const (
	Paused  = "paused"
	Retired = "retired"
)

// Word says in a word how the source was stopped: paused, retired, or nothing.
func (s Stop) Word() string {
	switch {
	case s.At.IsZero():
		return ""
	case s.Retired:
		return Retired
	}
	return Paused
}

// Sentence says who stopped the source, when and why.
func (s Stop) Sentence() string {
	why := ""
	if s.Reason != "" {
		why = ": " + s.Reason
	}
	return fmt.Sprintf("%s by %s at %s%s", s.Word(), s.Who, s.At.UTC().Format(time.DateTime+"Z"), why)
}

// permit says whether a source that was stopped so may have this run.
func (s Stop) permit(source string, o *Order) error {
	if s.At.IsZero() || !s.Retired && o.asksNothing() {
		return nil
	}
	return fmt.Errorf("%s was %s; %w %s", source, s.Sentence(), ErrStopped, source)
}
