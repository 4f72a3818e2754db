package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// leading is a server that leads to another one, by another name of this machine.
func leading(t *testing.T, to string) string {
	t.Helper()
	to = strings.Replace(to, "127.0.0.1", "localhost", 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, to+"?"+r.URL.RawQuery, http.StatusFound)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

const insideSources = `gateway: {namespace: gateway.example.org, contact: a@example.org}
sources:
  repository:
    kind: oai
    from: OAI
    http: {HTTP}
  pages:
    kind: listing
    from: PAGE
    select: {row: li, title: b}
    http: {HTTP}
`

// Nothing that the gateway asks for is taken from an address inside that nobody wrote down.
func TestNothingComesFromInside(t *testing.T) {
	repository, page := leading(t, provider(t)), leading(t, serving(t, "text/html", `<ul><li><b>Secret</b><li><b>Secret too</b></ul>`))
	configured := func(http string) string {
		return strings.NewReplacer("OAI", repository, "PAGE", page, "HTTP", http).Replace(insideSources)
	}
	folder(t, map[string]string{"sheaf.yaml": configured("pause: 0s"), "allowed.yaml": configured(`private_networks: [127.0.0.0/8, "::1"]`)})
	for _, args := range [][]string{
		{"harvest", "repository"}, {"harvest", "pages"}, {"harvest", "repository", "--dry-run"}, {"harvest", "pages", "--dry-run"},
		{"probe", repository}, {"probe", page}, {"validate", "--pause", "0s", repository},
	} {
		t.Run(strings.Join(args[:len(args)-1], " "), func(t *testing.T) {
			r := sheaf(t, args...)
			if r.code != exitFailed || !strings.Contains(r.stdout+r.stderr, "not a public address") || strings.Contains(r.stdout, "Thesis") || strings.Contains(r.stdout, "Secret") {
				t.Errorf("sheaf %v: %+v", args, r)
			}
		})
	}
	if r := want(t, exitDone, "export"); r.stdout != "" {
		t.Errorf("records came from inside: %s", r.stdout)
	}
	holds(t, "harvest", want(t, exitDone, "harvest", "repository", "--config", "allowed.yaml").stdout, "3 new")
	here := []string{"--private-network", "127.0.0.0/8", "--private-network", "::1/128"}
	// That the answers come by a redirect is a finding.
	checked := want(t, exitLook, append([]string{"validate", "--pause", "0s", repository}, here...)...)
	holds(t, "validate", checked.stdout, "passed  identifiers-agree")
	folder(t, nil)
	r := want(t, exitDone, append([]string{"probe", repository}, here...)...)
	holds(t, "the proposal", r.stdout, "private_networks:", "127.0.0.0/8")
	works(t, r.stdout, 3)
}
