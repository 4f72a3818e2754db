package config_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// What differs between two configurations is told by its keys: of a source that is there in both by each of them.
func TestChanged(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "token"), "a token of sixteen bytes")
	parse := func(text string) *config.Config {
		c, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), options)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const before = `
gateway: {namespace: a.example, zone: Europe/Paris}
listen: {ops_token_file: token}
limits: {requests: 5}
defaults: {every: 1d}
sources:
  stays: {kind: listing, select: {row: .r}, from: 'https://a.example/p'}
  letters: {kind: listing, select: {row: .r}, from: 'https://b.example/p', context: {language: sqi}}
  gone: {kind: listing, select: {row: .r}, from: 'https://c.example/p'}
`
	const now = `
gateway: {namespace: a.example, zone: Europe/Tirane}
listen: {ops_token_file: token, ops_allow: 10.0.0.0/8}
limits: {requests: 6, allow: []}
defaults: {every: 1d}
sources:
  stays: {kind: listing, select: {row: .r}, from: 'https://a.example/p'}
  letters: {kind: listing, select: {row: .s}, from: 'https://b.example/p', every: 2d, context: {language: eng, publisher: A}}
  new: {kind: listing, select: {row: .r}, from: 'https://c.example/p'}
`
	was := parse(before)
	if keys := config.Changed(was, parse(before)); len(keys) > 0 {
		t.Errorf("of the same text %q differ", keys)
	}
	write(t, filepath.Join(dir, "token"), "another one of sixteen bytes")
	want := []string{"gateway.zone", "listen.ops_token_file", "listen.ops_allow", "limits.requests", "limits.allow", "sources.gone",
		"sources.letters.every", "sources.letters.context.language", "sources.letters.context.publisher", "sources.letters.select.row", "sources.new"}
	if diff := cmp.Diff(want, config.Changed(was, parse(now))); diff != "" {
		t.Error(diff)
	}
}
