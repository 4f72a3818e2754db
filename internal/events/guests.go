package events

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Guests are those who may read the streams of the embedded broker.
type Guests struct {
	// UsersFile is a file with a line "name:password" for each reader; it is read again for each one
	// that comes. Empty: everyone who can connect is a reader.
	UsersFile string
	// TLS is the certificate to show. Nil: connections are not encrypted.
	TLS *KeyPair
}

// A KeyPair names the files of a certificate and its key, in PEM. They are read again when they change.
type KeyPair struct{ CertFile, KeyFile string }

// Check says what is wrong with the files.
func (g *Guests) Check() error {
	if g.UsersFile != "" {
		users, err := readUsers(g.UsersFile)
		if err != nil {
			return fmt.Errorf("read the users of events: %w", err)
		}
		if len(users) == 0 {
			return fmt.Errorf("%s names nobody: write a line name:password for each reader", g.UsersFile)
		}
	}
	if g.TLS != nil {
		if _, err := tls.LoadX509KeyPair(g.TLS.CertFile, g.TLS.KeyFile); err != nil {
			return fmt.Errorf("read the certificate of the event broker: %w", err)
		}
	}
	return nil
}

// know says whether a reader may come in. If the users can't be read, nobody may.
func (g *Guests) know(name, password string) bool {
	if g.UsersFile == "" {
		return true
	}
	users, err := readUsers(g.UsersFile)
	if err != nil {
		return false
	}
	want, known := users[name]
	// Hashed, so that the comparison takes as long whatever the passwords' lengths.
	a, b := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && known
}

// readUsers gives the passwords by name. Empty lines and those that begin with # are left out.
func readUsers(path string) (map[string]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	users := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, password, ok := strings.Cut(line, ":")
		if !ok || name == "" || password == "" {
			return nil, fmt.Errorf("%s: line %d is not name:password", path, n)
		}
		users[name] = password
	}
	return users, lines.Err()
}

// secure makes clients speak TLS.
func (g *Guests) secure(o *server.Options) error {
	if err := g.Check(); err != nil {
		return err
	}
	if g.TLS != nil {
		r := &reloader{pair: *g.TLS}
		o.TLS, o.TLSTimeout = true, 2
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: r.certificate}
	}
	return nil
}

// A reloader reads a certificate again when its file has changed, so that a renewal needs no restart.
type reloader struct {
	pair KeyPair

	mu      sync.Mutex
	changed time.Time
	cert    *tls.Certificate
}

func (r *reloader) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(r.pair.CertFile)
	if err == nil && r.cert != nil && info.ModTime().Equal(r.changed) {
		return r.cert, nil
	}
	cert, loadErr := tls.LoadX509KeyPair(r.pair.CertFile, r.pair.KeyFile)
	switch {
	case err == nil && loadErr == nil:
		r.cert, r.changed = &cert, info.ModTime()
	case r.cert == nil:
		return nil, loadErr
	}
	// The one before stays good while a renewal is half written.
	return r.cert, nil
}
