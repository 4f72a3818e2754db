package events

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// Guests are those who may read the streams of the embedded broker.
type Guests struct {
	// UsersFile is the file that names them, as [config.ReadUsers] reads it. It is read again for each guest who comes.
	// Without it everyone who can connect is a reader.
	UsersFile string
	// Readers are those who read by a key, by their names. If there are any, or a UsersFile, nobody else may.
	Readers map[string]Reader
	// TLS is the certificate to show. Nil: connections are not encrypted.
	TLS *config.KeyPair
}

// A Reader is somebody who reads by a key, and has a durable consumer of its own name.
type Reader struct {
	// NKey is the public half of the reader's key.
	NKey string
	// Sources are those whose events the reader may have; all if there are none.
	Sources []string
}

// keyHolder returns the name of the reader who has signed the nonce of this connection; empty if nobody known has.
func (g *Guests) keyHolder(key, signature string, nonce []byte) string {
	for name, r := range g.Readers {
		if r.NKey != key {
			continue
		}
		public, err := nkeys.FromPublicKey(key)
		if err != nil {
			return ""
		}
		sig, err := base64.RawURLEncoding.DecodeString(signature)
		if err != nil {
			sig, err = base64.StdEncoding.DecodeString(signature)
		}
		if err != nil || len(nonce) == 0 || public.Verify(nonce, sig) != nil {
			return ""
		}
		return name
	}
	return ""
}

// know reports whether a reader may come in. If the file of users can't be read, nobody may.
func (g *Guests) know(name, password string) bool {
	if g.UsersFile == "" {
		return len(g.Readers) == 0
	}
	users, err := config.ReadUsers(g.UsersFile)
	if err != nil {
		return false
	}
	// The hashes are compared, so that the time which that takes does not tell the length of a password.
	given, known := sha256.Sum256([]byte(password)), false
	for _, u := range users {
		want := sha256.Sum256([]byte(u.Password))
		if u.Name == name && subtle.ConstantTimeCompare(given[:], want[:]) == 1 {
			known = true
		}
	}
	return known
}

// names are those of all readers, as far as a consumer can have such a name.
func (g *Guests) names() []string {
	names := slices.Collect(maps.Keys(g.Readers))
	if g.UsersFile != "" {
		users, _ := config.ReadUsers(g.UsersFile) // if it can't be read, nobody of it comes in
		for _, u := range users {
			if !strings.ContainsFunc(u.Name, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`.*>/\`, r) }) {
				names = append(names, u.Name)
			}
		}
	}
	return names
}

// secure makes clients speak TLS.
func (g *Guests) secure(o *server.Options) error {
	if g.TLS != nil {
		if err := g.TLS.Check(); err != nil {
			return fmt.Errorf("the certificate %w", err)
		}
		r := &reloader{pair: *g.TLS}
		o.TLS, o.TLSTimeout = true, 2
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: r.certificate}
		if o.Websocket.Port != 0 {
			o.Websocket.TLSConfig = o.TLSConfig
		}
	}
	return nil
}

// A reloader reads a certificate again when its file has changed, so that a renewal needs no restart.
type reloader struct {
	pair config.KeyPair

	mu      sync.Mutex
	changed time.Time
	cert    *tls.Certificate
}

func (r *reloader) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(string(r.pair.Cert))
	if err == nil && r.cert != nil && info.ModTime().Equal(r.changed) {
		return r.cert, nil
	}
	cert, loadErr := tls.LoadX509KeyPair(string(r.pair.Cert), string(r.pair.Key))
	switch {
	case err == nil && loadErr == nil:
		r.cert, r.changed = &cert, info.ModTime()
	case r.cert == nil:
		return nil, loadErr
	}
	// While a renewal is only half written, the previous certificate is used.
	return r.cert, nil
}
