package ops

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/openid"
)

// People may sign in at an OpenID Connect provider: a link leads there, and the provider sends the browser back.
const (
	oidcPath     = signInPath + "/oidc"
	callbackPath = oidcPath + "/callback"
	// signedOutPath is shown to whoever has signed out here, and is still signed in at the provider.
	signedOutPath = signInPath + "?out=1"
)

// issuer is what the provider is called; empty without one.
func (s *ops) issuer() string {
	if s.OpenID == nil {
		return ""
	}
	return s.OpenID.Issuer()
}

// wayToProvider is the address that leads to the provider, and back to a page; empty without a provider.
func (s *ops) wayToProvider(back string) string {
	if s.OpenID == nil {
		return ""
	}
	return oidcPath + "?" + url.Values{"back": {back}}.Encode()
}

// signedOut is where somebody who has signed out here signs out at the provider too.
func (s *ops) signedOut(r *http.Request) string {
	if s.OpenID == nil || r.FormValue("out") == "" {
		return ""
	}
	return s.OpenID.SignOut()
}

// errandCookie holds what a sign-in at the provider is held to. It comes back with a request from the provider's pages, so
// that it can't be as strict as that of a session.
func errandCookie(r *http.Request, sealed string, seconds int) *http.Cookie {
	c := sessionCookie(r, sealed, seconds)
	c.Name, c.Path, c.SameSite = cookieName("sheaf-sign-in", r), oidcPath, http.SameSiteLaxMode
	return c
}

// callback is where the provider sends the browser, which the provider must have been told.
func (s *ops) callback(r *http.Request) string {
	root := s.Listen.OIDC.URL
	if root == "" {
		root = "http://" + r.Host
		if r.TLS != nil {
			root = "https://" + r.Host
		}
	}
	return root + callbackPath
}

// toProvider sends a person to the provider.
func (s *ops) toProvider(w http.ResponseWriter, r *http.Request) {
	back := localPath(r.FormValue("back"))
	address, sealed, err := s.OpenID.Begin(r.Context(), s.callback(r), back)
	if err != nil {
		s.notSignedIn(w, r, err, back)
		return
	}
	http.SetCookie(w, errandCookie(r, sealed, int(openid.ErrandTime/time.Second)))
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// fromProvider begins a session for whoever comes back from the provider.
func (s *ops) fromProvider(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	if !s.door.tries.may(client(r), now) {
		s.failTries(w, r, "/")
		return
	}
	var sealed string
	if c, err := r.Cookie(errandCookie(r, "", 0).Name); err == nil {
		sealed = c.Value
	}
	http.SetCookie(w, errandCookie(r, "", -1))
	who, err := s.OpenID.End(r.Context(), sealed, r.URL.Query())
	if err != nil {
		rejected := audit.Entry{What: audit.Rejected, Via: audit.ByPages, From: client(r), More: "at " + s.OpenID.Issuer()}
		if who != nil {
			rejected.Who, rejected.More = who.Name, "without a role, "+who.Subject+" at "+s.OpenID.Issuer()
		}
		s.note(rejected)
		s.notSignedIn(w, r, err, "/")
		return
	}
	p := &person{Name: who.Name, Role: who.Role}
	s.begin(w, r, p, byProvider, "as "+who.Role+", "+who.Subject+" at "+s.OpenID.Issuer())
	// A cookie that is kept from other sites is not sent with a request that began at the provider, nor with those that
	// it is redirected to. So a page of ours comes first, and leads on.
	w.Header().Set("Refresh", "0; url="+who.Back)
	s.page(func(*http.Request) (*finding, error) {
		return &finding{template: "signedin", title: "Signed in", data: struct{ Name, Role, Back string }{p.Name, p.Role, who.Back}}, nil
	}).ServeHTTP(w, r)
}

// notSignedIn shows the page for signing in, and why that has not worked.
func (s *ops) notSignedIn(w http.ResponseWriter, r *http.Request, err error, back string) {
	refusal := &openid.Refusal{Status: http.StatusInternalServerError, Text: "That did not work."}
	errors.As(err, &refusal)
	s.Logger.Warn("somebody was not let in to the operators' pages", "client", client(r), "issuer", s.OpenID.Issuer(), "err", err)
	s.failSignIn(w, r, refusal.Status, refusal.Text, back)
}
