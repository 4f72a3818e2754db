package app_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/internal/web/axetest"
)

// withProvider is a gateway whose operators sign in at a provider, which begin starts. The provider is at another site than
// the gateway, as it is in life: localhost, and not 127.0.0.1.
func withProvider(t *testing.T) (g *running, begin func()) {
	t.Helper()
	need(t, []string{"node"}, "oidcprovider/node_modules") // npm ci in internal/app/oidcprovider
	dir := t.TempDir()
	const secret = "a secret of thirty-two characters"
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freeport.Port(t)
	issuer := fmt.Sprintf("http://localhost:%d", port)
	text := fmt.Sprintf(`gateway: {name: Test}
events: {kind: none}
listen:
  public: '127.0.0.1:0'
  ops: '127.0.0.1:0'
  ops_oidc: {issuer: %q, client_id: sheaf, client_secret_file: secret, scopes: [profile, groups], roles: {staff: read, librarians: act, admins: admin}}
`, issuer)
	cfg, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	g = start(t, cfg, app.Options{})
	return g, func() {
		cmd := exec.Command("node", "provider.mjs", strconv.Itoa(port), g.Addresses().Ops+"sign-in/oidc/callback", secret)
		cmd.Dir = "oidcprovider"
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
		waitFor(t, "the provider", func() bool {
			resp, err := http.Get(issuer + "/.well-known/openid-configuration")
			return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
		})
	}
}

var formAction = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)

// agree begins a sign-in, fills in the forms of the provider, and gives the address with which the provider sends the
// browser back.
func (v *visitor) agree(name string) (callback string) {
	v.t.Helper()
	v.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/sign-in/oidc/callback" {
			callback = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}
	defer func() { v.http.CheckRedirect = nil }()
	status, body := v.see("/sign-in/oidc?back=%2Fsources")
	for _, form := range []url.Values{{"prompt": {"login"}, "login": {name}, "password": {"any"}}, {"prompt": {"consent"}}} {
		found := formAction.FindStringSubmatch(body)
		if callback != "" || status != http.StatusOK || found == nil {
			v.t.Fatalf("the provider shows no form: %d\n%s", status, body)
		}
		r, err := http.NewRequest(http.MethodPost, html.UnescapeString(found[1]), strings.NewReader(form.Encode()))
		if err != nil {
			v.t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		status, body = v.do(r)
	}
	if callback == "" {
		v.t.Fatalf("the provider does not send %s back: %d\n%s", name, status, body)
	}
	return callback
}

// People sign in at a provider, which need not be there when the gateway starts. What one browser began serves no other
// one, and serves it once.
func TestSignInAtAProvider(t *testing.T) {
	g, begin := withProvider(t)
	v := visit(t, g.Addresses().Ops)
	status, body := v.see("/sources")
	says(t, "a stranger", status, body, http.StatusUnauthorized, `href="/sign-in/oidc?back=%2Fsources"`)
	status, body = v.see("/sign-in/oidc?back=%2Fsources")
	says(t, "while the provider is away", status, body, http.StatusServiceUnavailable, "can&#39;t be asked now who you are")
	status, body = v.see("/sign-in/oidc/callback?code=x&state=y")
	says(t, "nobody has begun", status, body, http.StatusBadRequest, "not begun in this browser")
	begin()
	waitFor(t, "the gateway to ask the provider again", func() bool {
		resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(v.base + "/sign-in/oidc")
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusSeeOther
	})

	callback := v.agree("anna")
	other := visit(t, v.base)
	status, body = other.see(callback)
	says(t, "another browser with her code", status, body, http.StatusBadRequest, "not begun in this browser")
	other.agree("otto")
	status, body = other.see(callback)
	says(t, "another sign-in with her code", status, body, http.StatusBadRequest, "not begun in this browser")
	status, body = v.see(callback)
	says(t, "anna", status, body, http.StatusOK, "signed in as anna@library (act)")
	status, body = v.see(callback)
	says(t, "anna again", status, body, http.StatusBadRequest, "not begun in this browser")
	status, body = v.see("/sources")
	says(t, "the session", status, body, http.StatusOK, "anna@library (act)")
	status, body = v.send("/do/backup", nil)
	says(t, "what an admin may do", status, body, http.StatusForbidden, "admin")
	status, body = v.send("/sign-out", nil)
	says(t, "sign out", status, body, http.StatusOK, "/session/end")
	status, body = v.see("/sources")
	says(t, "when she has signed out", status, body, http.StatusUnauthorized, "Sign in at http://localhost:")

	noted(t, g, "anna@library sign-in", "as act, anna at http://localhost:", "anna@library sign-out", "", " sign-in refused", "at http://localhost:")
}

// What somebody may do is what the claims say; whoever has no role is not let in, and told why.
func TestRolesOfAProvider(t *testing.T) {
	g, begin := withProvider(t)
	begin()
	for name, c := range map[string]struct {
		status int
		says   string
	}{
		"alma": {http.StatusOK, "signed in as alma@library (admin)"},
		"otto": {http.StatusForbidden, "knows you as otto@library, but you may see nothing here"},
		"nora": {http.StatusForbidden, "your claim groups has none of the values"},
	} {
		v := visit(t, g.Addresses().Ops)
		status, body := v.see(v.agree(name))
		says(t, name, status, body, c.status, c.says)
		if status, _ := v.see("/sources"); (status == http.StatusOK) != (c.status == http.StatusOK) {
			t.Errorf("%s then sees %d", name, status)
		}
	}
	noted(t, g, "alma@library sign-in", "as admin, alma at", "otto@library sign-in refused", "without a role, otto at", "nora@library sign-in refused", "without a role, nora at")
}

// noted says whether the audit log has such entries: who and what, and what more begins with.
func noted(t *testing.T, g *running, want ...string) {
	t.Helper()
	entries, err := app.AuditLog(g.Config).Last(100)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(want); i += 2 {
		found := false
		for _, e := range entries {
			found = found || e.Who+" "+e.What == want[i] && strings.HasPrefix(e.More, want[i+1])
		}
		if !found {
			t.Errorf("%q, %q is not in %+v", want[i], want[i+1], entries)
		}
	}
}

// A browser comes back from another site with its session, although the cookie is kept from other sites, and lands on the
// page that it wanted.
func TestSignInAtAProviderInABrowser(t *testing.T) {
	ctx := axetest.Browser(t)
	g, begin := withProvider(t)
	begin()
	axetest.Do(t, ctx, chromedp.Navigate(g.Addresses().Ops+"sources"))
	axetest.All(t, ctx, "sign in with a provider")
	axetest.Leads(t, ctx, chromedp.Click(chromedp.CSS(`a[href^="/sign-in/oidc"]`)))
	axetest.Do(t, ctx, chromedp.SendKeys(chromedp.CSS(`[name=login]`), "alma"))
	axetest.Do(t, ctx, chromedp.SendKeys(chromedp.CSS(`[name=password]`), "any"))
	axetest.Leads(t, ctx, chromedp.Click(chromedp.CSS(`[type=submit]`)))
	axetest.Do(t, ctx, chromedp.Click(chromedp.CSS(`[type=submit]`)))
	axetest.Until(t, ctx, `location.pathname === "/sources" && document.body.textContent.includes("alma@library (admin)")`)
}
