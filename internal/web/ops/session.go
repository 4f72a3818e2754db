package ops

import (
	"crypto/rand"
	"crypto/sha256"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A session is what a person began by signing in. It ends when they sign out, after some hours, when the gateway stops, and
// when the password or token that it rests on is changed. What a provider says is asked for anew only at the next sign-in.
type session struct {
	id          [sha256.Size]byte // the hash of what the cookie holds
	name, role  string            // as they were when it began
	by          basis
	proof       [sha256.Size]byte
	began, last time.Time
}

// A basis is what a session rests on.
type basis string

const (
	byPassword basis = "user"
	byToken    basis = "token"
	byProvider basis = "provider" // which said who it is, and what they may do, until they sign in again
)

const (
	// How long a session lasts without being used, and at all, and how many there are at once.
	sessionIdle = 4 * time.Hour
	sessionTime = 12 * time.Hour
	maxSessions = 1000
	// refreshHeader says that a script asked, which keeps no session alive.
	refreshHeader = "Sheaf-Refresh"
)

// sessions are those that last.
type sessions struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]*session
}

// begin begins a session and gives its cookie. If there are too many, the one that was not used for longest ends.
func (s *sessions) begin(r *http.Request, p *person, by basis, proof [sha256.Size]byte, now time.Time) *http.Cookie {
	secret := rand.Text() + rand.Text()
	id := sha256.Sum256([]byte(secret))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[[sha256.Size]byte]*session{}
	}
	if len(s.all) >= maxSessions {
		var oldest *session
		for _, old := range s.all {
			if oldest == nil || old.last.Before(oldest.last) {
				oldest = old
			}
		}
		delete(s.all, oldest.id)
	}
	s.all[id] = &session{id: id, name: p.Name, role: p.Role, by: by, proof: proof, began: now, last: now}
	return sessionCookie(r, secret, int(sessionTime/time.Second))
}

func sessionCookie(r *http.Request, value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: cookieName("sheaf-ops", r), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode}
}

// cookieName makes the name of a cookie different for each port. Browsers keep cookies by host alone, so that signing in
// to one of two gateways on a machine would end the session at the other. The port is that by which the browser asks: in
// two containers both gateways may listen on the same one.
func cookieName(name string, r *http.Request) string {
	_, port, err := net.SplitHostPort(r.Host)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return name
	}
	return name + "-" + port
}

// find finds the session of a request; nil if it has none that lasts.
func (s *sessions) find(r *http.Request, now time.Time) *session {
	c, err := r.Cookie(cookieName("sheaf-ops", r))
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.all[sha256.Sum256([]byte(c.Value))]
	switch {
	case found == nil:
		return nil
	case now.Sub(found.last) > sessionIdle || now.Sub(found.began) > sessionTime:
		delete(s.all, found.id)
		return nil
	}
	if r.Header.Get(refreshHeader) == "" {
		found.last = now
	}
	copied := *found
	return &copied
}

func (s *sessions) end(of *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, of.id)
}
