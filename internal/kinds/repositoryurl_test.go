package kinds

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// What is in a source's URL beside its place may be a secret, and is told to nobody.
func TestRepositoryURL(t *testing.T) {
	for _, test := range []struct{ kind, from, want string }{
		{"oai", "https://repository.example.edu/server/oai/request", "https://repository.example.edu/server/oai/request"},
		{"oai", "https://user:secret@repository.example.edu/oai?key=secret#secret", "https://repository.example.edu/oai"},
		{"oai", "http://repository.example.edu:8080/a%2Fb", "http://repository.example.edu:8080/a%2Fb"},
		{"listing", "https://site.example.org/", ""},
	} {
		k, err := Of(test.kind)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if k.BaseURL != nil {
			got = k.BaseURL(&config.Source{Kind: test.kind, From: []string{test.from}})
		}
		if got != test.want {
			t.Errorf("%s %s gives %q, want %q", test.kind, test.from, got, test.want)
		}
	}
}
