package limit

import (
	"net/http"
	"time"
)

// Patience with a reader: some time for the first bytes, and for the rest as much as the slowest line
// needs that we know of. What is slower would hold the memory of an answer for as long as it likes.
const (
	patience = 30 * time.Second
	slowest  = 16 << 10 // bytes a second
)

// patient is a ResponseWriter whose client has to read what is written to it, in good time.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
	begun   func() // is told that the answer is made
}

func newPatient(w http.ResponseWriter, begun func()) *patient {
	return &patient{w, http.NewResponseController(w), begun}
}

// allow gives the client the time to read n more bytes. The time is counted anew with each
// write, so a stream may go on for ever as long as it is read.
func (p *patient) allow(n int) {
	// A writer without deadlines is a test's.
	_ = p.control.SetWriteDeadline(time.Now().Add(patience + time.Duration(n)*time.Second/slowest))
}

// WriteHeader implements [http.ResponseWriter].
func (p *patient) WriteHeader(status int) {
	p.begun()
	p.allow(0)
	p.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (p *patient) Write(b []byte) (int, error) {
	p.begun()
	p.allow(len(b))
	return p.ResponseWriter.Write(b)
}

// Flush implements [http.Flusher], for handlers that ask for one.
func (p *patient) Flush() {
	p.allow(0)
	_ = p.control.Flush()
}

// Unwrap is for [http.ResponseController].
func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }
