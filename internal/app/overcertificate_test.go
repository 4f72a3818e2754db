package app_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A certificate that is over is told in the log, to commands, by readiness and on the overview, whichever listener shows it;
// the gateway goes on, and all is well when there is another.
func TestCertificateThatIsOver(t *testing.T) {
	for listener, section := range map[string]string{
		"listen.public_tls": "listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0', public_tls: %s}\nevents: {kind: none}\n",
		"listen.ops_tls":    "listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0', ops_tls: %s}\nevents: {kind: none}\n",
		"events.tls":        "listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {listen: '127.0.0.1:0', tls: %s}\n",
	} {
		t.Run(listener, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
			certificateUntil(t, cert, key, time.Now().Add(-time.Minute))
			text := "gateway: {name: Test, namespace: test.example.org}\n" + fmt.Sprintf(section, fmt.Sprintf("{cert_file: %q, key_file: %q}", cert, key))
			cfg, err := config.Parse(filepath.Join(t.TempDir(), "sheaf.yaml"), []byte(text), app.ConfigOptions())
			if err != nil {
				t.Fatal(err)
			}
			var logged lockedBuffer
			g := start(t, cfg, app.Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))})
			over := listener + ": " + cert + " is over since "
			waitFor(t, "a line in the log", func() bool { return strings.Contains(logged.String(), "what=certificates err=\""+over) })
			info, err := g.Info(t.Context())
			if err != nil || !strings.HasPrefix(info.Certificates, over) {
				t.Errorf("commands are told %q, %v", info.Certificates, err)
			}

			v := visit(t, g.Addresses().Ops)
			v.http = *certificate(t, cert, key)
			status, body := v.see("/readyz")
			says(t, "readiness when it is renewed", status, body, http.StatusOK, "certificates: ok")
			waitFor(t, "a line that it is well", func() bool { return strings.Contains(logged.String(), "is well again\" what=certificates") })

			if listener == "listen.ops_tls" {
				return // what it says is not asked for without a certificate
			}
			if err := os.Remove(key); err != nil {
				t.Fatal(err)
			}
			status, body = v.see("/readyz")
			says(t, "readiness without a key", status, body, http.StatusOK, "certificates: "+listener+" can't be used")
			status, body = v.see("/")
			says(t, "the overview without a key", status, body, http.StatusOK, listener+" can&#39;t be used")
		})
	}
}
