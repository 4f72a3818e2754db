package config

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
)

// OpenID says which OpenID Connect provider people sign in at, and what its claims allow them to do.
type OpenID struct {
	// The provider, exactly as it calls itself, such as https://login.example.org/realms/library.
	Issuer string `yaml:"issuer" as:"url" also:"provider,issuer_url"`
	// What the gateway is called there.
	ClientID string `yaml:"client_id" also:"client"`
	// A file that holds the secret that the provider gave with it. Default: none, for a public client.
	Secret Secret `yaml:"client_secret_file" also:"client_secret,secret,secret_file"`
	// The authorities that vouch for the provider's certificate, in PEM. Default: those of the system.
	CA File `yaml:"ca_file" also:"ca,cafile"`
	// The operators' pages as browsers reach them, where something else speaks HTTPS before them, such as
	// https://ops.example.org. The provider must know this and /sign-in/oidc/callback as a redirect URI. Default: as the
	// browser asks for them.
	URL string `yaml:"url" as:"root" also:"base_url,redirect_url"`
	// What the provider is asked for, beside openid. Default: profile.
	Scopes []string `yaml:"scopes" also:"scope"`
	// The claim that says what somebody is called, for the audit log. Without it they are called by their sub.
	NameClaim string `yaml:"name_claim" also:"name,username_claim"`
	// The claim that says what somebody may do: a text, or a list of texts. Dots lead into a claim, as in
	// realm_access.roles.
	RoleClaim string `yaml:"role_claim" also:"roles_claim,groups_claim"`
	// The values of that claim, and the role that each gives: read, act or admin, as in listen.ops_roles. The greatest
	// counts; whoever has none of them is not let in.
	Roles map[string]string `yaml:"roles"`
}

func (o *OpenID) setDefaults() {
	o.Scopes, o.NameClaim, o.RoleClaim = []string{"profile"}, "preferred_username", "groups"
}

// Host is that of URL, without a port; empty without URL.
func (o *OpenID) Host() string {
	if o == nil {
		return ""
	}
	u, err := url.Parse(o.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func (d *decoder) checkOpenID(root *node, o *OpenID) {
	if o == nil {
		return
	}
	wrong := func(key, format string, args ...any) {
		d.problem(root.where("listen", "ops_oidc"), "listen.ops_oidc"+key, format, args...)
	}
	if o.Issuer == "" || o.ClientID == "" {
		wrong("", "needs issuer: and client_id:, as the provider says them")
	}
	if u, err := url.Parse(o.Issuer); err == nil && u.Scheme == "http" && BeyondLoopback(net.JoinHostPort(strings.ToLower(u.Hostname()), "0")) {
		wrong(".issuer", "%q is not HTTPS: whoever is between could sign in as anybody", o.Issuer)
	}
	if len(o.Roles) == 0 {
		wrong(".roles", "is needed: which value of the claim %s gives which role, such as {librarians: act}; without it nobody is let in", o.RoleClaim)
	}
	for _, value := range slices.Sorted(maps.Keys(o.Roles)) {
		if role := o.Roles[value]; !slices.Contains(Roles, role) {
			wrong(".roles."+value, "%q is not one of %s", role, strings.Join(Roles, ", "))
		}
	}
}
