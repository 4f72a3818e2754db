package ops

import (
	"net/http"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/web"
)

// A walk is a session as the page shows it.
type walk struct {
	*store.Session
	State string
}

// harvesters shows who harvests us.
func (s *ops) harvesters(*http.Request) (*web.Answer, error) {
	sessions, now := s.Harvesters(), time.Now()
	walks := make([]walk, len(sessions))
	for i := range sessions {
		walks[i] = walk{&sessions[i], sessions[i].State(now)}
	}
	return &web.Answer{Template: "harvesters", Title: "Who harvests us", Data: walks}, nil
}
