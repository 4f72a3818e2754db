package main

import (
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// waitJSON says in JSON what a harvest waits for.
type waitJSON struct {
	For   string    `json:"for"` // place, host, gateway, turn, pause, answer, retry
	Host  string    `json:"host,omitempty"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"`
}

// soon is how long a harvest may wait before anybody needs to know. Each of its requests waits a little.
const soon = 10 * time.Second

// waiting says what a harvest waits for; empty if it does not wait, or has not waited long.
func waiting(src *control.SourceInfo, now time.Time) string {
	w := &src.Waiting
	if w.For == "" || now.Sub(w.Since) < soon && w.Until.Sub(now) < soon {
		return ""
	}
	return waitsFor(w) + " (since " + stamp(w.Since) + ")"
}

func waitsFor(w *pipeline.Waiting) string {
	host := wording.ClipLine(w.Host, 100)
	switch w.For {
	case pipeline.ForPlace:
		return "waits for a place, because as many harvests go on as the gateway does at once"
	case pipeline.ForHost:
		return "waits until another harvest from " + host + " has ended, because several are under way"
	case pipeline.ForGateway:
		return "waits until another gateway has ended its harvests from " + host
	case harvest.ForTurn:
		return "waits for its turn, because another harvest is asking " + host
	case harvest.ForPause:
		return "gives " + host + " a rest until " + stamp(w.Until)
	case harvest.ForRetry:
		return "asks " + host + " again at " + stamp(w.Until) + ", because it failed or asked for patience"
	case harvest.ForAnswer:
		return "waits for the answer of " + host
	}
	return "waits for " + string(w.For)
}
