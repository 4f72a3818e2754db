package pipeline

import (
	"net/url"
	"testing"
)

func TestLocalPath(t *testing.T) {
	for local, want := range map[string]string{
		"123":                  "123",
		"10.1234/56":           "10.1234/56",
		"http://x.org/a?b=c#d": "http:/%252Fx.org/a%3Fb=c%2523d",
		"a//b":                 "a/%252Fb",
		"a/":                   "a%252F",
		"/a":                   "%252Fa",
		"..":                   "%252E%252E",
		"a/../b":               "a/..%252Fb",
		"a//":                  "a/%252F",
		"//":                   "%252F%252F",
		"a/.":                  "a%252F.",
		"a b%2F":               "a%2520b%25252F",
	} {
		id, err := Mint("a.example", "s", local)
		if err != nil {
			t.Fatal(err)
		}
		minted := id[len("oai:a.example:s/"):]
		got := LocalPath(minted)
		if got != want {
			t.Errorf("%q: path %q, want %q", local, got, want)
		}
		if plain, err := url.PathUnescape(got); err != nil || LocalOf(plain) != minted {
			t.Errorf("%q: the path %q leads to %q (%v)", local, got, LocalOf(plain), err)
		}
	}
}

// The path of a record leads back to its identifier; what no gateway mints has none.
func TestRecordPath(t *testing.T) {
	id, err := Mint("a.example", "s-1", "a//b c")
	if err != nil {
		t.Fatal(err)
	}
	if got := RecordPath(id); got != "s-1/a/%252Fb%2520c" {
		t.Errorf("%s has the path %q", id, got)
	}
	for _, id := range []string{"", "x", "oai:", "oai:a.example", "oai:a.example:s", "oai:a.example:s/", "oai:a.example:/1", "urn:a.example:s/1"} {
		if got := RecordPath(id); got != "" {
			t.Errorf("%q has the path %q", id, got)
		}
	}
}
