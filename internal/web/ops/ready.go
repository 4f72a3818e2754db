package ops

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// A Check is one of the things that a gateway needs before it is ready.
type Check struct {
	Name string
	// Trouble returns what is wrong, and nil if nothing is.
	Trouble func(context.Context) error
	// Starts says that the gateway has not started before this was well once.
	Starts bool
	// Note says that readiness tells the trouble, and is ready all the same.
	Note bool
}

// readyTime bounds what a readiness check may take.
const readyTime = 3 * time.Second

// startup says whether the gateway has started: 503 until all that it starts with was well at once, and 200 from then on,
// whatever comes later. It is for supervisors that leave a gateway alone for as long as it upgrades its log.
func (s *ops) startup(w http.ResponseWriter, r *http.Request) {
	if !s.started.Load() {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		for _, c := range s.Checks {
			if c.Starts && c.Trouble(ctx) != nil {
				http.Error(w, "starting", http.StatusServiceUnavailable)
				return
			}
		}
		s.started.Store(true)
	}
	fmt.Fprintln(w, "ok")
}

// ready says in a line for each check whether the gateway does what it should. The status is 200 if all is well, and 503
// otherwise.
func (s *ops) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	status, body := http.StatusOK, ""
	for _, c := range s.Checks {
		if err := c.Trouble(ctx); err != nil {
			if !c.Note {
				status = http.StatusServiceUnavailable
			}
			body += fmt.Sprintf("%s: %v\n", c.Name, err)
		} else {
			body += c.Name + ": ok\n"
		}
	}
	if !s.door.sees(r) {
		body = http.StatusText(status) + "\n" // the reasons are for operators
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}
