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
