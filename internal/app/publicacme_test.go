package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// names answers questions of DNS, over TCP as Pebble asks them: every name means 127.0.0.1.
func names(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				for answerName(conn) == nil {
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

// answerName answers one question.
func answerName(conn net.Conn) error {
	length := make([]byte, 2)
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, length); err != nil {
		return err
	}
	b := make([]byte, binary.BigEndian.Uint16(length))
	if _, err := io.ReadFull(conn, b); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(b); err != nil {
		return err
	}
	m.Response, m.Additionals = true, nil
	for _, q := range m.Questions {
		if q.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}})
		}
	}
	b, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
	return err
}

// A pebble is a real authority, the one that the authors of Let's Encrypt test with.
type pebble struct {
	directory string
	cert      string         // the file of what vouches for the directory
	roots     *x509.CertPool // what vouches for the certificates that it gives, made anew at each start
}

// newPebble starts one that looks for hosts at a port, and gives certificates that are good for so long.
func newPebble(t *testing.T, port int, lasts time.Duration) *pebble {
	t.Helper()
	need(t, []string{"pebble"})
	dir := t.TempDir()
	a := &pebble{cert: filepath.Join(dir, "cert.pem")}
	key, file := filepath.Join(dir, "key.pem"), filepath.Join(dir, "pebble.json")
	client := certificate(t, a.cert, key)
	own, manage := freeport.Port(t), freeport.Port(t)
	a.directory = fmt.Sprintf("https://127.0.0.1:%d/dir", own)
	b, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": fmt.Sprintf("127.0.0.1:%d", own), "managementListenAddress": fmt.Sprintf("127.0.0.1:%d", manage),
		"certificate": a.cert, "privateKey": key, "tlsPort": port, "httpPort": port, "retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles": map[string]any{"default": map[string]any{"description": "the usual one", "validityPeriod": int(lasts.Seconds())}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	process(t, "pebble", "-strict", "-config", file, "-dnsserver", names(t))
	waitFor(t, "the authority", func() bool {
		resp, err := client.Get(a.directory)
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
	waitFor(t, "the root of the authority", func() bool { // which has a listener of its own
		resp, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/roots/0", manage))
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		root, err := io.ReadAll(resp.Body)
		a.roots = x509.NewCertPool()
		return err == nil && a.roots.AppendCertsFromPEM(root)
	})
	return a
}

// shown is the certificate that a listener shows to a client that asks for a host.
func shown(address, host string, roots *x509.CertPool) (*x509.Certificate, error) {
	conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: host, RootCAs: roots})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0], nil
}

// usualLife is how long a certificate of Let's Encrypt is good.
const usualLife = 90 * 24 * time.Hour

// withACME is the configuration of a gateway whose public listener gets its certificate from an authority.
func withACME(t *testing.T, dir string, port int, directory, cert string) *config.Config {
	t.Helper()
	text := fmt.Sprintf(`gateway: {name: Test, namespace: test.example.org, contact: test@example.org, url: "https://gateway.example.org:%d"}
events: {kind: none}
listen: {public: '127.0.0.1:%d', ops: '127.0.0.1:0', public_acme: {directory: %q, ca_file: %q}}
`, port, port, directory, cert)
	cfg, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// A certificate is renewed when two thirds of its time are over, and the listener shows the new one from then on, without a
// restart and without a client that is turned away.
func TestACMERenews(t *testing.T) {
	need(t, []string{"pebble"})
	port := freeport.Port(t)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	a := newPebble(t, port, 30*time.Second)
	g := start(t, withACME(t, t.TempDir(), port, a.directory, a.cert), app.Options{})
	seen := map[string]*x509.Certificate{}
	waitFor(t, "a second certificate", func() bool {
		cert, err := shown(address, "gateway.example.org", a.roots)
		if err != nil {
			if len(seen) > 0 && !strings.Contains(err.Error(), "expired") { // a slow machine may come too late
				t.Fatalf("a client is turned away: %v", err)
			}
			return false
		}
		seen[cert.SerialNumber.String()] = cert
		return len(seen) == 2
	})
	var last time.Time
	for _, cert := range seen {
		if cert.NotAfter.After(last) {
			last = cert.NotAfter
		}
	}
	waitFor(t, "the metric of the end of the certificate", func() bool {
		_, metrics := visit(t, g.Addresses().Ops).see("/metrics")
		_, value, _ := strings.Cut(metrics, "\nsheaf_certificate_not_after_timestamp_seconds{listener=\"public\"} ")
		value, _, _ = strings.Cut(value, "\n")
		ends, err := strconv.ParseFloat(value, 64)
		return err == nil && int64(ends) >= last.Unix()
	})
}

// A real authority gives the public listener its certificate, which is kept where nobody else can read it, and shown after a
// restart without asking again.
func TestPublicACME(t *testing.T) {
	need(t, []string{"pebble"})
	port, dir := freeport.Port(t), t.TempDir()
	a := newPebble(t, port, usualLife)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	configured := func(directory, cert string) *config.Config { return withACME(t, dir, port, directory, cert) }
	g := start(t, configured(a.directory, a.cert), app.Options{})
	var first *x509.Certificate
	waitFor(t, "a certificate", func() (ok bool) {
		var err error
		first, err = shown(address, "gateway.example.org", a.roots)
		return err == nil
	})
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: a.roots, ServerName: "gateway.example.org"}}}
	resp, err := client.Get("https://" + address + "/oai?verb=Identify")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if want := fmt.Sprintf("<baseURL>https://gateway.example.org:%d/oai</baseURL>", port); err != nil || !strings.Contains(string(body), want) || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%v, %v: %s", err, resp.Header, body)
	}
	if cert, err := shown(address, "other.example.org", a.roots); err == nil {
		t.Errorf("another host has a certificate: %v", cert.DNSNames)
	}
	if status, body := visit(t, g.Addresses().Ops).see("/readyz"); status != http.StatusOK || !strings.Contains(body, "certificates: ok") {
		t.Errorf("%d %s", status, body)
	}
	_, metrics := visit(t, g.Addresses().Ops).see("/metrics")
	for _, want := range []string{`sheaf_certificate_usable{listener="public"} 1`, fmt.Sprintf(`sheaf_certificate_not_after_timestamp_seconds{listener="public"} %v`, float64(first.NotAfter.Unix()))} {
		if !strings.Contains(metrics, "\n"+want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	kept := 0
	err = filepath.WalkDir(filepath.Join(g.Config.Data, "acme"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if kept++; info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read %s: %v", path, info.Mode())
		}
		return nil
	})
	if err != nil || kept != 4 { // the folders, the account's key, the certificate with its key
		t.Errorf("%d files and folders are kept: %v", kept, err)
	}
	g.stop()

	g = start(t, configured(a.directory, a.cert), app.Options{})
	waitFor(t, "the certificate again", func() bool {
		again, err := shown(address, "gateway.example.org", a.roots)
		if err == nil && !again.Equal(first) {
			t.Fatal("a start has cost another certificate")
		}
		return err == nil
	})
	g.stop()

	// Nobody answers at the port where the authority looks.
	b := newPebble(t, freeport.Port(t), usualLife)
	g = start(t, configured(b.directory, b.cert), app.Options{})
	lacksCertificate(t, g, "Failed to connect to 127.0.0.1:")
	g.stop()

	// An authority that is away does not keep the gateway from starting, nor from saying what is wrong.
	g = start(t, configured("https://127.0.0.1:1/dir", a.cert), app.Options{})
	lacksCertificate(t, g, "connection refused")
	if cert, err := shown(address, "gateway.example.org", a.roots); err == nil {
		t.Errorf("the certificate of another authority is shown: %v", cert.Issuer)
	}
}

// lacksCertificate waits until readiness tells that there is no certificate, and why.
func lacksCertificate(t *testing.T, g *running, why string) {
	t.Helper()
	v := visit(t, g.Addresses().Ops)
	waitFor(t, "what is wrong", func() bool {
		status, body := v.see("/readyz")
		return status == http.StatusOK && strings.Contains(body, "there is no certificate of gateway.example.org") && strings.Contains(body, why)
	})
}
