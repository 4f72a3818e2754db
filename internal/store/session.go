package store

import (
	"fmt"
	"time"
)

// A Session is one walk of a harvester through a list.
type Session struct {
	ID       int64     `json:"id"`
	Address  string    `json:"address"`
	Agent    string    `json:"agent,omitempty"`   // User-Agent
	Contact  string    `json:"contact,omitempty"` // From
	Verb     string    `json:"verb"`
	Prefix   string    `json:"prefix"`
	Set      string    `json:"set,omitempty"`
	From     time.Time `json:"from,omitzero"`
	Until    time.Time `json:"until,omitzero"`
	Began    time.Time `json:"began"`
	Last     time.Time `json:"last"`     // end of its last request so far
	Position int64     `json:"position"` // elements of the list up to where it is
	Size     int64     `json:"size"`     // of the list, as far as known; else not positive
	Requests int64     `json:"requests"`
	Records  int64     `json:"records"` // with those that were asked for twice
	Bytes    int64     `json:"bytes"`   // as sent
	Finished bool      `json:"finished"`
}

// leftOffAfter is how long nothing may be heard of a walk before it is taken to be given up.
const leftOffAfter = 10 * time.Minute

// State is finished, walking, or left (off before the end).
func (s *Session) State(now time.Time) string {
	switch {
	case s.Finished:
		return "finished"
	case now.Sub(s.Last) < leftOffAfter:
		return "walking"
	}
	return "left"
}

// Speed is in records a second, from the beginning of the first request to the end of the last one.
func (s *Session) Speed() float64 {
	if took := s.Last.Sub(s.Began); took > 0 {
		return float64(s.Records) / took.Seconds()
	}
	return 0
}

// Asked is the request in short: ListRecords oai_dc a:b from 2026-11-01T00:00:00Z.
func (s *Session) Asked() string {
	asked := s.Verb + " " + s.Prefix
	if s.Set != "" {
		asked += " " + s.Set
	}
	if !s.From.IsZero() {
		asked += " from " + s.From.Format(time.RFC3339)
	}
	if !s.Until.IsZero() {
		asked += " until " + s.Until.Format(time.RFC3339)
	}
	return asked
}

// Place is the position in the list: 300, or 300 of 1200.
func (s *Session) Place() string {
	if s.Size <= 0 {
		return fmt.Sprint(s.Position)
	}
	return fmt.Sprintf("%d of %d", s.Position, s.Size)
}
