package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
)

// Config returns the configuration of a listener.
func (t *TLS) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(string(t.Cert), t.Key.File)
		return &pair, err
	}}
}

// Leaf is the certificate that is shown.
func (t *TLS) Leaf() (*x509.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(string(t.Cert), t.Key.File)
	return pair.Leaf, err
}

// Leaf is the certificate that is shown.
func (p *KeyPair) Leaf() (*x509.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(string(p.Cert), string(p.Key))
	return pair.Leaf, err
}

// problem says what keeps TLS from working; empty if nothing does.
func (t *TLS) problem() string {
	if t.Cert == "" || t.Key.File == "" {
		return "needs cert_file: and key_file:"
	}
	if _, err := tls.LoadX509KeyPair(string(t.Cert), t.Key.File); err != nil {
		return fmt.Sprintf("does not work: %v", err)
	}
	return ""
}

// BeyondLoopback reports whether other machines may reach an address to listen on. It is true for any name other than
// localhost, because such a name may mean any address.
func BeyondLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "localhost" {
		return err != nil
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.Unmap().IsLoopback()
}

// OpsProblem says why the gateway refuses to listen for operators with these settings; empty if it does not.
func (l *Listen) OpsProblem() string {
	if l.OpsOpen || !BeyondLoopback(l.Ops) || l.OpsClosed() && l.OpsTLS != nil {
		return ""
	}
	return fmt.Sprintf("%q can be reached beyond loopback, and whoever reaches it sees who harvests, what fails and the memory of the gateway; set ops_token_file:, ops_users_file: or ops_oidc:, and ops_tls:, or listen on 127.0.0.1, or set ops_open: true if something else keeps strangers away", l.Ops)
}

// OpsClosed reports whether the ops listener shows nothing to those who have neither token nor password, and have not
// signed in.
func (l *Listen) OpsClosed() bool {
	return l.OpsToken.File != "" || l.OpsUsers.File != "" || l.OIDC != nil
}

// MinToken is the least length of a token of the ops listener, in bytes.
const MinToken = 16

func (d *decoder) checkOps(root *node, c *Config) {
	l := &c.Listen
	if l.PublicTLS != nil {
		if what := l.PublicTLS.problem(); what != "" {
			d.problem(root.where("listen", "public_tls"), "listen.public_tls", "%s", what)
		}
	}
	d.checkACME(root, c)
	if what := l.OpsProblem(); what != "" && l.Ops != "" { // one that can't be read is told already
		d.problem(root.where("listen", "ops"), "listen.ops", "%s", what)
	}
	if n := len(l.OpsToken.Value()); l.OpsToken.File != "" && n < MinToken {
		d.problem(root.where("listen", "ops_token_file"), "listen.ops_token_file",
			"holds %d bytes; a token needs at least %d. Make one with: openssl rand -hex 32", n, MinToken)
	}
	d.checkOpsUsers(root, l)
	d.checkOpenID(root, l.OIDC)
	if l.OpsTLS == nil {
		return
	}
	if what := l.OpsTLS.problem(); what != "" {
		d.problem(root.where("listen", "ops_tls"), "listen.ops_tls", "%s", what)
	}
}
