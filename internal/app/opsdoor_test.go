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
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// certificate writes a certificate for 127.0.0.1 and its key, and gives a client that trusts it.
func certificate(t *testing.T, cert, key string) *http.Client {
	t.Helper()
	return certificateUntil(t, cert, key, time.Now().Add(time.Hour))
}

// certificateUntil writes one that ends at a time, two hours after it began.
func certificateUntil(t *testing.T, cert, key string, end time.Time) *http.Client {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ops"}, NotBefore: end.Add(-2 * time.Hour),
		NotAfter: end, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	own, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(own)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

// A knock is a request at the ops door.
type knock struct {
	method, path, host, origin string
	auth                       func(*http.Request)
	status                     int
	says                       string
}

func (k *knock) try(t *testing.T, client *http.Client, base string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), k.method, strings.TrimSuffix(base, "/")+k.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = k.host
	if k.origin != "" {
		r.Header.Set("Origin", k.origin)
	}
	if k.auth != nil {
		k.auth(r)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != k.status || !strings.Contains(string(body), k.says) {
		t.Errorf("%+v: %s %s, %v", *k, resp.Status, body, err)
	}
	if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s may be taken for another kind of text: %v", k.path, resp.Header)
	}
}

// door is a gateway with a listen section of one's own.
func door(t *testing.T, more string) string {
	t.Helper()
	text := "listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0', " + more + "}\nevents: {kind: none}\n"
	cfg, err := config.Parse(filepath.Join(t.TempDir(), "sheaf.yaml"), []byte(text), app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	return start(t, cfg, app.Options{}).Addresses().Ops
}

// On loopback no token is needed, and nothing but the gateway's own names is answered.
func TestOpsDoorOnLoopback(t *testing.T) {
	base := door(t, "ops_hosts: [ops.example.org]")
	for _, k := range []knock{
		{path: "/metrics", status: 200, says: "sheaf_build_info"},
		{path: "/metrics", host: "localhost:8081", status: 200},
		{path: "/metrics", host: "[::1]:8081", status: 200},
		{path: "/metrics", host: "sheaf:8081", status: 200},
		{path: "/metrics", host: "OPS.example.org.", status: 200},
		{path: "/readyz", status: 200, says: "log: ok"},
		{path: "/readyz", status: 200, says: "search: "},
		{path: "/metrics", host: "rebound.evil.example", status: 421, says: "ops_hosts"},
		{path: "/debug/pprof/heap", host: "127.0.0.1.evil.example:8081", status: 421},
		{path: "/readyz", host: "rebound.evil.example:8081", status: 421},
		{method: "POST", path: "/", origin: "https://evil.example", status: 403},
	} {
		k.try(t, http.DefaultClient, base)
	}
}

// With a token and a certificate, only those who have the token see more than whether the gateway is well.
func TestOpsDoorBeyondLoopback(t *testing.T) {
	dir := t.TempDir()
	cert, key, token := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "token")
	client := certificate(t, cert, key)
	if err := os.WriteFile(token, []byte("correct horse battery staple\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	base := door(t, fmt.Sprintf("ops_token_file: %q, ops_tls: {cert_file: %q, key_file: %q}", token, cert, key))
	if !strings.HasPrefix(base, "https://127.0.0.1:") {
		t.Fatal(base)
	}
	header := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	for _, k := range []knock{
		{path: "/healthz", status: 200, says: "ok"},
		{path: "/readyz", status: 200, says: "OK\n"},
		{path: "/startupz", status: 200, says: "ok\n"},
		{path: "/readyz", auth: header("Bearer correct horse battery staple"), status: 200, says: "log: ok"},
		{path: "/metrics", status: 401, says: "ops_token_file"},
		{path: "/debug/pprof/cmdline", status: 401},
		{path: "/harvesters", status: 401},
		{path: "/nothing", status: 401},
		{path: "/healthz/../metrics", status: 401},
		{path: "/metrics", auth: header("Bearer correct horse"), status: 401},
		{path: "/metrics", auth: header("Bearer "), status: 401},
		{path: "/metrics", auth: header("Basic !"), status: 401},
		{path: "/metrics", auth: header("bearer correct horse battery staple"), status: 200, says: "sheaf_build_info"},
		{path: "/metrics", auth: header("Bearer correct horse battery staple"), host: "gateway.example.org", status: 200},
		{path: "/metrics", auth: func(r *http.Request) { r.SetBasicAuth("anybody", "correct horse battery staple") }, status: 200},
		{path: "/metrics", auth: func(r *http.Request) { r.SetBasicAuth("correct horse battery staple", "") }, status: 401},
		{path: "/healthz", host: "rebound.evil.example", status: 421},
	} {
		k.try(t, client, base)
	}
	if r, err := client.Get("http" + strings.TrimPrefix(base, "https") + "metrics"); err == nil && r.StatusCode != http.StatusBadRequest {
		t.Errorf("plain HTTP is answered: %s", r.Status)
	}
}
