package app_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// TestPublicHTTPS: the public listener speaks HTTPS with a certificate, and with another one as soon as the files have it.
func TestPublicHTTPS(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	first := certificate(t, cert, key)
	text := fmt.Sprintf("gateway: {name: Test, namespace: test.example.org}\nlisten: {public: '127.0.0.1:0', ops: '127.0.0.1:0', public_tls: {cert_file: %q, key_file: %q}}\nevents: {kind: none}\n", cert, key)
	cfg, err := config.Parse(filepath.Join(t.TempDir(), "sheaf.yaml"), []byte(text), app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	base := start(t, cfg, app.Options{}).Addresses().Public
	if !strings.HasPrefix(base, "https://127.0.0.1:") {
		t.Fatalf("the address is %s", base)
	}
	ask := func(client *http.Client) error {
		resp, err := client.Get(base + "oai?verb=Identify")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err == nil && (!strings.Contains(string(body), "<baseURL>"+base+"oai</baseURL>") || resp.Header.Get("Strict-Transport-Security") == "") {
			err = fmt.Errorf("%v: %s", resp.Header, body)
		}
		return err
	}
	if err := ask(first); err != nil {
		t.Error(err)
	}
	if resp, err := http.Get("http" + strings.TrimPrefix(base, "https") + "oai"); err == nil {
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("asked by HTTP: %s", resp.Status)
		}
	}
	second := certificate(t, cert, key)
	if err := ask(second); err != nil {
		t.Errorf("with the new certificate: %v", err)
	}
	if err := ask(first); err == nil {
		t.Error("the old certificate is still shown")
	}
	if err := os.WriteFile(cert, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ask(second); err == nil {
		t.Error("answered without a certificate")
	}
}
