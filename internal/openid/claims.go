package openid

import (
	"net/http"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// claims are what a provider says of somebody.
type claims map[string]any

// find finds a claim by its name, or by the names on the way to it, with dots between them: Keycloak has roles in
// realm_access.roles, while Auth0 wants names that are URLs, with dots of their own. Nil if there is none.
func (c claims) find(name string) any {
	if value, ok := c[name]; ok {
		return value
	}
	first, rest, deeper := strings.Cut(name, ".")
	if inner, ok := c[first].(map[string]any); ok && deeper {
		return claims(inner).find(rest)
	}
	return nil
}

// texts are the texts of a claim that is a text or a list.
func texts(claim any) (out []string) {
	switch claim := claim.(type) {
	case string:
		return []string{claim}
	case []any:
		for _, one := range claim {
			if s, ok := one.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// maxName bounds the name of a person, in bytes.
const maxName = 200

// person finds the greatest role that the configuration gives somebody.
func (p *Provider) person(id *oidc.IDToken, said claims, back string) (*Person, error) {
	who := &Person{Name: id.Subject, Subject: id.Subject, Back: back}
	if name, _ := said.find(p.config.NameClaim).(string); name != "" {
		who.Name = name
	}
	who.Name, who.Subject = wording.Shorten(who.Name, maxName), wording.Shorten(who.Subject, maxName)
	greatest := -1
	for _, value := range texts(said.find(p.config.RoleClaim)) {
		greatest = max(greatest, slices.Index(config.Roles, p.config.Roles[value]))
	}
	if greatest < 0 {
		return who, refuse(http.StatusForbidden, nil, "%s knows you as %s, but you may see nothing here: your claim %s has none of the values that listen.ops_oidc.roles gives a role.", p.config.Issuer, who.Name, p.config.RoleClaim)
	}
	who.Role = config.Roles[greatest]
	return who, nil
}
