package events

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// certificate writes a new certificate for 127.0.0.1 into the files, and gives what trusts it.
func certificate(t *testing.T, pair config.KeyPair) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		os.WriteFile(string(pair.Key), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600),
		os.WriteFile(string(pair.Cert), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.Chtimes(string(pair.Cert), time.Time{}, time.Unix(about.SerialNumber.Int64()/1e9, about.SerialNumber.Int64()%1e9)),
	); err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(made)
	return pool
}

// With users and a certificate only those get in who know a password, over TLS; both files may change
// while the broker runs.
func TestGuests(t *testing.T) {
	dir := t.TempDir()
	pair := config.KeyPair{Cert: config.File(filepath.Join(dir, "cert.pem")), Key: config.File(filepath.Join(dir, "key.pem"))}
	trust := certificate(t, pair)
	users := filepath.Join(dir, "users")
	write := func(text string) {
		if err := os.WriteFile(users, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("catalogue:one\nportal:two\n")
	s := embedded(t, t.TempDir(), func(o *ServerOptions) { o.Guests = Guests{UsersFile: users, TLS: &pair} })
	c := inside(t, s)
	publish(t, c, tail(t, c), changes(1, 10))

	try := func(trust *x509.CertPool, opts ...nats.Option) error {
		opts = append(opts, nats.NoReconnect(), nats.Secure(&tls.Config{RootCAs: trust, ServerName: "localhost"}))
		nc, err := nats.Connect(s.URL(), opts...)
		if err != nil {
			return err
		}
		defer nc.Close()
		got := 0
		err = Watch(t.Context(), nc, Filter{After: at(1, 7)}, func(Message) error {
			if got++; got == 3 {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) {
			return err
		}
		return nil
	}
	if err := errors.Join(try(trust, nats.UserInfo("catalogue", "one")), try(trust, nats.UserInfo("portal", "two"))); err != nil {
		t.Error(err)
	}
	for name, opts := range map[string][]nats.Option{
		"nobody": nil, "a wrong password": {nats.UserInfo("catalogue", "two")}, "no password": {nats.UserInfo("catalogue", "")},
		"a stranger": {nats.UserInfo("stranger", "one")}, "a token": {nats.Token("one")}, "the doorman's name": {nats.UserInfo(doormanName, "")},
	} {
		if err := try(trust, opts...); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s is let in: %v", name, err)
		}
	}
	if nc, err := nats.Connect("nats://"+s.Addr().String(), nats.UserInfo("catalogue", "one"), nats.NoReconnect()); err == nil {
		nc.Close()
		t.Error("a client that trusts no certificate is connected")
	}

	write("catalogue:three\n")
	if err := try(trust, nats.UserInfo("catalogue", "three")); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if err := try(trust, nats.UserInfo("portal", "two")); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("one who was taken out: %v", err)
	}
	write("garbled")
	if err := try(trust, nats.UserInfo("catalogue", "three")); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("with users that can't be read: %v", err)
	}
	write("catalogue:three\n")
	renewed := certificate(t, pair)
	if err := try(renewed, nats.UserInfo("catalogue", "three")); err != nil {
		t.Errorf("the renewed certificate: %v", err)
	}
	if err := os.WriteFile(string(pair.Cert), []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := try(renewed, nats.UserInfo("catalogue", "three")); err != nil {
		t.Errorf("while the next one is written: %v", err)
	}
}
