package app

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// opsDoor lets those in who may see what operators see: who has the token, where there is one. It
// refuses names that are not the gateway's own, because a page of the web that makes its name mean
// 127.0.0.1 would read all of it through an operator's browser; and what another site has a
// browser change.
func (g *Gateway) opsDoor(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret := g.Config.Listen.OpsToken.File != ""
		switch knows := g.knowsToken(r); {
		case !(secret && knows) && !g.ownName(r.Host):
			http.Error(w, "This is not a name of this listener. Ask it by its address, or add the name to ops_hosts: under listen: in the configuration.", http.StatusMisdirectedRequest)
		case !knows && r.URL.Path != "/healthz" && r.URL.Path != "/readyz":
			w.Header().Add("WWW-Authenticate", `Bearer realm="sheaf ops"`)
			w.Header().Add("WWW-Authenticate", `Basic realm="sheaf ops", charset="UTF-8"`)
			http.Error(w, "Send the token of listen.ops_token_file: Authorization: Bearer TOKEN, or as the password of any user.", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// knowsToken says whether a request carries the token, as a bearer's or, for browsers, as a password;
// true if there is none. How long it takes tells nothing of the token.
func (g *Gateway) knowsToken(r *http.Request) bool {
	if g.Config.Listen.OpsToken.File == "" {
		return true
	}
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		_, given, _ = r.BasicAuth()
	}
	a, b := sha256.Sum256([]byte(strings.TrimSpace(given))), sha256.Sum256([]byte(g.Config.Listen.OpsToken.Value()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// ownName says whether the host of a request is an address, a name that can't be had in public DNS, or one
// that the configuration gives.
func (g *Gateway) ownName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") {
		return true
	}
	listens, _, _ := net.SplitHostPort(g.Config.Listen.Ops)
	return strings.EqualFold(host, listens) || slices.ContainsFunc(g.Config.Listen.OpsHosts, func(own string) bool { return strings.EqualFold(host, own) })
}

func (g *Gateway) opsScheme() string {
	if g.Config.Listen.OpsTLS != nil {
		return "https"
	}
	return "http"
}
