package ops

import (
	"net/http"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// A walk is a session as the page shows it.
type walk struct {
	*store.Session
	State string
}

// walksPage is how many sessions a page lists.
const walksPage = 100

// harvesters shows who harvests us.
func (s *ops) harvesters(r *http.Request) (*finding, error) {
	sessions, now := s.Harvesters(), time.Now()
	first, last, pages := piece(r, len(sessions), walksPage)
	walks := make([]walk, 0, last-first)
	for i := first; i < last; i++ {
		walks = append(walks, walk{&sessions[i], sessions[i].State(now)})
	}
	return &finding{template: "harvesters", here: "/harvesters", title: "Who harvests us", every: everySources, data: struct {
		Walks []walk
		Total int
		Pages []pageLink
	}{walks, len(sessions), pages}}, nil
}

// consumers shows how the event stream stands, and who reads it.
func (s *ops) consumers(r *http.Request) (*finding, error) {
	info, err := s.Commands.Info(r.Context())
	if err != nil {
		return nil, err
	}
	return &finding{template: "consumers", here: "/consumers", title: "Events", every: everySources, data: &info}, nil
}
