package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// renewal is how long before its end a certificate should have been renewed, if a sixth of the time for which it is good is
// not shorter: those that renew by themselves do so when a third is left. The alert SheafCertificateEnding counts so too.
const renewal = 14 * 24 * time.Hour

// Certificates looks at those of the gateway's own listeners, and at the one that it shows to a broker.
func Certificates(cfg *config.Config, now time.Time) Finding {
	f := Finding{Check: "certificates", Found: "the gateway has none"}
	type pair struct{ key, cert, private string }
	var pairs []pair
	if t := cfg.Listen.PublicTLS; t != nil {
		pairs = append(pairs, pair{"listen.public_tls", string(t.Cert), t.Key.File})
	}
	if t := cfg.Listen.OpsTLS; t != nil {
		pairs = append(pairs, pair{"listen.ops_tls", string(t.Cert), t.Key.File})
	}
	if t := cfg.Events.TLS; t != nil {
		pairs = append(pairs, pair{"events.tls", string(t.Cert), string(t.Key)})
	}
	if t := cfg.Events.ClientCert; t != nil {
		pairs = append(pairs, pair{"events.client_certificate", string(t.Cert), string(t.Key)})
	}
	var good, faults []string
	for _, p := range pairs {
		loaded, err := tls.LoadX509KeyPair(p.cert, p.private)
		switch {
		case err != nil:
			faults = append(faults, fmt.Sprintf("%s can't be used; put a certificate with its key there: %v", p.key, err))
		case now.After(loaded.Leaf.NotAfter):
			faults = append(faults, fmt.Sprintf("%s: %s is over since %s, and clients refuse it; renew it, the file is read again by itself", p.key, p.cert, loaded.Leaf.NotAfter.Format("2006-01-02 15:04Z")))
		case now.Before(loaded.Leaf.NotBefore):
			faults = append(faults, fmt.Sprintf("%s: %s is good from %s only, and clients refuse it until then; look at the clock, or put another there", p.key, p.cert, loaded.Leaf.NotBefore.Format("2006-01-02 15:04Z")))
		case ending(loaded.Leaf, now):
			faults = append(faults, fmt.Sprintf("%s: %s ends on %s; renew it, the file is read again by itself", p.key, p.cert, loaded.Leaf.NotAfter.Format(time.DateOnly)))
		default:
			good = append(good, fmt.Sprintf("%s until %s", p.key, loaded.Leaf.NotAfter.Format(time.DateOnly)))
		}
	}
	if len(good) > 0 {
		f.Found = strings.Join(good, ", ")
	}
	f.Advice = strings.Join(faults, "; ")
	return f
}

// ending says that a certificate is over, or soon will be.
func ending(c *x509.Certificate, now time.Time) bool {
	return c.NotAfter.Before(now.Add(min(renewal, c.NotAfter.Sub(c.NotBefore)/6)))
}
