// Package acme keeps the certificates of the public listener, which an authority such as Let's Encrypt gives by ACME
// (RFC 8555), with the challenge tls-alpn-01 (RFC 8737): the authority connects to port 443 of the host and finds an answer
// in the handshake.
//
// Account key, certificates and their keys are files in a folder of the data folder, one folder for each authority,
// readable by the gateway's user alone. The library (autocert) orders a certificate when somebody asks for a host that has
// none, and renews those that it has. Here only the [Keeper] orders: it asks for each host when the gateway starts, and
// waits longer after each failure. Handshakes never cause an order, so strangers can't use up what the authority allows.
package acme

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// Options are what a Keeper needs.
type Options struct {
	Config *config.ACME
	Dir    string // where folders of authorities are, in the data folder
	Logger *slog.Logger
}

// A Keeper has the certificates of some hosts.
type Keeper struct {
	Options
	cache   autocert.Cache
	client  *http.Client
	witness *witness
	stop    context.CancelCauseFunc
	first   time.Duration // how long after the first failure it asks again

	mu    sync.Mutex
	hosts map[string]*host
}

// A host is a name that has a certificate, or will have one.
type host struct {
	manager *autocert.Manager
	ready   bool
	trouble error // why it has none
	failed  int
	due     time.Time // when it is asked for again
}

// New makes a keeper, and asks nobody.
func New(o Options) (*Keeper, error) {
	dir := filepath.Join(o.Dir, folder(o.Config.Directory))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for certificates: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if o.Config.CA != "" {
		pem, err := os.ReadFile(string(o.Config.CA))
		if err != nil {
			return nil, fmt.Errorf("read who vouches for the ACME directory: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", o.Config.CA)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	alive, stop := context.WithCancelCause(context.Background())
	k := &Keeper{Options: o, cache: cache{autocert.DirCache(dir), o.Logger}, stop: stop, first: firstWait, hosts: map[string]*host{}}
	k.witness = &witness{RoundTripper: stoppable{transport, alive}}
	k.client = &http.Client{Transport: k.witness, Timeout: askTime}
	for _, name := range o.Config.Hosts {
		k.hosts[strings.ToLower(name)] = &host{manager: k.manager(name)}
	}
	return k, nil
}

const (
	// askTime bounds a request to the authority.
	askTime = 30 * time.Second
	// Let's Encrypt allows five failed validations of a host in an hour. The second, third and fourth try are 5, 15 and 35
	// minutes after the first, and the next one after more than an hour.
	firstWait, longestWait = 5 * time.Minute, 12 * time.Hour
	// maxTries bounds how often one request to the authority is sent.
	maxTries = 3
)

// folder is the name of the folder of an authority: a certificate of a test authority must not be taken for one of the
// real one.
func folder(directory string) string {
	_, name, _ := strings.Cut(directory, "://")
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
}

func (k *Keeper) manager(name string) *autocert.Manager {
	return &autocert.Manager{
		Prompt: autocert.AcceptTOS, // the configuration says that whoever sets this agrees
		Cache:  k.cache, HostPolicy: autocert.HostWhitelist(name), Email: k.Config.Email,
		Client: &acme.Client{DirectoryURL: k.Config.Directory, HTTPClient: k.client, UserAgent: "sheaf", RetryBackoff: again},
	}
}

// again says when a request to the authority is sent again that went wrong: soon, unless the authority asks for more
// patience. Then the keeper waits.
func again(n int, _ *http.Request, resp *http.Response) time.Duration {
	if n >= maxTries || resp.StatusCode == http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "" {
		return -1
	}
	return time.Second << n
}

// cache says what is written, and what could not be: a certificate that is not kept would be ordered anew at each start,
// until the authority refuses.
type cache struct {
	autocert.DirCache
	logger *slog.Logger
}

func (c cache) Put(ctx context.Context, key string, data []byte) error {
	err := c.DirCache.Put(ctx, key, data)
	switch {
	case err != nil:
		c.logger.Error("a certificate, or what belongs to it, can't be kept", "file", key, "err", err)
	case !strings.Contains(key, "+"):
		c.logger.Info("the authority has given a certificate", "host", key)
	}
	return err
}

// TLS is the configuration of the listener.
func (k *Keeper) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1", acme.ALPNProto}, GetCertificate: k.certificate}
}

// certificate finds the certificate for a client; one that names no host is shown that of the first.
func (k *Keeper) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if name == "" {
		name = strings.ToLower(k.Config.Hosts[0])
	}
	k.mu.Lock()
	h := k.hosts[name]
	if h == nil {
		k.mu.Unlock()
		return nil, errors.New("this host is not under listen.public_acme")
	}
	manager, ready := h.manager, h.ready
	k.mu.Unlock()
	switch {
	case slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto}): // the authority
		return manager.GetCertificate(hello)
	case !ready:
		return nil, fmt.Errorf("there is no certificate of %s yet", name)
	}
	return manager.GetCertificate(usual(name))
}

// usual is what a client says that asks for a host. All take the same certificate, one with an ECDSA key, because the
// library would order a second one for clients that are too old for it.
func usual(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{ServerName: name, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}
}

// Leaf is the certificate, of all hosts, that ends first. The error says that a host has none.
func (k *Keeper) Leaf() (first *x509.Certificate, err error) {
	for _, name := range k.Config.Hosts {
		cert, err := k.certificate(&tls.ClientHelloInfo{ServerName: name})
		if err != nil {
			return nil, err
		}
		if first == nil || cert.Leaf.NotAfter.Before(first.NotAfter) {
			first = cert.Leaf
		}
	}
	return first, nil
}

// Trouble says what is wrong with the certificates; nil if nothing is.
func (k *Keeper) Trouble() error {
	var all []error
	for _, name := range k.Config.Hosts {
		k.mu.Lock()
		h := *k.hosts[strings.ToLower(name)]
		k.mu.Unlock()
		if !h.ready {
			if h.trouble != nil {
				all = append(all, fmt.Errorf("there is no certificate of %s: %w", name, h.trouble))
			}
			continue
		}
		cert, err := h.manager.GetCertificate(usual(strings.ToLower(name)))
		if err != nil {
			all = append(all, fmt.Errorf("the certificate of %s: %w", name, err))
		} else if ends, lasts := cert.Leaf.NotAfter, cert.Leaf.NotAfter.Sub(cert.Leaf.NotBefore); time.Until(ends) < lasts/6 {
			all = append(all, fmt.Errorf("the certificate of %s ends %s and was not renewed, which is tried every hour", name, ends.UTC().Format(time.DateTime)))
		}
	}
	return errors.Join(all...)
}
