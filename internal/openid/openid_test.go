package openid_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/openid"
)

// A provider is one that can be made to lie. A real one signs people in in the tests of internal/app.
type provider struct {
	*httptest.Server
	t      *testing.T
	key    *rsa.PrivateKey
	claims map[string]any // of the ID token
	info   map[string]any // what the userinfo endpoint says
	// sign makes the token of the claims; the honest way if nil.
	sign func(claims string) string
	// answer answers at the token endpoint; the honest way if nil.
	answer http.HandlerFunc

	codes      map[string]url.Values // what was asked for with each code that is good
	discovered int
}

// keyOf is the key of somebody, the same one in all tests: making one takes a second on a busy machine.
func keyOf(somebody string) *rsa.PrivateKey {
	if keys[somebody] == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[somebody] = key
	}
	return keys[somebody]
}

var keys = map[string]*rsa.PrivateKey{}

const callback = "http://127.0.0.1:8081/sign-in/oidc/callback"

func newProvider(t *testing.T) *provider {
	t.Helper()
	key := keyOf("the provider")
	p := &provider{t: t, key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.discovered++
		p.say(w, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/jwks",
			"userinfo_endpoint": p.URL + "/me", "end_session_endpoint": p.URL + "/out", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}})
	})
	mux.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) {
		p.say(w, map[string]any{"keys": []any{map[string]string{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("/me", func(w http.ResponseWriter, _ *http.Request) { p.say(w, p.info) })
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		if p.answer != nil {
			p.answer(w, r)
			return
		}
		p.redeem(w, r)
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	p.claims = map[string]any{"iss": p.URL, "aud": "sheaf", "sub": "248289761001", "preferred_username": "anna", "groups": []string{"staff", "librarians"},
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	p.info = map[string]any{"sub": "248289761001"}
	return p
}

func (p *provider) say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// redeem gives a token for a code, once, to whoever can show what the code was asked for with.
func (p *provider) redeem(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	asked := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	verifier := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if id != "sheaf" || secret != "hush" || asked == nil || asked.Get("code_challenge") != encode(verifier[:]) || asked.Get("redirect_uri") != r.FormValue("redirect_uri") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error": "invalid_grant"}`)
		return
	}
	if _, set := p.claims["nonce"]; !set {
		p.claims["nonce"] = asked.Get("nonce")
	}
	p.say(w, map[string]any{"access_token": "open", "token_type": "Bearer", "id_token": p.token()})
}

func (p *provider) token() string {
	claims, err := json.Marshal(p.claims)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.sign != nil {
		return p.sign(string(claims))
	}
	return p.rs256(p.key, string(claims))
}

func (p *provider) rs256(key *rsa.PrivateKey, claims string) string {
	text := encode([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + encode([]byte(claims))
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return text + "." + encode(signature)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// authorize is what the provider does when a person agrees: it sends the browser back with a code.
func (p *provider) authorize(address string) url.Values {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	code := fmt.Sprint("code", len(p.codes))
	p.codes[code] = u.Query()
	return url.Values{"code": {code}, "state": {u.Query().Get("state")}}
}

// gateway is the gateway's side of a provider.
func (p *provider) gateway(bend ...func(*config.OpenID)) *openid.Provider {
	p.t.Helper()
	dir := p.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("hush\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	c, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), fmt.Appendf(nil,
		"listen: {ops_oidc: {issuer: %q, client_id: sheaf, client_secret_file: secret, roles: {librarians: act, staff: read, admins: admin}}}\n", p.URL), config.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, b := range bend {
		b(c.Listen.OIDC)
	}
	o, err := openid.New(c.Listen.OIDC)
	if err != nil {
		p.t.Fatal(err)
	}
	return o
}

// signIn goes the whole way.
func (p *provider) signIn(o *openid.Provider) (*openid.Person, error) {
	p.t.Helper()
	address, sealed, err := o.Begin(p.t.Context(), callback, "/sources")
	if err != nil {
		return nil, err
	}
	return o.End(p.t.Context(), sealed, p.authorize(address))
}

func TestSignIn(t *testing.T) {
	p := newProvider(t)
	o := p.gateway()
	for range 2 {
		who, err := p.signIn(o)
		if err != nil || *who != (openid.Person{Name: "anna", Role: config.RoleAct, Subject: "248289761001", Back: "/sources"}) {
			t.Fatalf("%+v, %v", who, err)
		}
		delete(p.claims, "nonce")
	}
	if p.discovered != 1 || o.SignOut() != p.URL+"/out" {
		t.Errorf("it was asked %d times what it is; signing out is at %q", p.discovered, o.SignOut())
	}
}

// Whoever sends something else than what the provider would send for this sign-in is not let in, and told why.
func TestSignInIsAttacked(t *testing.T) {
	const again, unproven = "Begin again", "does not prove who you are"
	for name, c := range map[string]struct {
		bend  func(p *provider)
		came  func(v url.Values) // what comes with the browser
		want  string             // what the person is told
		cause string             // what the log says
	}{
		"another state":          {came: func(v url.Values) { v.Set("state", "guessed") }, want: again},
		"no state":               {came: func(v url.Values) { v.Del("state") }, want: again},
		"another code":           {came: func(v url.Values) { v.Set("code", "guessed") }, want: "can be used once"},
		"no code":                {came: func(v url.Values) { v.Del("code") }, want: "can be used once"},
		"another issuer answers": {came: func(v url.Values) { v.Set("iss", "https://evil.example") }, want: unproven, cause: "another issuer has answered"},
		"the person says no":     {came: func(v url.Values) { v.Set("error", "access_denied") }, want: "access_denied"},
		"the provider explains": {came: func(v url.Values) {
			v.Set("error", "invalid_scope")
			v.Set("error_description", "the scope\ngroups is not allowed")
		}, want: "has not signed you in: invalid_scope.", cause: "the scope groups is not allowed"},
		"an error that is a text": {came: func(v url.Values) { v.Set("error", "Call 555 now!") }, want: "has not signed you in: an error."},
		"another issuer's token":  {bend: func(p *provider) { p.claims["iss"] = "https://evil.example" }, want: unproven, cause: "issued by a different provider"},
		"another client's token":  {bend: func(p *provider) { p.claims["aud"] = "shop" }, want: unproven, cause: "expected audience"},
		"an old token":            {bend: func(p *provider) { p.claims["exp"] = time.Now().Add(-time.Minute).Unix() }, want: unproven, cause: "expired"},
		"another sign-in's token": {bend: func(p *provider) { p.claims["nonce"] = "of another" }, want: unproven, cause: "nonce"},
		"a token without a nonce": {bend: func(p *provider) { p.claims["nonce"] = "" }, want: unproven, cause: "nonce"},
		"no subject":              {bend: func(p *provider) { delete(p.claims, "sub") }, want: unproven, cause: "no subject"},
		"alg none": {bend: func(p *provider) {
			p.sign = func(claims string) string {
				return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + "."
			}
		}, want: unproven, cause: "algorithm"},
		"signed with the public key as a secret": {bend: func(p *provider) {
			p.sign = func(claims string) string {
				text := encode([]byte(`{"alg":"HS256","kid":"1"}`)) + "." + encode([]byte(claims))
				mac := hmac.New(sha256.New, p.key.N.Bytes())
				mac.Write([]byte(text))
				return text + "." + encode(mac.Sum(nil))
			}
		}, want: unproven, cause: "algorithm"},
		"signed by a stranger": {bend: func(p *provider) { p.sign = func(claims string) string { return p.rs256(keyOf("a stranger"), claims) } }, want: unproven, cause: "signature"},
		"claims that were changed": {bend: func(p *provider) {
			p.sign = func(claims string) string {
				parts := strings.Split(p.rs256(p.key, claims), ".")
				return parts[0] + "." + encode([]byte(strings.Replace(claims, "staff", "admins", 1))) + "." + parts[2]
			}
		}, want: unproven, cause: "signature"},
		"no token":       {bend: func(p *provider) { p.sign = func(string) string { return "" } }, want: unproven, cause: "no ID token"},
		"nonsense":       {bend: func(p *provider) { p.sign = func(string) string { return "a.b.c" } }, want: unproven, cause: "malformed"},
		"no role":        {bend: func(p *provider) { p.claims["groups"] = []any{"visitors", 7, nil} }, want: "none of the values that listen.ops_oidc.roles"},
		"a claim's text": {bend: func(p *provider) { p.claims["groups"] = map[string]any{"admins": true} }, want: "none of the values that listen.ops_oidc.roles"},
		"no claim":       {bend: func(p *provider) { delete(p.claims, "groups") }, want: "none of the values that listen.ops_oidc.roles"},
		"userinfo of somebody else": {bend: func(p *provider) {
			delete(p.claims, "groups")
			p.info = map[string]any{"sub": "another", "groups": []string{"admins"}}
		}, want: unproven, cause: "somebody else"},
		"a broken provider": {bend: func(p *provider) {
			p.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
		}, want: "can't be asked now"},
		"a redirect": {bend: func(p *provider) {
			p.answer = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://evil.example/", http.StatusTemporaryRedirect)
			}
		}, want: "does not confirm"},
		"an answer without end": {bend: func(p *provider) {
			p.answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 8<<20)) }
		}, want: "can't be asked now"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			o := p.gateway()
			address, sealed, err := o.Begin(t.Context(), callback, "/")
			if err != nil {
				t.Fatal(err)
			}
			if c.bend != nil {
				c.bend(p)
			}
			came := p.authorize(address)
			if c.came != nil {
				c.came(came)
			}
			who, err := o.End(t.Context(), sealed, came)
			var refusal *openid.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(refusal.Text, c.want) || !strings.Contains(err.Error(), c.cause) || who != nil && who.Role != "" {
				t.Errorf("%+v, %v; want %q because of %q", who, err, c.want, c.cause)
			}
		})
	}
}

// What comes back must come back to the browser that began, in time, and once.
func TestErrands(t *testing.T) {
	p := newProvider(t)
	o := p.gateway()
	address, sealed, err := o.Begin(t.Context(), callback, "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"state", "nonce", "code_challenge"} {
		if u, err := url.Parse(address); err != nil || u.Query().Get(secret) == "" || strings.Contains(sealed, u.Query().Get(secret)) {
			t.Errorf("%s is missing in %s, or stands in the cookie", secret, address)
		}
	}
	came := p.authorize(address)
	_, others, err := o.Begin(t.Context(), callback, "/")
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := p.gateway().Begin(t.Context(), callback, "/")
	if err != nil {
		t.Fatal(err)
	}
	for name, errand := range map[string]string{"none": "", "of another browser": others, "of another process": foreign, "cut": sealed[:40], "changed": "A" + sealed[1:], "no base64": "%"} {
		if who, err := o.End(t.Context(), errand, came); err == nil || !strings.Contains(err.Error(), "not begun in this browser") {
			t.Errorf("the errand %s: %+v, %v", name, who, err)
		}
	}
	if _, err := o.End(t.Context(), sealed, came); err != nil {
		t.Errorf("the errand itself: %v", err)
	}
	if who, err := o.End(t.Context(), sealed, came); err == nil || !strings.Contains(err.Error(), "can be used once") {
		t.Errorf("the same again: %+v, %v", who, err)
	}
}

// The code that somebody caught on its way is worth nothing without the browser that began (PKCE).
func TestCodeOfAnotherBrowser(t *testing.T) {
	p := newProvider(t)
	o := p.gateway()
	victims, _, err := o.Begin(t.Context(), callback, "/")
	if err != nil {
		t.Fatal(err)
	}
	caught := p.authorize(victims)
	thiefs, sealed, err := o.Begin(t.Context(), callback, "/")
	if err != nil {
		t.Fatal(err)
	}
	caught.Set("state", p.authorize(thiefs).Get("state"))
	if who, err := o.End(t.Context(), sealed, caught); err == nil || !strings.Contains(err.Error(), "invalid_grant") {
		t.Errorf("%+v, %v", who, err)
	}
}

// Claims are found where providers put them: in the token or at the userinfo endpoint, as a text or a list, at the top or
// below.
func TestClaims(t *testing.T) {
	for name, c := range map[string]struct {
		claims, info map[string]any
		claim, role  string
		name         string
	}{
		"a text":       {claims: map[string]any{"groups": "admins"}, role: config.RoleAdmin},
		"the greatest": {claims: map[string]any{"groups": []string{"admins", "staff"}}, role: config.RoleAdmin},
		"below":        {claims: map[string]any{"realm_access": map[string]any{"roles": []string{"staff"}}}, claim: "realm_access.roles", role: config.RoleRead},
		"a URL":        {claims: map[string]any{"https://library.example.org/roles": []string{"staff"}}, claim: "https://library.example.org/roles", role: config.RoleRead},
		"at userinfo":  {claims: map[string]any{"groups": nil}, info: map[string]any{"groups": []string{"librarians"}}, role: config.RoleAct},
		"the signed one counts": {claims: map[string]any{"groups": []string{"staff"}, "preferred_username": nil},
			info: map[string]any{"groups": []string{"admins"}, "preferred_username": "anna k"}, role: config.RoleRead, name: "anna k"},
		"no name": {claims: map[string]any{"preferred_username": nil}, role: config.RoleAct, name: "248289761001"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			for key, value := range c.claims {
				if p.claims[key] = value; value == nil {
					delete(p.claims, key)
				}
			}
			for key, value := range c.info {
				p.info[key] = value
			}
			who, err := p.signIn(p.gateway(func(o *config.OpenID) {
				if c.claim != "" {
					o.RoleClaim = c.claim
				}
			}))
			if err != nil || who.Role != c.role || c.name != "" && who.Name != c.name {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}

// A provider that is away, or is another one than it should be, is said to be, and asked again later.
func TestProviderIsAway(t *testing.T) {
	p := newProvider(t)
	away := p.gateway(func(o *config.OpenID) { o.Issuer = "http://127.0.0.1:1" })
	var refusal *openid.Refusal
	if _, _, err := away.Begin(t.Context(), callback, "/"); !errors.As(err, &refusal) || refusal.Status != http.StatusServiceUnavailable || !strings.Contains(refusal.Text, "http://127.0.0.1:1 can't be asked now") {
		t.Errorf("%v", err)
	}
	other := p.gateway(func(o *config.OpenID) { o.Issuer += "/" })
	for range 3 {
		if _, _, err := other.Begin(t.Context(), callback, "/"); err == nil {
			t.Error("a provider that calls itself otherwise is taken")
		}
	}
	if p.discovered != 1 {
		t.Errorf("it was asked %d times within a moment", p.discovered)
	}
}
