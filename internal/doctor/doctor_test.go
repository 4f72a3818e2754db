package doctor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// holds looks for words in what a check says: in its advice, or, if all should be well, in what it found.
func holds(t *testing.T, f Finding, well bool, words ...string) {
	t.Helper()
	if well != (f.Advice == "") {
		t.Errorf("%s: found %q, advises %q", f.Check, f.Found, f.Advice)
		return
	}
	text := f.Advice + f.Found
	if !well {
		text = f.Advice
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s says %q, not %q", f.Check, text, w)
		}
	}
}

func TestPermissions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sheaf.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, Permissions(dir), true, "closed to other users")
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	holds(t, Permissions(dir), false, "chmod o= "+dir)
	if err := os.Chmod(dir, 0o750); err != nil { // a group for backups
		t.Fatal(err)
	}
	holds(t, Permissions(dir), true)
	if os.Geteuid() == 0 {
		if err := os.Chown(filepath.Join(dir, "sheaf.db"), 12345, -1); err != nil {
			t.Fatal(err)
		}
		holds(t, Permissions(dir), false, "1 files", "sheaf.db", "chown -R --reference="+dir+" "+dir)
	}
	holds(t, Permissions(filepath.Join(dir, "nothing")), false, "no such file")
}

func TestPorts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Listen.Public, cfg.Listen.Ops, cfg.Events.Listen = l.Addr().String(), "127.0.0.1:0", "127.0.0.1:0"
	holds(t, Ports(t.Context(), cfg, true), true, "answers at "+cfg.Listen.Public)
	holds(t, Ports(t.Context(), cfg, false), false, "listen.public", "another program listens at "+cfg.Listen.Public)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	holds(t, Ports(t.Context(), cfg, false), true, cfg.Listen.Public)
	holds(t, Ports(t.Context(), cfg, true), false, "nothing answers at "+cfg.Listen.Public)
	cfg.Listen.Public, cfg.Events.WebSocket = "127.0.0.1:0", "192.0.2.1:4223"
	holds(t, Ports(t.Context(), cfg, false), false, "events.websocket", "choose another address")
	cfg.Events.Kind = "none"
	holds(t, Ports(t.Context(), cfg, false), true, "none is fixed")
}

// certify makes a certificate for this machine that ends at a time.
func certify(t *testing.T, until time.Time) (pair tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: until.Add(-365 * 24 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	cert, secret := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	for file, text := range map[string][]byte{certFile: cert, keyFile: secret} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if pair, err = tls.X509KeyPair(cert, secret); err != nil {
		t.Fatal(err)
	}
	return pair, certFile, keyFile
}

func TestCertificates(t *testing.T) {
	now := time.Now()
	cfg := config.Default()
	holds(t, Certificates(cfg, now), true, "has none")
	_, cert, key := certify(t, now.Add(15*24*time.Hour))
	cfg.Events.TLS = &config.KeyPair{Cert: config.File(cert), Key: config.File(key)}
	holds(t, Certificates(cfg, now), true, "events.tls until "+now.Add(15*24*time.Hour).UTC().Format(time.DateOnly))
	holds(t, Certificates(cfg, now.Add(2*24*time.Hour)), false, "events.tls: "+cert+" ends on ", "renew it")
	holds(t, Certificates(cfg, now.Add(16*24*time.Hour)), false, "events.tls: "+cert+" is over since ", "clients refuse it")
	holds(t, Certificates(cfg, now.Add(-365*24*time.Hour)), false, "events.tls: "+cert+" is good from ", "look at the clock")
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	holds(t, Certificates(cfg, now), false, "events.tls can't be used", "put a certificate")
}

// The certificates of sources, at servers that a test's authorities vouch for or do not.
func TestSources(t *testing.T) {
	now := time.Now()
	serve := func(until time.Time) string {
		pair, cert, _ := certify(t, until)
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.TLS, s.Config.ErrorLog = &tls.Config{Certificates: []tls.Certificate{pair}}, log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		trust(t, cert)
		return s.URL
	}
	t.Setenv("SSL_CERT_DIR", t.TempDir())
	good, soon, over := serve(now.Add(90*24*time.Hour)), serve(now.Add(13*24*time.Hour)), serve(now.Add(-24*time.Hour))
	unknown := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = log.New(io.Discard, "", 0)
	unknown.StartTLS()
	t.Cleanup(unknown.Close)

	holds(t, Sources(t.Context(), asks(t, "http://127.0.0.1:1/"), now), true, "no source is asked by https")
	holds(t, Sources(t.Context(), asks(t, good, good+"/again", "https://127.0.0.1:1/"), now), true, "2 hosts were asked", hostOf(good)+", on ", "no answer from 127.0.0.1:1")
	holds(t, Sources(t.Context(), asks(t, good, soon), now), false, hostOf(soon)+": the certificate ends on ")
	holds(t, Sources(t.Context(), asks(t, over, unknown.URL), now), false, hostOf(over)+": the certificate is over", hostOf(unknown.URL)+": the certificate is not one that this machine trusts")
}

func hostOf(url string) string { return strings.TrimPrefix(url, "https://") }

// trust makes the system's authorities of this process those of the test.
func trust(t *testing.T, cert string) {
	t.Helper()
	text, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(os.Getenv("SSL_CERT_DIR"), fmt.Sprintf("%d.pem", time.Now().UnixNano())), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// asks is a configuration with a source for each address.
func asks(t *testing.T, addresses ...string) *config.Config {
	t.Helper()
	var b strings.Builder
	b.WriteString("gateway: {name: Test, namespace: test.example.org, contact: a@example.org}\nsources:\n")
	for i, a := range addresses {
		fmt.Fprintf(&b, "  s%d: {kind: oai, from: '%s'}\n", i, a)
	}
	file := filepath.Join(t.TempDir(), "sheaf.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file, config.Options{Kinds: []config.Kind{{Name: "oai", Settings: &struct{}{}}}})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}
