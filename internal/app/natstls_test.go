package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// An authority signs certificates. Its own is in a file.
type authority struct {
	file string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, dir, name string) *authority {
	t.Helper()
	a := &authority{file: filepath.Join(dir, name+".pem")}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	writePEM(t, a.file, "CERTIFICATE", der)
	return a
}

// sign writes a certificate for one use, and its key, and gives the names of the files.
func (a *authority) sign(t *testing.T, path string, use x509.ExtKeyUsage) (cert, key string) {
	t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: filepath.Base(path)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{use},
	}
	der, err := x509.CreateCertificate(rand.Reader, about, a.cert, own.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, path+".crt", "CERTIFICATE", der)
	writePEM(t, path+".key", "PRIVATE KEY", secret)
	return path + ".crt", path + ".key"
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// guarded starts a NATS server that speaks to those alone who have a certificate of the authority. It counts who has tried.
func guarded(t *testing.T, clients *authority, cert, key string) (ns *server.Server, tried *atomic.Int64) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	trust := x509.NewCertPool()
	trust.AddCert(clients.cert)
	tried = &atomic.Int64{}
	ns, err = server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(), JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 16 << 30,
		TLS: true, TLSVerify: true, TLSTimeout: 60,
		TLSConfig: &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientCAs: trust, ClientAuth: tls.RequireAndVerifyClientCert,
			GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { tried.Add(1); return nil, nil }, // the one above
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(time.Minute) {
		t.Fatal("the NATS server did not start")
	}
	return ns, tried
}

// A gateway publishes on a server that asks both sides for certificates. It believes no server of another authority, and
// the server believes no gateway without a certificate or with a stranger's; either waits, and readiness says so. A
// certificate that was renewed is used without a restart.
func TestNATSWithCertificates(t *testing.T) {
	dir := t.TempDir()
	servers, clients, strangers := newAuthority(t, dir, "servers"), newAuthority(t, dir, "clients"), newAuthority(t, dir, "strangers")
	serverCert, serverKey := servers.sign(t, filepath.Join(dir, "nats"), x509.ExtKeyUsageServerAuth)
	goodCert, goodKey := clients.sign(t, filepath.Join(dir, "gateway"), x509.ExtKeyUsageClientAuth)
	strangeCert, strangeKey := strangers.sign(t, filepath.Join(dir, "stranger"), x509.ExtKeyUsageClientAuth)
	src := newProvider(t, 20)
	src.put(1, "title")

	for _, c := range []struct {
		name, ca, cert, key string
		why                 string // nothing is published; empty if everything is
	}{
		{"both certificates", servers.file, goodCert, goodKey, ""},
		{"a server of another authority", strangers.file, goodCert, goodKey, "x509: certificate signed by unknown authority"},
		// What the server says of the two others may be lost: it closes the connection behind it.
		{"no certificate", servers.file, "", "", "not connected to NATS"},
		{"a stranger's certificate", servers.file, strangeCert, strangeKey, "not connected to NATS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ns, tried := guarded(t, clients, serverCert, serverKey)
			own := ""
			if c.cert != "" {
				own = fmt.Sprintf(", client_certificate: {cert_file: '%s', key_file: '%s'}", c.cert, c.key)
			}
			g := start(t, configure(t, t.TempDir(), fmt.Sprintf("events: {kind: nats, urls: ['tls://%s'], replicas: 1, ca_file: '%s'%s}\nsources: {src: {kind: oai, from: '%s'}}\n",
				ns.Addr(), c.ca, own, src.url)), app.Options{})
			if got := g.harvest(t, "src", false); got.Counts.Added != 1 {
				t.Fatalf("harvested: %+v", got.Counts)
			}
			if c.why == "" {
				g.published(t)
				if n := inStream(t, ns, servers, goodCert, goodKey); n != 1 {
					t.Errorf("%d events are in the stream", n)
				}
				return
			}
			waitFor(t, "readiness to tell why", func() bool { ok, text := g.ready(t); return !ok && strings.Contains(text, c.why) && tried.Load() > 1 })
			if place := g.RelayPlace(); place.Seq != 0 {
				t.Errorf("published up to %s", place)
			}
			if n := inStream(t, ns, servers, goodCert, goodKey); n != 0 {
				t.Errorf("%d events are in the stream", n)
			}
			if c.cert == strangeCert { // the operator puts the right one in its place
				for from, to := range map[string]string{goodCert: strangeCert, goodKey: strangeKey} {
					text, err := os.ReadFile(from)
					if err == nil {
						err = os.WriteFile(to, text, 0o600)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				g.published(t)
				waitFor(t, "readiness to come back", func() bool { ok, _ := g.ready(t); return ok })
			}
		})
	}
}

// inStream counts the events that the server has.
func inStream(t *testing.T, ns *server.Server, servers *authority, cert, key string) uint64 {
	t.Helper()
	js := jetStream(t, "tls://"+ns.Addr().String(), nats.RootCAs(servers.file), nats.ClientCert(cert, key))
	s, err := js.Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil { // nobody has come so far as to make it
		return 0
	}
	return s.CachedInfo().State.Msgs
}
