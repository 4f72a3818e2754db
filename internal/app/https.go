package app

import (
	"crypto/x509"
	"net/http"
	"net/netip"
	"slices"

	"github.com/sheaf-gateway/sheaf/internal/acme"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// scheme is that of the addresses of a listener that speaks HTTPS, or does not.
func scheme(secure bool) string {
	if secure {
		return "https"
	}
	return "http"
}

// onlyHTTPS has browsers ask by HTTPS alone for a year, once they have.
func onlyHTTPS(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		h.ServeHTTP(w, r)
	})
}

// only answers clients of these networks, and of this machine; everybody if there are none. The address is that of the
// connection: what a proxy says of its clients does not count.
func only(networks []netip.Prefix, h http.Handler) http.Handler {
	if len(networks) == 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, err := netip.ParseAddrPort(r.RemoteAddr)
		address := client.Addr().Unmap()
		in := func(p netip.Prefix) bool { return p.Contains(address.WithZone("")) }
		if err != nil || !address.IsLoopback() && !slices.ContainsFunc(networks, in) {
			http.Error(w, "This address is not for your network.", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// certificates say, by the names of the listeners that speak TLS, which certificate each shows.
func certificates(cfg *config.Config, a *acme.Keeper) map[string]func() (*x509.Certificate, error) {
	out := map[string]func() (*x509.Certificate, error){}
	if t := cfg.Listen.PublicTLS; t != nil {
		out["public"] = t.Leaf
	} else if a != nil {
		out["public"] = a.Leaf
	}
	if t := cfg.Listen.OpsTLS; t != nil {
		out["ops"] = t.Leaf
	}
	if t := cfg.Events.TLS; t != nil && cfg.Events.Kind == "embedded" {
		out["events"] = t.Leaf
	}
	return out
}
