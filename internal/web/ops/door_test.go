package ops

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A session ends when it was not used for hours, and at all after half a day; a script that refreshes a page keeps none
// alive. Beyond the bound the one that was not used for longest ends.
func TestSessionsEnd(t *testing.T) {
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	ask := func(c *http.Cookie, refresh bool) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(c)
		if refresh {
			r.Header.Set(refreshHeader, "1")
		}
		return r
	}
	var s sessions
	plain, secure := httptest.NewRequest(http.MethodPost, "/", nil), httptest.NewRequest(http.MethodPost, "https://example.com/", nil)
	used := s.begin(plain, &person{Name: "ada"}, byToken, [32]byte{}, now)
	left := s.begin(secure, &person{Name: "bob"}, byToken, [32]byte{}, now)
	if !left.Secure || used.Secure || !used.HttpOnly || used.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookies are %v and %v", used, left)
	}
	for at := now; at.Before(now.Add(sessionTime)); at = at.Add(time.Hour) {
		if s.find(ask(used, false), at) == nil {
			t.Fatalf("a session that is used has ended at %v", at)
		}
		if found := s.find(ask(left, true), at) != nil; found != (at.Sub(now) <= sessionIdle) {
			t.Errorf("a session that only a script uses: %v at %v", found, at)
		}
	}
	if s.find(ask(used, false), now.Add(sessionTime+time.Second)) != nil {
		t.Error("a session lasts longer than half a day")
	}
	if s.find(ask(&http.Cookie{Name: used.Name, Value: "guessed"}, false), now) != nil {
		t.Error("a session is found by a guess")
	}
	first := s.begin(plain, &person{}, byToken, [32]byte{}, now)
	for i := range maxSessions {
		s.begin(plain, &person{}, byToken, [32]byte{}, now.Add(time.Duration(i+1)*time.Second))
	}
	if len(s.all) != maxSessions || s.find(ask(first, false), now) != nil {
		t.Errorf("%d sessions, and the oldest is among them", len(s.all))
	}
}

// Gateways on different ports of one host have cookies of different names, whatever the host is called.
func TestCookiesOfPorts(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.1:8081": "sheaf-ops-8081", "127.0.0.1:8082": "sheaf-ops-8082", "[::1]:8081": "sheaf-ops-8081",
		"ops.example.org": "sheaf-ops", "ops.example.org:x; y=z": "sheaf-ops", "": "sheaf-ops",
	} {
		if got := sessionCookie(&http.Request{Host: host}, "", 1).Name; got != want {
			t.Errorf("%q has the cookie %q, want %q", host, got, want)
		}
	}
}

// A word is good once, for hours, and for the person whose page had it; what is remembered of words stays bounded.
func TestFormWords(t *testing.T) {
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	f, ada, bob := newForms(), &person{key: [32]byte{1}}, &person{key: [32]byte{2}}
	word := f.word(ada, now)
	for _, test := range []struct {
		name string
		word string
		by   *person
		at   time.Time
		want error
	}{
		{"another person", word, bob, now, errForm},
		{"too late", word, ada, now.Add(formTime + time.Second), errForm},
		{"nothing", "", ada, now, errForm},
		{"cut", word[:20], ada, now, errForm},
		{"of another gateway", newForms().word(ada, now), ada, now, errForm},
		{"good", word, ada, now.Add(formTime - time.Second), nil},
		{"again", word, ada, now, errReplayed},
		{"a program", "", &person{bearer: true}, now, nil},
	} {
		if err := f.use(test.word, test.by, test.at); err != test.want {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	for range maxUsed - 1 {
		if err := f.use(f.word(ada, now), ada, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.use(f.word(ada, now), ada, now); err != errManyUsed {
		t.Errorf("beyond the bound: %v", err)
	}
	later := now.Add(formTime + time.Minute)
	if err := f.use(f.word(ada, later), ada, later); err != nil || len(f.used) != 1 {
		t.Errorf("when the others are too old: %v, %d are remembered", err, len(f.used))
	}
}

// A client has five tries and one more every twelve seconds; others are not in its way until all together have too many.
func TestTries(t *testing.T) {
	now, d := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC), newTries()
	count := func(client string, at time.Time) (n int) {
		for d.may(client, at) {
			n++
		}
		return n
	}
	for _, test := range []struct {
		client string
		at     time.Duration
		want   int
	}{{"a", 0, 5}, {"b", 0, 5}, {"a", 12 * time.Second, 1}, {"a", time.Hour, 5}, {"c", time.Hour, 5}, {"d", time.Hour, 5}, {"e", time.Hour, 5}, {"f", time.Hour, 0}} {
		if n := count(test.client, now.Add(test.at)); n != test.want {
			t.Errorf("%s has %d tries after %v, want %d", test.client, n, test.at, test.want)
		}
	}
}

// A way back leads nowhere but to this listener.
func TestLocalPath(t *testing.T) {
	for path, want := range map[string]string{
		"/sources/a?page=2": "/sources/a?page=2", "": "/", "sources": "/", "/sign-in/oidc/callback?code=x": "/", "//evil.example/": "/", `/\\evil.example`: "/", "https://evil.example": "/", "/a\nb": "/", "/a\tb": "/",
	} {
		if got := localPath(path); got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
}

// The charts have the days of which runs are kept, and no others; what is over 90 days old is not in them.
func TestCharts(t *testing.T) {
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	run := func(daysAgo int, result string, c pipeline.Counts) store.PastRun {
		at := now.AddDate(0, 0, -daysAgo)
		return store.PastRun{RunStatus: store.RunStatus{Began: at.Add(-time.Minute), Ended: at, Result: result, Counts: c}}
	}
	got := charts([]store.PastRun{
		{RunStatus: store.RunStatus{Began: now}}, // it goes on
		run(0, pipeline.Complete, pipeline.Counts{Added: 3, Updated: 1}), run(0, pipeline.Failed, pipeline.Counts{Added: 1}),
		run(89, pipeline.Complete, pipeline.Counts{Deleted: 5}), run(90, pipeline.Complete, pipeline.Counts{Added: 1000}),
	}, now)
	if len(got) != 2 || got[0].Title != "Changes" || got[1].Title != "Runs" {
		t.Fatalf("%+v", got)
	}
	c := got[0]
	if c.Max != 5 || len(c.Days) != 2 || c.Days[0].Parts[2] != 5 || c.Days[1].Parts[0] != 4 || c.Days[1].Parts[1] != 1 || c.Bars[0].X != 0 || c.Bars[1].X != 89*barWidth {
		t.Errorf("%+v", c)
	}
	if c := got[1]; c.Max != 2 || c.Days[1].Parts[0] != 1 || c.Days[1].Parts[1] != 1 || !c.Since.Equal(now.AddDate(0, 0, -89).Add(-time.Minute)) {
		t.Errorf("%+v", c)
	}
}

// A person may do what their role allows, and nobody may do anything who is not known.
func TestMay(t *testing.T) {
	for i, has := range config.Roles {
		for j, needs := range config.Roles {
			if got := (&person{Role: has}).May(needs); got != (i >= j) {
				t.Errorf("%s may what needs %s: %v", has, needs, got)
			}
		}
	}
	if (*person)(nil).May(config.RoleRead) || (&person{Role: "other"}).May(config.RoleRead) {
		t.Error("somebody without a role may see")
	}
}
