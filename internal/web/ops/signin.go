package ops

import (
	"net/http"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/web"
)

const (
	signInPath  = "/sign-in"
	signOutPath = "/sign-out"
	// maxForm bounds what a form may send, in bytes.
	maxForm = 256 << 10
)

// signInPage is where a person shows who they are.
func (s *ops) signInPage(r *http.Request) (*finding, error) {
	return s.askWho(r, "", localPath(r.FormValue("back"))), nil
}

// askWho is the form of that page; wrong says what was wrong with what was sent.
func (s *ops) askWho(r *http.Request, wrong, back string) *finding {
	return &finding{template: "signin", title: "Sign in", data: struct {
		Wrong, Back, Name string
		Users             bool
		TokenFile         string
		Provider          string // the address that leads to it; empty if there is none
		Issuer, SignOut   string
	}{wrong, back, r.PostFormValue("name"), s.Listen.OpsUsers.File != "", s.TokenFile, s.wayToProvider(back), s.issuer(), s.signedOut(r)}}
}

// mustSignIn shows that page instead of another one.
func (s *ops) mustSignIn(r *http.Request) (*finding, error) {
	f := s.askWho(r, "", r.URL.RequestURI())
	f.status = http.StatusUnauthorized
	return f, nil
}

// signIn begins a session.
func (s *ops) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	name, password, back := strings.TrimSpace(r.PostFormValue("name")), r.PostFormValue("password"), localPath(r.PostFormValue("back"))
	if len(name) > maxCredential || len(password) > maxCredential {
		s.failSignIn(w, r, http.StatusBadRequest, "That is too long for a name or a password.", back)
		return
	}
	if !s.door.tries.may(client(r), time.Now()) {
		s.failTries(w, r, back)
		return
	}
	p := s.door.people.check(name, password)
	if p == nil {
		s.Logger.Warn("somebody was not let in to the operators' pages", "name", web.Clipped(name, 100), "client", client(r))
		s.note(audit.Entry{What: audit.Rejected, Who: web.Clipped(name, 100), Via: audit.ByPages, From: client(r)})
		s.failSignIn(w, r, http.StatusForbidden, "That is neither the token nor the password of a user of that name.", back)
		return
	}
	by := byPassword
	if s.door.people.isToken(password) {
		by = byToken
	}
	s.begin(w, r, p, by, "as "+p.Role)
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// begin begins a session; how goes into the audit log.
func (s *ops) begin(w http.ResponseWriter, r *http.Request, p *person, by basis, how string) {
	proof, _ := s.door.people.proof(p.Name, by)
	http.SetCookie(w, s.door.sessions.begin(r, p, by, proof, time.Now()))
	s.Logger.Info("a person has signed in to the operators' pages", "who", p.Name, "role", p.Role, "client", client(r))
	s.note(audit.Entry{What: audit.SignIn, Who: p.Name, Via: audit.ByPages, From: client(r), More: how})
}

// failSignIn shows the form again, and what was wrong.
func (s *ops) failSignIn(w http.ResponseWriter, r *http.Request, status int, wrong, back string) {
	s.page(func(r *http.Request) (*finding, error) {
		f := s.askWho(r, wrong, back)
		f.status = status
		return f, nil
	}).ServeHTTP(w, r)
}

func (s *ops) failTries(w http.ResponseWriter, r *http.Request, back string) {
	w.Header().Set("Retry-After", "60")
	s.failSignIn(w, r, http.StatusTooManyRequests, "Too many tries. Wait a minute.", back)
}

// signOut ends the session.
func (s *ops) signOut(w http.ResponseWriter, r *http.Request) {
	next := "/"
	if p := visitor(r); p != nil && p.session != nil {
		if s.door.sessions.end(p.session); p.session.by == byProvider {
			next = signedOutPath
		}
		s.note(audit.Entry{What: audit.SignOut, Who: p.Name, Via: audit.ByPages, From: client(r)})
	}
	http.SetCookie(w, sessionCookie(r, "", -1))
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *ops) note(e audit.Entry) {
	if err := s.Audit.Note(e); err != nil {
		s.Logger.Error("what a person did is not in the audit log", "entry", e, "err", err)
	}
}

// localPath is a path of this listener to go back to; the overview for anything else, and for the pages of signing in.
func localPath(path string) string {
	if strings.HasPrefix(path, signInPath) || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || len(path) > 2000 {
		return "/"
	}
	return path
}
