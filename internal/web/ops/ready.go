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
}

// readyTime bounds what a readiness check may take.
const readyTime = 3 * time.Second

// ready says in a line for each check whether the gateway does what it should. The status is 200 if all is well, and 503
// otherwise.
func (s *ops) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	status, body := http.StatusOK, ""
	for _, c := range s.Checks {
		if err := c.Trouble(ctx); err != nil {
			status = http.StatusServiceUnavailable
			body += fmt.Sprintf("%s: %v\n", c.Name, err)
		} else {
			body += c.Name + ": ok\n"
		}
	}
	if !s.door.knowsToken(r) {
		body = http.StatusText(status) + "\n" // the reasons are for operators
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}
