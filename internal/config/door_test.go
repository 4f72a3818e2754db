package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A broker that others can reach is refused unless they need a password and the line is encrypted, or a
// person says that it is meant so.
func TestBrokerBeyondThisMachine(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"users": "# services\ncatalogue:secret:with colons\n\n", "nobody": "# nobody yet\n", "garbled": "catalogue:secret\njust words\n", "not.pem": "no certificate",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const strangers = "can be reached from other machines; set events.users_file and events.tls, or events.open: true"
	for events, want := range map[string]string{
		"listen: ':4222'":                                        strangers,
		"listen: '0.0.0.0:4222'":                                 strangers,
		"listen: '[::]:4222'":                                    strangers,
		"listen: '192.0.2.1:4222'":                               strangers,
		"listen: 'gateway.example.org:4222'":                     strangers,
		"listen: ':4222', open: false":                           strangers,
		"listen: ':4222', users_file: users":                     strangers,
		"listen: ':4222', open: true":                            "",
		"listen: '127.0.0.1:4222'":                               "",
		"listen: '[::1]:4222'":                                   "",
		"listen: 'localhost:4222'":                               "",
		"users_file: users":                                      "",
		"users_file: nobody":                                     "names nobody; write a line name:password for each reader",
		"users_file: garbled":                                    "line 2 is not name:password",
		"tls: {cert_file: not.pem}":                              "needs cert_file and key_file",
		"tls: {cert_file: not.pem, key_file: not.pem}":           "holds no certificate with its key",
		"kind: nats, urls: ['tls://n1:4222'], open: true":        "is not used by kind: nats",
		"kind: nats, urls: ['tls://n1:4222'], tls: {}":           "is not used by kind: nats",
		"kind: nats, urls: ['tls://n1:4222'], users_file: users": "is not used by kind: nats",
	} {
		_, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte("events: {"+events+"}\n"), config.Options{})
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", events, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want …%s…", events, err, want)
		}
	}
	users, err := config.ReadUsers(filepath.Join(dir, "users"))
	if err != nil || len(users) != 1 || users[0] != (config.User{Name: "catalogue", Password: "secret:with colons"}) {
		t.Errorf("the users are %v, %v", users, err)
	}
}
