package feed

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A problem is an answer that says what is wrong (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Epoch and Head are where the log is, and Again is where to begin again, if the place that was asked for is none.
	Epoch string `json:"epoch,omitempty"`
	Head  string `json:"head,omitempty"`
	Again *again `json:"again,omitempty"`

	retry time.Duration
}

type again struct {
	Dump    string `json:"dump,omitempty"`
	Changes string `json:"changes"`
}

func (p *problem) Error() string { return p.Title }

func (p *problem) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(max(p.retry, time.Second).Seconds()))))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may have gone
}

func malformed(detail string) *problem {
	return &problem{Title: "The request can't be understood", Status: http.StatusBadRequest, Detail: detail}
}

// gone says that a place is not one of the log's history.
func (d *Door) gone(detail string, head *pipeline.Head) *problem {
	return &problem{
		Title: "This place is not in the log", Status: http.StatusGone,
		Detail: detail + " Begin again, and forget what you hold: every record comes again.",
		Epoch:  strconv.FormatInt(head.Epoch, 10), Head: head.Cursor.String(),
		Again: d.again(),
	}
}

// again is where a follower begins.
func (d *Door) again() *again {
	out := &again{Changes: d.o.URL + "/changes"}
	if d.o.MakesDumps() {
		out.Dump = d.o.URL + "/dump"
	}
	return out
}

// asProblem decides how an error is answered.
func asProblem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	out := &problem{Title: "The log can't be read just now", Status: http.StatusServiceUnavailable, Detail: "Ask again later. Nothing is lost: every place stays good.", retry: 10 * time.Second}
	var busy interface{ RetryAfter() time.Duration }
	if errors.As(err, &busy) {
		out.Title, out.retry = "The gateway is busy", busy.RetryAfter()
	}
	return out
}
