package limit

import (
	"net/http"
	"time"
)

// How long a client may take to read: some time for the first bytes, and for the rest what the slowest line that we know
// of needs. A slower client could hold the memory of an answer for as long as it likes.
const (
	patience = 30 * time.Second
	slowest  = 16 << 10 // bytes a second
)

// patient is a ResponseWriter whose client has to read what is written to it, in good time.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
	begun   func() // is called when the answer begins to be written
}

func newPatient(w http.ResponseWriter, begun func()) *patient {
	return &patient{w, http.NewResponseController(w), begun}
}

// Patiently gives the clients of a handler that bounds nothing else time to read what it writes, and no longer.
func Patiently(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := newPatient(w, func() {})
		defer p.allow(0) // for what is still in buffers when the handler is done, however long ago it wrote that
		h.ServeHTTP(p, r)
	})
}

// allow gives the client time to read n more bytes. The time starts anew with each write, so a stream may go on for ever
// as long as the client reads it.
func (p *patient) allow(n int) {
	// Only writers of tests have no deadlines.
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
