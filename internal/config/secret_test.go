package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

const secretive = `
gateway: {namespace: a.example}
sources:
  x: {kind: listing, from: a.txt, http: {token_file: token}}
`

func TestSecretIsNotShown(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "token"), "  tell-nobody\n\n")
	c, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(secretive), options)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Sources["x"]
	equal(t, "value", s.HTTP.Token.Value(), "tell-nobody")

	var shown bytes.Buffer
	fmt.Fprintf(&shown, "%v %+v %#v %s %q %x %d\n", s.HTTP, s.HTTP, s.HTTP, s.HTTP.Token, s.HTTP.Token, s.HTTP.Token, s.HTTP.Token)
	fmt.Fprintln(&shown, *s, s.HTTP.Token)
	slog.New(slog.NewTextHandler(&shown, nil)).Info("read", "http", s.HTTP, "token", s.HTTP.Token)
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("read", "http", s.HTTP, "token", s.HTTP.Token)
	if err := json.NewEncoder(&shown).Encode(s); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(shown.String(), "tell-nobody") || strings.Contains(shown.String(), fmt.Sprintf("%x", "tell-nobody")) {
		t.Errorf("the secret shows:\n%s", &shown)
	}
	if !strings.Contains(shown.String(), filepath.Join(dir, "token")) {
		t.Errorf("the file of the secret does not show:\n%s", &shown)
	}
}

func TestSecretThatOthersCanRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	write(t, path, "x")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(secretive), options)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].String(), "warning: sources.x.http.token_file") ||
		!strings.Contains(c.Warnings[0].Message, "chmod 600 "+path) {
		t.Errorf("warnings: %v", c.Warnings)
	}
}
