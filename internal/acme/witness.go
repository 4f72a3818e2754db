package acme

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// A witness notes why the authority could not validate a host, such as a port that nobody answers. The library passes that
// over, and says only that there is no other way to try.
type witness struct {
	http.RoundTripper
	mu  sync.Mutex
	why string
}

func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.RoundTripper.RoundTrip(r)
	if err != nil || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		return resp, err
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	var authorization struct { // RFC 8555, sections 7.1.4 and 8
		Challenges []struct {
			Error struct {
				Detail string `json:"detail"`
			} `json:"error"`
		} `json:"challenges"`
	}
	if json.Unmarshal(b, &authorization) != nil {
		return resp, nil // the library says what is wrong with it
	}
	for _, c := range authorization.Challenges {
		if c.Error.Detail != "" {
			w.mu.Lock()
			w.why = c.Error.Detail
			w.mu.Unlock()
		}
	}
	return resp, nil
}

// take gives what was noted last, and forgets it.
func (w *witness) take() (why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	why, w.why = w.why, ""
	return why
}
