package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

const (
	askTime    = 10 * time.Second // for one host
	askAllTime = 2 * time.Minute  // for all of them
	askAtOnce  = 16
	mostNamed  = 20 // hosts that are named in a finding
)

// Sources looks at the certificates of the hosts that sources are harvested from, by a request to each. A host that does
// not answer is no finding: its harvests tell of it.
func Sources(ctx context.Context, cfg *config.Config, now time.Time) Finding {
	f := Finding{Check: "sources' certificates", Found: "no source is asked by https"}
	hosts := securely(cfg)
	if len(hosts) == 0 {
		return f
	}
	ctx, cancel := context.WithTimeout(ctx, askAllTime)
	defer cancel()
	var asking errgroup.Group
	asking.SetLimit(askAtOnce)
	for _, h := range hosts {
		asking.Go(func() error { h.ask(ctx); return nil })
	}
	_ = asking.Wait() // none gives one
	var faults, silent []string
	var first *host
	for _, h := range hosts {
		switch {
		case h.fault != nil:
			faults = append(faults, fmt.Sprintf("%s: %v", h.name, h.fault))
		case h.until.IsZero():
			silent = append(silent, h.name)
		case h.until.Before(now.Add(renewal)):
			faults = append(faults, fmt.Sprintf("%s: the certificate ends on %s; tell its operators", h.name, h.until.Format(time.DateOnly)))
		case first == nil || h.until.Before(first.until):
			first = h
		}
	}
	f.Found = fmt.Sprintf("%s asked", wording.Count(int64(len(hosts)), "host was", "hosts were"))
	if first != nil {
		f.Found += fmt.Sprintf("; the first certificate to end is that of %s, on %s", first.name, first.until.Format(time.DateOnly))
	}
	if len(silent) > 0 {
		f.Found += "; no answer from " + named(silent)
	}
	if len(faults) > 0 {
		f.Advice = named(faults)
	}
	return f
}

// named are the first of some texts, in a line.
func named(all []string) string {
	out := strings.Join(all[:min(len(all), mostNamed)], "; ")
	if more := len(all) - mostNamed; more > 0 {
		out += fmt.Sprintf("; and %d more", more)
	}
	return out
}

// host is one that sources are harvested from, and what its certificate is like.
type host struct {
	name  string // with its port, if it is not the usual one
	reach harvest.Reach
	until time.Time // zero if it did not answer
	fault error     // of its certificate
}

// securely are the hosts that are asked by https, in order of their names.
func securely(cfg *config.Config) (out []*host) {
	seen := map[string]bool{}
	for _, name := range cfg.Names() {
		s := cfg.Sources[name]
		for _, from := range s.From {
			u, err := url.Parse(from)
			if err != nil || u.Scheme != "https" || u.Host == "" || seen[u.Host] {
				continue
			}
			seen[u.Host] = true
			out = append(out, &host{name: u.Host, reach: harvest.Reach{From: s.From, Networks: s.HTTP.PrivateNetworks}})
		}
	}
	slices.SortFunc(out, func(a, b *host) int { return cmp.Compare(a.name, b.name) })
	return out
}

// ask makes a request for the head of the host's first page, in the way of a harvest.
func (h *host) ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	transport := harvest.NewTransport(askTime, h.reach)
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, (&url.URL{Scheme: "https", Host: h.name, Path: "/"}).String(), nil)
	if err != nil {
		return
	}
	r.Header.Set("User-Agent", "Sheaf (sheaf doctor)")
	answer, err := transport.RoundTrip(r)
	if err != nil {
		var unknown *tls.CertificateVerificationError
		if errors.As(err, &unknown) {
			h.fault = advised(unknown)
		}
		return
	}
	answer.Body.Close()
	for _, c := range answer.TLS.PeerCertificates[:1] {
		h.until = c.NotAfter
	}
}

// advised says what to do of a certificate that is refused.
func advised(err *tls.CertificateVerificationError) error {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return fmt.Errorf("the certificate is over, or this machine's clock is wrong; tell its operators: %w", err)
	}
	return fmt.Errorf("the certificate is not one that this machine trusts; tell its operators, or add their authority to the system's: %w", err)
}
