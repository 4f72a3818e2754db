package ops

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A door lets in those who may see what operators see: those who have the token, where there is one.
type door struct{ listen *config.Listen }

// guard refuses those who lack the token. It also refuses names that are not the gateway's own, because a page of
// the web that makes its name mean 127.0.0.1 would read everything through an operator's browser; and changes that
// another site has a browser ask for.
func (d door) guard(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret := d.listen.OpsToken.File != ""
		switch knows := d.knowsToken(r); {
		case !(secret && knows) && !d.ownName(r.Host):
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

// knowsToken says whether a request carries the token: as a bearer token or, for browsers, as a password. It is
// true if there is no token. How long it takes tells nothing about the token.
func (d door) knowsToken(r *http.Request) bool {
	if d.listen.OpsToken.File == "" {
		return true
	}
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		_, given, _ = r.BasicAuth()
	}
	a, b := sha256.Sum256([]byte(strings.TrimSpace(given))), sha256.Sum256([]byte(d.listen.OpsToken.Value()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// ownName says whether the host of a request is an address, a name that can't be had in public DNS, or one
// that the configuration gives.
func (d door) ownName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") {
		return true
	}
	listens, _, _ := net.SplitHostPort(d.listen.Ops)
	return strings.EqualFold(host, listens) || slices.ContainsFunc(d.listen.OpsHosts, func(own string) bool { return strings.EqualFold(host, own) })
}
