package events

import (
	"log/slog"
	"testing"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A broker that takes nothing holds no harvest up: what does not fit in the queue is dropped.
func TestNoticesNeverWait(t *testing.T) {
	n := NewNotices(nil, slog.New(slog.DiscardHandler))
	for range 2 * noticeQueue {
		n.RunBegan(&pipeline.Run{Source: "a"})
	}
	if len(n.queue) != noticeQueue {
		t.Errorf("%d notices wait, want %d", len(n.queue), noticeQueue)
	}
}

// A harvest of which a part waits for a person has a notice of its own type, which says what waits.
func TestNoticeOfWhatIsHeld(t *testing.T) {
	n := NewNotices(nil, slog.New(slog.DiscardHandler))
	n.RunEnded(&pipeline.Run{Source: "a"}, &pipeline.Report{Source: "a", Result: pipeline.OnHold, Why: "3 records would be deleted"})
	if got := <-n.queue; got.Type != "harvest.approval-needed" || got.Data["why"] != "3 records would be deleted" || got.Data["result"] != "held" {
		t.Errorf("%+v", got)
	}
}
