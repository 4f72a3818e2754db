package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// webhookTo is the configuration of a webhook to a receiver on this machine, from the beginning.
func webhookTo(t *testing.T, name, url string) string {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("  %s: {url: '%s', secret_file: '%s', from: beginning, allow_private: 127.0.0.0/8}\n", name, url, secret)
}
