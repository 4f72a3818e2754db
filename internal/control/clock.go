package control

import (
	"context"
	"net/http"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/audit"
)

// ClockInfo is what a gateway says of its clock.
type ClockInfo struct {
	Now     time.Time `json:"now"`
	Head    time.Time `json:"head"`              // datestamp of the head of the log
	Trouble string    `json:"trouble,omitempty"` // why commits are paused
}

// serveClock says how the clock stands. A POST first takes a person's word that the clock is right.
func (g *Gateway) serveClock(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		now, err := g.Log.ConfirmClock(r.Context())
		if err != nil {
			refuse(w, err)
			return
		}
		g.note(r, audit.Entry{What: audit.Clock, More: "it is right: " + now.Format(time.RFC3339)})
		g.Logger.Warn("somebody has said that the clock is right", "now", now)
	}
	head, err := g.Log.Head(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	info := ClockInfo{Now: g.Log.Wall().UTC().Truncate(time.Second), Head: head.Datestamp}
	if err := g.Log.Trouble(); err != nil {
		info.Trouble = err.Error()
	}
	answer(w, info)
}

// Clock says how the gateway's clock stands. With confirm, a person says first that the clock is right.
func (c *Client) Clock(ctx context.Context, confirm bool) (info ClockInfo, err error) {
	method := http.MethodGet
	if confirm {
		method = http.MethodPost
	}
	return info, c.ask(ctx, method, "/clock", nil, &info)
}
