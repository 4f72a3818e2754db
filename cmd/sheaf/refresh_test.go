package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A record is sent again by a gateway that runs, and by nobody else.
func TestRefresh(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": strings.Replace(clockConfig, "{kind: none}", "{listen: '127.0.0.1:0'}", 1), "letters.txt": "1 May 1957\nA letter\n"})
	_, stop := gatewayWith(t, storetest.NewClock())
	want(t, exitDone, "harvest", "letters")
	id := strings.Split(sheaf(t, "export").stdout, `"identifier":"`)[1]
	id, _, _ = strings.Cut(id, `"`)
	deadline := time.Now().Add(time.Minute)
	for r := sheaf(t, "refresh", id); !strings.Contains(r.stdout, id+" was sent again"); r = sheaf(t, "refresh", id) {
		if time.Now().After(deadline) { // the broker may not be there yet
			t.Fatalf("it says %s%s", r.stdout, r.stderr)
		}
	}
	if r := want(t, exitLook, "refresh", id, "oai:gateway.example.org:letters/none"); !strings.Contains(r.stderr, "there is no record oai:gateway.example.org:letters/none") {
		t.Errorf("of a record that there isn't it says %s", r.stderr)
	}
	stop()
	if r := want(t, exitFailed, "refresh", id); !strings.Contains(r.stderr, "sheaf serve") {
		t.Errorf("without a gateway it says %s", r.stderr)
	}
}

// What an operator reads of the event stream.
func TestStatusOfEvents(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	at := pipeline.Cursor{Epoch: 1, Seq: 7}
	s := standing{now: now, log: true, gateway: true, info: control.Info{Head: pipeline.Head{Cursor: at}, Events: &control.EventsInfo{Place: at}}}
	text := func() string {
		var b strings.Builder
		if err := s.printEvents(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if got := text(); got != "Events: all are in the stream\n" || s.trouble() {
		t.Errorf("%q, trouble %v", got, s.trouble())
	}
	s.info.Events.Consumers = []events.Consumer{
		{Name: "catalogue", Room: 1, LastAck: now.Add(-time.Minute)},
		{Name: "far\x1b[2J", Room: .5, Pending: 10, Left: 3 * time.Hour},
	}
	if got := text(); s.trouble() || !strings.Contains(got, "catalogue") || !strings.Contains(got, "in 3 h") || strings.Contains(got, "\x1b") {
		t.Errorf("%q, trouble %v", got, s.trouble())
	}
	s.info.Events.Consumers[1].Room = .05
	if got := text(); !s.trouble() || !strings.Contains(got, "behind") {
		t.Errorf("%q", got)
	}
	s.info.Events.Consumers[1].Missed = true
	if got := text(); !s.trouble() || !strings.Contains(got, "must start again") {
		t.Errorf("%q", got)
	}
	s.info.Events = &control.EventsInfo{Place: at, Strays: 2, Trouble: "not connected"}
	if got := text(); !s.trouble() || !strings.Contains(got, "2 messages of somebody else") || !strings.Contains(got, "not connected") {
		t.Errorf("%q", got)
	}
}
