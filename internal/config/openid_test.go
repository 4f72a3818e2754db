package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A provider that would let nobody in, or anybody, is refused with the configuration.
func TestOpenID(t *testing.T) {
	for name, c := range map[string]struct{ section, want string }{
		"good":             {"{issuer: 'https://login.example.org/realms/a', client_id: sheaf, roles: {staff: act}}", ""},
		"on this machine":  {"{issuer: 'http://localhost:3000', client_id: sheaf, roles: {staff: act}}", ""},
		"no client":        {"{issuer: 'https://login.example.org', roles: {staff: act}}", "ops_oidc: needs issuer: and client_id:"},
		"no roles":         {"{issuer: 'https://login.example.org', client_id: sheaf}", "ops_oidc.roles: is needed"},
		"no such role":     {"{issuer: 'https://login.example.org', client_id: sheaf, roles: {staff: root}}", `ops_oidc.roles.staff: "root" is not one of read, act, admin`},
		"not encrypted":    {"{issuer: 'http://login.example.org', client_id: sheaf, roles: {staff: act}}", "is not HTTPS"},
		"not encrypted, 2": {"{issuer: 'HTTP://127.0.0.1.example.org', client_id: sheaf, roles: {staff: act}}", "is not HTTPS"},
	} {
		cfg, err := config.Parse(filepath.Join(t.TempDir(), "sheaf.yaml"), []byte("listen: {ops_oidc: "+c.section+"}\n"), options)
		if got := fmt.Sprint(err); (err == nil) != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		} else if err == nil && (!cfg.Listen.OpsClosed() || cfg.Listen.OIDC.RoleClaim != "groups" || len(cfg.Listen.OIDC.Scopes) != 1) {
			t.Errorf("%s: %+v", name, cfg.Listen.OIDC)
		}
	}
}
