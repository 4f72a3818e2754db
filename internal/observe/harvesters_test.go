package observe

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// However many come, a bounded number of walks is kept, in memory and in the log, and none for longer
// than is said.
func TestSessionsAreForgotten(t *testing.T) {
	const maxSessions, sessionsFor = 100, 30 * 24 * time.Hour
	st, err := sqlite.Open(t.Context(), t.TempDir(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	h, err := NewHarvesters(t.Context(), st, SessionBounds{Count: maxSessions, Age: sessionsFor}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	h.now = func() time.Time { return now }
	const more = 7
	for n := range maxSessions + more {
		now = now.Add(time.Second)
		r := httptest.NewRequest(http.MethodGet, "/oai", nil)
		r.Header.Set("User-Agent", fmt.Sprint("agent ", n, strings.Repeat("é", 10_000)))
		h.Observe(netip.MustParseAddr("192.0.2.1"), r, &oaipmh.Observation{Verb: "ListRecords", Prefix: "oai_dc", Status: http.StatusOK, Records: 10, Listing: true})
	}
	check := func(want int) []store.Session {
		t.Helper()
		if err := h.keep(t.Context()); err != nil {
			t.Fatal(err)
		}
		kept, err := st.Sessions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all := h.Sessions()
		if len(kept) != want || len(all) != want || len(h.latest) != want {
			t.Errorf("%d in the log, %d shown, %d remembered; want %d", len(kept), len(all), len(h.latest), want)
		}
		return all
	}
	all := check(maxSessions)
	first, last := all[0].Agent, all[len(all)-1].Agent
	if !strings.HasPrefix(first, fmt.Sprint("agent ", maxSessions+more-1, "é")) || !strings.HasPrefix(last, fmt.Sprint("agent ", more, "é")) {
		t.Errorf("the first is %.12s, the last %.12s", first, last)
	}
	if len(first) > maxAgent {
		t.Errorf("%d bytes of a User-Agent are kept", len(first))
	}
	now = now.Add(sessionsFor + time.Second - maxSessions/2*time.Second)
	check(maxSessions / 2)
	fewer, err := NewHarvesters(t.Context(), st, SessionBounds{Count: 10, Age: sessionsFor}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if got := fewer.Sessions(); len(got) != 10 || got[0].Agent != first {
		t.Errorf("with a smaller bound, %d are remembered", len(got))
	}
	now = now.Add(sessionsFor)
	check(0)
}
