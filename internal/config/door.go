package config

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

// Local reports whether an address to listen on can be reached only from this machine.
func Local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// Guarded says why the embedded broker may not listen where it should; nil if it may. The address can come from a flag, so
// the gateway asks this again when it starts.
func (e *Events) Guarded() error {
	if e.Kind != "embedded" || e.Open || Local(e.Listen) || e.Users.File != "" && e.TLS != nil {
		return nil
	}
	return fmt.Errorf("%s can be reached from other machines; set events.users_file and events.tls, or events.open: true if everyone there may read the events", e.Listen)
}

// Check says what is wrong with the files.
func (k *KeyPair) Check() error {
	if k.Cert == "" || k.Key == "" {
		return errors.New("needs cert_file and key_file")
	}
	if _, err := tls.LoadX509KeyPair(string(k.Cert), string(k.Key)); err != nil {
		return fmt.Errorf("holds no certificate with its key: %w", err)
	}
	return nil
}

// A User is somebody who may read events.
type User struct{ Name, Password string }

// ReadUsers reads a file with a line name:password for each user. Lines that are empty, or begin with
// "#", are left out.
func ReadUsers(path string) ([]User, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var users []User
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, password, ok := strings.Cut(line, ":")
		if !ok || name == "" || password == "" {
			return nil, fmt.Errorf("line %d is not name:password", n)
		}
		users = append(users, User{name, password})
	}
	if lines.Err() == nil && len(users) == 0 {
		return nil, errors.New("names nobody; write a line name:password for each reader")
	}
	return users, lines.Err()
}
