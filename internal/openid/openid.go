// Package openid asks an OpenID Connect provider who somebody is, and finds the role that the configuration gives them.
//
// It is the authorization code flow with PKCE. [Provider.Begin] says where the browser goes, and gives an errand: what the
// sign-in is held to when the browser comes back, sealed, for a cookie. [Provider.End] opens the errand, redeems the code,
// checks the ID token, and says who it is. Nothing is kept in between, so strangers who begin sign-ins and never end them
// cost no memory; and the provider is asked for the first time when somebody signs in, so a gateway starts without it.
package openid

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

const (
	// askTime bounds everything that is asked of the provider for one step of a sign-in.
	askTime = 20 * time.Second
	// awayTime is how long a provider that could not be reached is not asked again: strangers can begin sign-ins.
	awayTime = 5 * time.Second
	// maxAnswer bounds each answer of the provider, in bytes.
	maxAnswer = 1 << 20
)

// A Provider is the provider of the configuration. Many may sign in at once.
type Provider struct {
	config *config.OpenID
	client *http.Client
	seal   *seal

	mu    sync.Mutex
	found *endpoints
	away  error // why it was not found, and when
	since time.Time
}

// endpoints are what the provider says of itself.
type endpoints struct {
	*oidc.Provider
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
	signOut  string
}

// New makes a provider ready, and asks it nothing.
func New(c *config.OpenID) (*Provider, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if c.CA != "" {
		pem, err := os.ReadFile(string(c.CA))
		if err != nil {
			return nil, fmt.Errorf("read the authorities of the OpenID provider: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the authorities of the OpenID provider: %s holds no certificate", c.CA)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	return &Provider{config: c, seal: newSeal(), client: &http.Client{
		Transport: bounded{transport}, Timeout: askTime,
		// No endpoint of a provider has to redirect, and one that does would send the secret and the code elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// bounded cuts answers that are too long, because the library reads them whole.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	}
	return resp, err
}

// find asks the provider what it says of itself, unless that is known.
func (p *Provider) find(ctx context.Context) (*endpoints, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	if p.away != nil && time.Since(p.since) < awayTime {
		return nil, p.away
	}
	found, err := p.ask(ctx)
	if err != nil {
		p.away, p.since = refuse(http.StatusServiceUnavailable, err, "%s can't be asked now who you are. Try again in a minute.", p.config.Issuer), time.Now()
		return nil, p.away
	}
	p.found = found
	return found, nil
}

func (p *Provider) ask(ctx context.Context) (*endpoints, error) {
	provider, err := oidc.NewProvider(ctx, p.config.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		SignOut string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, err
	}
	if provider.Endpoint().AuthURL == "" || provider.Endpoint().TokenURL == "" {
		return nil, errors.New("it names no authorization endpoint, or no token endpoint")
	}
	scopes := slices.Clone(p.config.Scopes)
	if !slices.Contains(scopes, oidc.ScopeOpenID) {
		scopes = append(scopes, oidc.ScopeOpenID)
	}
	return &endpoints{
		Provider: provider, signOut: more.SignOut,
		verifier: provider.Verifier(&oidc.Config{ClientID: p.config.ClientID}),
		oauth:    oauth2.Config{ClientID: p.config.ClientID, ClientSecret: p.config.Secret.Value(), Endpoint: provider.Endpoint(), Scopes: scopes},
	}, nil
}

// context is that of one step of a sign-in.
func (p *Provider) context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(oidc.ClientContext(ctx, p.client), askTime)
}

// Issuer is what the provider is called.
func (p *Provider) Issuer() string { return p.config.Issuer }

// SignOut is where somebody ends their session at the provider itself; empty as long as that is not known.
func (p *Provider) SignOut() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		return ""
	}
	return p.found.signOut
}

// A Refusal says why nobody is signed in.
type Refusal struct {
	Status int    // of the page that says so
	Text   string // for the person
	Cause  error  // for the log; nil if the text says it
}

func (r *Refusal) Error() string {
	if r.Cause == nil {
		return r.Text
	}
	return r.Text + " (" + r.Cause.Error() + ")"
}

func (r *Refusal) Unwrap() error { return r.Cause }

func refuse(status int, cause error, text string, args ...any) *Refusal {
	return &Refusal{status, fmt.Sprintf(text, args...), cause}
}
