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

// A door lets in those who may see what operators see. If there is a token, those are the clients that send it.
type door struct{ listen *config.Listen }

// guard refuses clients without the token. It also refuses requests for a name that is not the gateway's own: a page on
// the web could make its own name mean 127.0.0.1, and read everything through an operator's browser. And it refuses
// changes that another site makes a browser ask for.
func (d door) guard(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret := d.listen.OpsToken.File != ""
		switch knows := d.knowsToken(r); {
		case !(secret && knows) && !d.ownName(r.Host):
			http.Error(w, "This is not a name of this listener. Ask it by its address, or add the name to ops_hosts: under listen: in the configuration.", http.StatusMisdirectedRequest)
		case !knows && !slices.Contains(health, r.URL.Path):
			w.Header().Add("WWW-Authenticate", `Bearer realm="sheaf ops"`)
			w.Header().Add("WWW-Authenticate", `Basic realm="sheaf ops", charset="UTF-8"`)
			http.Error(w, "Send the token of listen.ops_token_file: Authorization: Bearer TOKEN, or as the password of any user.", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// health are the addresses that a supervisor asks without the token. They tell it nothing but yes or no.
var health = []string{"/healthz", "/readyz", "/startupz"}

// knowsToken reports whether a request carries the token, as a bearer token or, for browsers, as a password. Without a
// token in the configuration every request does. How long the comparison takes tells nothing about the token.
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

// ownName reports whether the host of a request is an address, a name that nobody can have in public DNS, or a name from
// the configuration.
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
