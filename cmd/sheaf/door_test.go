package main

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// A broker for the world is not opened by accident, neither by the configuration nor by a flag.
func TestOpenBroker(t *testing.T) {
	yaml := strings.Replace(good, `events: {listen: "127.0.0.1:0"}`, `events: {listen: "0.0.0.0:0"}`, 1)
	dir := folder(t, files("sheaf.yaml", yaml))
	words := []string{"sheaf.yaml", "events.listen", "can be reached from other machines", "events.users_file", "events.tls", "events.open: true"}
	refused(t, dir, exitUsage, words, "config", "check")
	refused(t, dir, exitUsage, words, "serve")
	dir = folder(t, files())
	refused(t, dir, exitUsage, words[2:], "serve", "--nats-listen", ":0")
}

// sheaf watch gets in where the configuration asks for a name, a password and TLS.
func TestWatchBehindADoor(t *testing.T) {
	address := freeport.Address(t)
	yaml := strings.Replace(solo, `events: {listen: "127.0.0.1:0"}`,
		`events: {listen: "`+address+`", users_file: users, tls: {cert_file: cert.pem, key_file: key.pem}}`, 1)
	cert, key := selfSigned(t)
	folder(t, files("sheaf.yaml", yaml, "users", "catalogue:secret\n", "cert.pem", cert, "key.pem", key))
	if err := os.Chmod("users", 0o600); err != nil {
		t.Fatal(err)
	}
	p := begin(t, "serve")
	if server := p.line(t, "NATS"); server != "tls://"+address {
		t.Errorf("the broker is at %s", server)
	}
	waitFor(t, "the harvest", p, func() bool { return strings.Contains(p.stderr.String(), "a harvest has ended") })
	epoch, _, _ := strings.Cut(status(t).Cursor, ".")
	w := begin(t, "watch", "--after", epoch+".0")
	waitFor(t, "two events", w, func() bool { return strings.Count(w.stdout.String(), "upserted") == 2 })
	if code := w.stop(t); code != exitDone {
		t.Errorf("watch ends with %d: %s", code, w.stderr.String())
	}
	holds(t, "watch without a password", want(t, exitFailed, "watch", "--server", "nats://"+address).stderr, "connect to the event server")
}

// selfSigned is a certificate for 127.0.0.1, and its key.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	pair := s.TLS.Certificates[0]
	b, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}))
}
