package acme

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/acme"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// keeper keeps the certificate of one host, from an authority that answers like this. (A real authority is in the tests of
// internal/app.)
func keeper(t *testing.T, authority http.HandlerFunc) (k *Keeper, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		authority(w, r)
	}))
	t.Cleanup(s.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := New(Options{Config: &config.ACME{Hosts: []string{"Gateway.example.org"}, Directory: s.URL + "/dir", CA: config.File(ca)}, Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return k, asked
}

func says(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, `{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many"}`)
	}
}

// Whoever connects causes no order, and a refusal is not followed by another try for as long as the authority says.
func TestStrangersOrderNothing(t *testing.T) {
	k, asked := keeper(t, says(http.StatusTooManyRequests, "Retry-After", "90000"))
	for _, name := range []string{"gateway.example.org", "GATEWAY.example.org.", "", "other.example.org", "127.0.0.1"} {
		for range 10 {
			if cert, err := k.certificate(&tls.ClientHelloInfo{ServerName: name, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}}); err == nil {
				t.Fatalf("%q has a certificate: %v", name, cert)
			}
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("strangers have made the gateway ask the authority %d times", n)
	}
	for range 10 {
		next := k.ask(t.Context())
		if wait := time.Until(next); wait < 24*time.Hour {
			t.Errorf("it asks again after %v", wait)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the authority was asked %d times, want once", n)
	}
	if err := k.Trouble(); err == nil || !strings.Contains(err.Error(), "no certificate of Gateway.example.org") || !strings.Contains(err.Error(), "too many") {
		t.Errorf("the trouble is %v", err)
	}
}

// The tries after failures come later and later: within any hour fewer than five.
func TestPatience(t *testing.T) {
	k, _ := keeper(t, says(http.StatusNotFound))
	var at time.Duration
	var tries []time.Duration
	for failed := range 100 {
		tries = append(tries, at)
		at += k.patience(failed, errors.New("broken"))
	}
	for i := 5; i < len(tries); i++ {
		if tries[i]-tries[i-5] <= time.Hour {
			t.Errorf("six tries within an hour: %v", tries[i-5:i+1])
		}
	}
	if last := tries[99] - tries[98]; last != longestWait {
		t.Errorf("the last wait is %v", last)
	}
	limited := func(after string) error {
		return fmt.Errorf("order: %w", &acme.Error{ProblemType: "urn:ietf:params:acme:error:rateLimited", Header: http.Header{"Retry-After": {after}}})
	}
	if long, short := k.patience(0, limited("604800")), k.patience(0, limited("1")); long < 167*time.Hour || short != firstWait {
		t.Errorf("told to wait for a week and a second: %v and %v", long, short)
	}
}

// An authority that is away is asked again after a while, and the end of the gateway ends what is asked.
func TestAuthorityIsAway(t *testing.T) {
	var answered atomic.Int32
	k, asked := keeper(t, func(w http.ResponseWriter, r *http.Request) {
		if answered.Add(1) <= 3 {
			says(http.StatusNotFound)(w, r)
			return
		}
		<-r.Context().Done()
	})
	k.first = time.Millisecond
	ended := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- k.Run(ctx) }()
	for deadline := time.Now().Add(time.Minute); asked.Load() < 4; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it was asked %d times", asked.Load())
		}
	}
	k.Close()
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("it waits for an authority that does not answer")
	}
}

// Each authority has a folder of its own, which nobody else may read.
func TestFolders(t *testing.T) {
	for directory, want := range map[string]string{
		"https://acme-v02.api.letsencrypt.org/directory":         "acme-v02.api.letsencrypt.org-directory",
		"https://acme-staging-v02.api.letsencrypt.org/directory": "acme-staging-v02.api.letsencrypt.org-directory",
		"https://CA.example.org:9000/acme/../x":                  "ca.example.org-9000-acme-..-x",
	} {
		if got := folder(directory); got != want {
			t.Errorf("%s has the folder %s, want %s", directory, got, want)
		}
	}
	k, _ := keeper(t, says(http.StatusNotFound))
	if all, err := filepath.Glob(filepath.Join(k.Dir, "*")); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	} else if info, err := os.Stat(all[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}
