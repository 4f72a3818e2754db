package limit

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"
)

// maxForm is how many bytes of a request's body are read before the request is let in.
const maxForm = 64 << 10

// received reads the body of a request before the request counts, so that a body that comes slowly uses up nobody's
// budget, and its connection counts as idle. It waits as long as the slowest line needs. What is longer than maxForm is
// left to the handler.
func received(w http.ResponseWriter, r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	control := http.NewResponseController(w)
	// Only connections of tests have no deadlines.
	_ = control.SetReadDeadline(time.Now().Add(formPatience))
	body, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
	if err != nil {
		return err
	}
	rest := r.Body
	if len(body) <= maxForm {
		_ = control.SetReadDeadline(time.Time{})
	} else {
		_ = control.SetReadDeadline(time.Now().Add(patience))
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), rest}
	return nil
}

// formPatience is how long a form may take to come.
const formPatience = 10*time.Second + maxForm*time.Second/slowest

// refuseBody answers a request whose body did not come.
func refuseBody(w http.ResponseWriter, err error) {
	w.Header().Set("Connection", "close")
	status := http.StatusBadRequest
	var late interface{ Timeout() bool }
	if errors.As(err, &late) && late.Timeout() {
		status = http.StatusRequestTimeout
	}
	http.Error(w, "The body of the request did not come as it should. Send it again.", status)
}
