package app

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestOnly(t *testing.T) {
	h := only([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}, http.NotFoundHandler())
	for from, status := range map[string]int{
		"10.1.2.3:99": 404, "127.0.0.1:99": 404, "[::1]:99": 404, "[::ffff:10.1.2.3]:99": 404, "[fd00::1%eth0]:99": 404,
		"10.2.2.3:99": 403, "[2001:db8::1]:99": 403, "nonsense": 403,
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = from
		r.Header.Set("X-Forwarded-For", "10.1.2.3")
		if h.ServeHTTP(w, r); w.Code != status {
			t.Errorf("%s: %d, want %d", from, w.Code, status)
		}
	}
}
