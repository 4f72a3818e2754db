package config_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// What is shown of a configuration has what was written and the defaults, and no secret.
func TestInForce(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "token"), "tell-nobody")
	text := `
gateway: {namespace: a.example, zone: Europe/Paris}
events: {kind: nats, urls: ['nats://n1.example:4222']}
sources:
  x: {kind: listing, select: {row: .r}, from: 'https://a.example/p?key=tell-nobody', every: 90m, context: {language: [sqi, eng]}, http: {token_file: token, headers: {X-Key: tell-nobody}}}
`
	c, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), options)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, l := range c.InForce() {
		got[l.Key] = append(got[l.Key], l.Value)
	}
	for key, want := range map[string]string{
		"gateway.namespace": "[a.example]", "gateway.zone": "[Europe/Paris]", "events.urls": "[nats://n1.example:4222]",
		"sources.x.from": "[https://a.example/p]", "sources.x.every": "[90m]", "sources.x.context.language": "[sqi eng]",
		"sources.x.http.headers.X-Key": "[(hidden)]", "sources.x.http.token_file": "[(in " + filepath.Join(dir, "token") + ")]",
		"listen.public": "[127.0.0.1:8080]", "log.level": "[info]",
	} {
		if text := fmt.Sprint(got[key]); text != want {
			t.Errorf("%s: %s, want %s", key, text, want)
		}
	}
}
