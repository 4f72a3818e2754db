package openid

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// A Person is somebody whom the provider knows, and the configuration gives a role.
type Person struct {
	Name, Role string
	// Subject is what the provider calls them for ever; names can change.
	Subject string
	// Back is the page that they wanted when they began.
	Back string
}

// Begin gives the address at the provider where somebody signs in, and the errand, sealed, which must come back with the
// same browser. The provider will send the browser to callback. Errors are of type [*Refusal].
func (p *Provider) Begin(ctx context.Context, callback, back string) (address, sealed string, err error) {
	ctx, cancel := p.context(ctx)
	defer cancel()
	found, err := p.find(ctx)
	if err != nil {
		return "", "", err
	}
	e := &errand{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Callback: callback, Back: back, Until: time.Now().Add(ErrandTime)}
	address = found.oauth.AuthCodeURL(e.State, oidc.Nonce(e.Nonce), oauth2.S256ChallengeOption(e.Verifier), oauth2.SetAuthURLParam("redirect_uri", callback))
	return address, p.seal.close(e), nil
}

// codeWord is what an error of OAuth looks like (RFC 6749, section 4.1.2.1). Others are not shown: anybody can make a
// browser send one.
var codeWord = regexp.MustCompile(`^[a-z_]{1,40}$`)

// maxDescription bounds what the log has of a provider's explanation, in bytes.
const maxDescription = 500

// End finds out who has come back from the provider with this errand. Errors are of type [*Refusal].
func (p *Provider) End(ctx context.Context, sealed string, answer url.Values) (*Person, error) {
	ctx, cancel := p.context(ctx)
	defer cancel()
	e, err := p.seal.open(sealed, time.Now())
	if err == nil && subtle.ConstantTimeCompare([]byte(e.State), []byte(answer.Get("state"))) != 1 {
		err = errors.New("the state is another one")
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, err, "This sign-in was not begun in this browser, or too long ago. Begin again.")
	}
	// A provider that names itself in its answer (RFC 9207) must be the one that was asked.
	if iss := answer.Get("iss"); iss != "" && iss != p.config.Issuer {
		return nil, p.unproven(errors.New("another issuer has answered"))
	}
	if word := answer.Get("error"); word != "" {
		if !codeWord.MatchString(word) {
			word = "an error"
		}
		// What providers explain (an unknown redirect URI, a scope that is not allowed) is for who set this up. Anybody could
		// have put it into the address, so it is not shown on the page.
		var cause error
		if text := wording.Shorten(wording.Line(answer.Get("error_description")), maxDescription); text != "" {
			cause = errors.New(text)
		}
		return nil, refuse(http.StatusForbidden, cause, "%s has not signed you in: %s.", p.config.Issuer, word)
	}
	found, err := p.find(ctx)
	if err != nil {
		return nil, err
	}
	token, err := found.oauth.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(e.Verifier), oauth2.SetAuthURLParam("redirect_uri", e.Callback))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response.StatusCode < 500:
		return nil, refuse(http.StatusForbidden, fmt.Errorf("the token endpoint answered %s %q", refused.Response.Status, refused.ErrorCode),
			"%s does not confirm this sign-in. Each one can be used once: begin again.", p.config.Issuer)
	case err != nil:
		return nil, refuse(http.StatusServiceUnavailable, err, "%s can't be asked now who you are. Try again in a minute.", p.config.Issuer)
	}
	id, claims, err := p.proven(ctx, found, token, e.Nonce)
	if err != nil {
		return nil, p.unproven(err)
	}
	return p.person(id, claims, e.Back)
}

func (p *Provider) unproven(cause error) *Refusal {
	return refuse(http.StatusForbidden, cause, "What %s has sent does not prove who you are. Begin again; if that does not help, the log of the gateway says why.", p.config.Issuer)
}

// proven checks the ID token, and gives what the provider says of the person: in the token, and, because many
// providers keep groups out of it, at the userinfo endpoint where the token lacks something.
func (p *Provider) proven(ctx context.Context, found *endpoints, token *oauth2.Token, nonce string) (*oidc.IDToken, claims, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, nil, errors.New("there is no ID token")
	}
	id, err := found.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, nil, err
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return nil, nil, errors.New("the ID token was made for another sign-in: its nonce is another one")
	}
	if id.Subject == "" {
		return nil, nil, errors.New("the ID token has no subject")
	}
	var said claims
	if err := id.Claims(&said); err != nil {
		return nil, nil, err
	}
	if (said.find(p.config.RoleClaim) != nil && said.find(p.config.NameClaim) != nil) || found.UserInfoEndpoint() == "" {
		return id, said, nil
	}
	more, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, nil, fmt.Errorf("ask the userinfo endpoint: %w", err)
	}
	if more.Subject != id.Subject { // OpenID Connect Core, section 5.3.2
		return nil, nil, errors.New("the userinfo endpoint speaks of somebody else")
	}
	var all claims
	if err := more.Claims(&all); err != nil {
		return nil, nil, err
	}
	for name, value := range said { // what is signed counts
		all[name] = value
	}
	return id, all, nil
}
