package app

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/time/rate"

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
// connection: what a proxy says of its clients does not count. Whoever is refused is told which address that is, for behind
// a proxy or a NAT nobody knows it; the log tells it at most once a minute.
func only(networks []netip.Prefix, logger *slog.Logger, h http.Handler) http.Handler {
	if len(networks) == 0 {
		return h
	}
	line := rate.Sometimes{Interval: time.Minute}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, err := netip.ParseAddrPort(r.RemoteAddr)
		address := client.Addr().Unmap()
		in := func(p netip.Prefix) bool { return p.Contains(address.WithZone("")) }
		if err != nil || !address.IsLoopback() && !slices.ContainsFunc(networks, in) {
			line.Do(func() { logger.Warn("a client that listen.ops_allow does not name was refused", "client", address) })
			http.Error(w, fmt.Sprintf("This address is not for your network: listen.ops_allow does not name %s.", address), http.StatusForbidden)
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
