package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Only those who are named are answered. Whoever is refused is told what the gateway sees of them; the log has a line a minute.
func TestOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged strings.Builder
		h := only([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}, slog.New(slog.NewTextHandler(&logged, nil)), http.NotFoundHandler())
		ask := func(from string) *httptest.ResponseRecorder {
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = from
			r.Header.Set("X-Forwarded-For", "10.1.2.3")
			h.ServeHTTP(w, r)
			return w
		}
		for from, status := range map[string]int{
			"10.1.2.3:99": 404, "127.0.0.1:99": 404, "[::1]:99": 404, "[::ffff:10.1.2.3]:99": 404, "[fd00::1%eth0]:99": 404,
			"10.2.2.3:99": 403, "[2001:db8::1]:99": 403, "nonsense": 403,
		} {
			if w := ask(from); w.Code != status {
				t.Errorf("%s: %d, want %d", from, w.Code, status)
			}
		}
		if got := strings.Count(logged.String(), "\n"); got != 1 {
			t.Errorf("%d lines of three who came at once:\n%s", got, &logged)
		}
		time.Sleep(time.Minute)
		if w := ask("10.2.2.3:99"); !strings.Contains(w.Body.String(), "listen.ops_allow does not name 10.2.2.3") {
			t.Errorf("told %s", w.Body)
		}
		if got := logged.String(); strings.Count(got, "\n") != 2 || !strings.HasSuffix(got, "client=10.2.2.3\n") {
			t.Errorf("after a minute the log has\n%s", got)
		}
	})
}
