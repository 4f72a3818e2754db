package config

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
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
	guarded := (e.Users.File != "" || len(e.Readers) > 0) && e.TLS != nil
	if e.Kind != "embedded" || e.Open || guarded {
		return nil
	}
	for _, address := range []string{e.Listen, e.WebSocket} {
		if address != "" && !Local(address) {
			return fmt.Errorf("%s can be reached from other machines; set events.users_file and events.tls, or events.open: true if everyone there may read the events", address)
		}
	}
	return nil
}

var (
	readerName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
	publicNKey = regexp.MustCompile(`^U[A-Z2-7]{55}$`)
)

// problem says what keeps a reader of this name from reading; empty if nothing does.
func (r *Reader) problem(name string) string {
	switch {
	case !readerName.MatchString(name):
		return "is the name of a consumer too: letters, digits, - and _, at most 32"
	case r == nil || r.NKey == "":
		return "needs nkey: the public half of the reader's NKey, which begins with U"
	case !publicNKey.MatchString(r.NKey):
		return "has an nkey that is not the public half of a user's NKey: U and 55 more capital letters and digits; never put a seed (SU…) here"
	}
	return ""
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
