package ops

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A door lets in those who may see what operators see, and knows them.
type door struct {
	listen   *config.Listen
	people   *people
	sessions *sessions
	tries    *tries
	forms    *forms
}

func newDoor(listen *config.Listen, token string) *door {
	return &door{listen: listen, people: &people{listen: listen, token: token}, sessions: &sessions{}, tries: newTries(), forms: newForms()}
}

type personKey struct{}

// visitor is the person who sends a request; nil if nobody knows who that is.
func visitor(r *http.Request) *person {
	p, _ := r.Context().Value(personKey{}).(*person)
	return p
}

// open are the addresses for which nobody needs to say who they are: whether the gateway is well, where to sign in, and
// what the page for that needs.
var open = []string{"/healthz", "/readyz", "/startupz", signInPath, oidcPath, callbackPath, "/style.css", "/ops.css", "/ops.js", "/icon.svg"}

// guard refuses those who may not see anything. It also refuses requests for a name that is not the gateway's own: a page on
// the web could make its own name mean 127.0.0.1, and read everything through an operator's browser. And it refuses
// changes that another site makes a browser ask for.
func (d *door) guard(next http.Handler, signIn http.Handler) http.Handler {
	protect := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff") // also for what is no page: readiness repeats what servers said
		p, slow := d.knows(r)
		if p == nil && !d.ownName(r.Host) {
			http.Error(w, "This is not a name of this listener. Ask it by its address, or add the name to ops_hosts: under listen: in the configuration.", http.StatusMisdirectedRequest)
			return
		}
		if err := protect.Check(r); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		if slow {
			tooOften(w)
			return
		}
		if p != nil {
			r = r.WithContext(context.WithValue(r.Context(), personKey{}, p))
		}
		if p == nil && d.listen.OpsClosed() && !slices.Contains(open, r.URL.Path) {
			d.refuse(w, r, signIn)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuse asks a program for the token, and shows a person where to sign in.
func (d *door) refuse(w http.ResponseWriter, r *http.Request, signIn http.Handler) {
	if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		signIn.ServeHTTP(w, r)
		return
	}
	w.Header().Add("WWW-Authenticate", `Bearer realm="sheaf ops"`)
	w.Header().Add("WWW-Authenticate", `Basic realm="sheaf ops", charset="UTF-8"`)
	http.Error(w, "Send the token of listen.ops_token_file: Authorization: Bearer TOKEN, or as the password of any user; or the password of a user of listen.ops_users_file.", http.StatusUnauthorized)
}

func tooOften(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "60")
	http.Error(w, "Too many tries with wrong passwords. Wait a minute.", http.StatusTooManyRequests)
}

// knows finds the person who sends a request: by the token in a header, by a password, or by a session. slow says that the
// client has tried too many passwords.
func (d *door) knows(r *http.Request) (p *person, slow bool) {
	if p := d.people.bearer(r); p != nil {
		return p, false
	}
	now := time.Now()
	if name, password, ok := r.BasicAuth(); ok {
		return d.try(r, name, password, now)
	}
	s := d.sessions.find(r, now)
	if s == nil {
		return nil, false
	}
	if proof, ok := d.people.proof(s.name, s.by); !ok || proof != s.proof {
		d.sessions.end(s)
		return nil, false
	}
	p = &person{Name: s.name, Role: s.role, key: s.id, session: s}
	if s.by == byPassword { // the configuration may say otherwise by now
		p.Role = d.people.role(s.name)
	}
	return p, false
}

// try finds a person by a password. Right ones that were right before cost nothing; the others are counted.
func (d *door) try(r *http.Request, name, password string, now time.Time) (p *person, slow bool) {
	if len(name) > maxCredential || len(password) > maxCredential {
		return nil, false
	}
	if d.people.cheap(name, password) {
		return d.people.check(name, password), false
	}
	if !d.tries.may(client(r), now) {
		return nil, true
	}
	return d.people.check(name, password), false
}

// maxCredential bounds names and passwords, in bytes. Hashes of bcrypt take 72 of a password at most.
const maxCredential = 1024

// client is the address of the machine that sends a request.
func client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// sees reports whether whoever sends a request may see what operators see.
func (d *door) sees(r *http.Request) bool { return !d.listen.OpsClosed() || visitor(r) != nil }

// ownName reports whether the host of a request is an address, a name that nobody can have in public DNS, or a name from
// the configuration.
func (d *door) ownName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") {
		return true
	}
	listens, _, _ := net.SplitHostPort(d.listen.Ops)
	return strings.EqualFold(host, listens) || strings.EqualFold(host, d.listen.OIDC.Host()) || slices.ContainsFunc(d.listen.OpsHosts, func(own string) bool { return strings.EqualFold(host, own) })
}
