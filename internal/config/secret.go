package config

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
)

// maxSecret bounds a file that holds a secret, in bytes.
const maxSecret = 64 << 10

// A Secret is the content of a file, without white space around it. Printing or logging it shows the
// file's name only.
type Secret struct {
	File  string // absolute path; empty if not configured
	value string
}

// Value is the secret itself.
func (s Secret) Value() string { return s.value }

// Equal tells whether both are the same file with the same content.
func (s Secret) Equal(o Secret) bool { return s == o }

// Format shows the name of the file, whatever the verb, so that no print of a whole configuration
// gives the secret away.
func (s Secret) Format(f fmt.State, _ rune) {
	if s.File != "" {
		fmt.Fprintf(f, "(in %s)", s.File)
	}
}

// LogValue is for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(s)) }

// MarshalText is for encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(s)), nil }

// readSecret reads a secret; warning is about who else can read it.
func readSecret(path string) (s Secret, warning string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return s, "", cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, "", cause(err)
	}
	if info.IsDir() {
		return s, "", fmt.Errorf("is a folder")
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch {
	case err != nil:
		return s, "", cause(err)
	case len(b) > maxSecret:
		return s, "", fmt.Errorf("is larger than %v", Size(maxSecret))
	}
	s = Secret{File: path, value: strings.TrimSpace(string(b))}
	if s.value == "" {
		return s, "", fmt.Errorf("is empty")
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o004 != 0 && !mounted(path) {
		warning = "can be read by everyone on this machine; chmod 600 " + path
	}
	return s, warning, nil
}

// mounted tells whether the path is where container engines put secrets: readable by everyone, in a
// place that nobody else sees.
func mounted(path string) bool {
	return strings.HasPrefix(path, "/run/secrets/") || strings.HasPrefix(path, "/var/run/secrets/")
}
