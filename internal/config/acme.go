package config

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// ACME says which authority gives the public listener its certificates.
type ACME struct {
	// The names that the certificates are for. Default: the host of gateway.url.
	Hosts []string `yaml:"hosts" as:"host" also:"host,domains,names"`
	// Where the authority writes when something is wrong with a certificate. Default: gateway.contact.
	Email string `yaml:"email" as:"email" also:"contact,mail"`
	// The directory of the authority. Whoever sets public_acme agrees to the terms that stand there.
	Directory string `yaml:"directory" as:"url" also:"directory_url,url,server"`
	// Who vouches for the certificate of the directory itself, in PEM, for an authority of one's own. Default: those of the
	// system.
	CA File `yaml:"ca_file" also:"ca,cafile"`
}

func (a *ACME) setDefaults() { a.Directory = "https://acme-v02.api.letsencrypt.org/directory" }

// PublicHTTPS reports whether the public listener speaks HTTPS by itself.
func (l *Listen) PublicHTTPS() bool { return l.PublicTLS != nil || l.PublicACME != nil }

// checkACME also fills in what gateway: says.
func (d *decoder) checkACME(root *node, c *Config) {
	a := c.Listen.PublicACME
	if a == nil {
		return
	}
	wrong := func(key, format string, args ...any) {
		d.problem(root.where("listen", "public_acme"), "listen.public_acme"+key, format, args...)
	}
	if c.Listen.PublicTLS != nil {
		wrong("", "and public_tls are two ways to get a certificate; take one of them out")
	}
	u, err := url.Parse(c.Gateway.URL)
	if err != nil || u.Scheme != "https" {
		wrong("", "needs gateway.url, with https and the host that the certificate is for, such as https://gateway.example.org")
		return
	}
	if !strings.HasPrefix(a.Directory, "https://") {
		wrong(".directory", "%q is not HTTPS", a.Directory)
	}
	own := strings.ToLower(u.Hostname())
	if len(a.Hosts) == 0 {
		a.Hosts = []string{own}
	}
	if !slices.ContainsFunc(a.Hosts, func(host string) bool { return strings.EqualFold(host, own) }) {
		wrong(".hosts", "lacks %s, the host of gateway.url", own)
	}
	for _, host := range a.Hosts {
		if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(strings.Trim(host, "."), ".") {
			wrong(".hosts", "%q is not a name that the world knows, such as gateway.example.org; authorities give certificates for no others", host)
		}
	}
	if a.Email == "" {
		a.Email = c.Gateway.Contact
	}
}
