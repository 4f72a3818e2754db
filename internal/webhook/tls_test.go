package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTLS: nothing is sent to a receiver whose certificate nobody vouches for, or is one of another name: the changes wait,
// and a person is told why. One whose certificate is right gets them, over HTTP/2.
func TestTLS(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	w.commit("a", live("a", 1, "one"))
	s := httptest.NewUnstartedServer(v)
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail
	s.StartTLS()
	defer s.Close()
	v.does(func(_ http.ResponseWriter, r *http.Request, _ *got) bool {
		if r.TLS == nil || r.ProtoMajor != 2 {
			t.Errorf("a request came over %s, TLS: %v", r.Proto, r.TLS != nil)
		}
		return false
	})
	trusted := x509.NewCertPool()
	trusted.AddCert(s.Certificate())
	begin := func(config *tls.Config) *Hooks {
		sub := v.sub("hook")
		sub.URL, sub.Timeout = s.URL+"/hooks", time.Minute
		h := open(t, file(t), w.log, sub)
		h.all[0].sender.client.Transport.(*http.Transport).TLSClientConfig = config
		return h
	}
	for name, config := range map[string]*tls.Config{"nobody vouches for it": nil, "another name": {RootCAs: trusted, ServerName: "other.example.net"}} {
		h := begin(config)
		for until := time.Now().Add(time.Minute); stands(t, h).Requests[Unreachable] == 0 && time.Now().Before(until); {
			h.rest(t, time.Millisecond)
		}
		if s := stands(t, h); s.Requests[Unreachable] == 0 || s.Dead != 0 || s.Failing.IsZero() || !strings.Contains(s.Why, "certificate") || len(v.ids()) > 0 {
			t.Errorf("%s: it stands so: %+v, and %v came", name, s, v.ids())
		}
		h.Close()
	}
	h := begin(&tls.Config{RootCAs: trusted})
	defer h.Close()
	h.rest(t, time.Minute)
	if want := []string{passBegan, id("a", 1) + " upserted", passCompleted}; !slices.Equal(v.ids(), want) {
		t.Errorf("%v came, want %v", v.ids(), want)
	}
}
