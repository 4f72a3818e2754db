package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// eventsTrouble reports whether an operator should look at the event stream.
func (s *standing) eventsTrouble() bool {
	e := s.info.Events
	if e == nil {
		return false
	}
	for i := range e.Consumers {
		if e.Consumers[i].Missed || e.Consumers[i].Behind() {
			return true
		}
	}
	return e.Trouble != "" || e.Strays > 0
}

// printEvents says how the event stream stands, and each durable consumer of it.
func (s *standing) printEvents(w io.Writer) error {
	e := s.info.Events
	if e == nil {
		return nil
	}
	switch {
	case e.Trouble != "":
		fmt.Fprintf(w, "EVENTS: they wait in the log: %s\n", wording.ClipLine(e.Trouble, 1000))
	case e.Place == (pipeline.Cursor{}) || e.Place == s.info.Head.Cursor:
		fmt.Fprintln(w, "Events: all are in the stream")
	default:
		fmt.Fprintf(w, "Events: in the stream up to %s\n", e.Place)
	}
	if e.Strays > 0 {
		fmt.Fprintf(w, "EVENTS: %s of somebody else in the stream, passed over; whoever publishes on the gateway's subjects should stop\n", wording.Count(int64(e.Strays), "message", "messages"))
	}
	if len(e.Consumers) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	t := newTable(w, "CONSUMER", "STATE", "PENDING", "UNACKNOWLEDGED", "LAST ACK", "MISSES EVENTS")
	for i := range e.Consumers {
		c := &e.Consumers[i]
		t.row(wording.ClipLine(c.Name, 40), consumerState(c), strconv.FormatUint(c.Pending, 10), strconv.FormatUint(c.Unacked, 10), lastAck(c, s.now), misses(c))
	}
	return t.flush()
}

// lastAck says when a consumer acknowledged something last, where the broker knows.
func lastAck(c *events.Consumer, now time.Time) string {
	if c.LastAck.IsZero() {
		return "-"
	}
	return ago(c.LastAck, now)
}

func consumerState(c *events.Consumer) string {
	switch {
	case c.Missed:
		return "missed"
	case c.Behind():
		return "behind"
	}
	return "ok"
}

// misses says when a consumer misses an event, at the latest, if it goes on reading nothing.
func misses(c *events.Consumer) string {
	switch {
	case c.Missed:
		return "has; it must start again"
	case c.Left <= 0:
		return "-"
	case c.Left < time.Minute:
		return "now"
	}
	return "in " + rough(c.Left)
}
