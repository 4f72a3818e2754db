package intake

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
)

// given is the token of a request: a bearer token, or the password of any user. Browsers send neither by themselves, and
// are never asked for one, so that no page can make a browser push.
func given(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		_, token, _ = r.BasicAuth()
	}
	return strings.TrimSpace(token)
}

// opens are the names of the sources that a token opens. It is compared with each token of each source, and how long that
// takes tells nothing of any.
func opens(sources []Source, token string) (names []string) {
	a := sha256.Sum256([]byte(token))
	for i := range sources {
		equal := 0
		for _, own := range sources[i].Tokens {
			b := sha256.Sum256([]byte(own))
			equal |= subtle.ConstantTimeCompare(a[:], b[:])
		}
		if equal == 1 && token != "" {
			names = append(names, sources[i].Name)
		}
	}
	return names
}

// authorize finds the source that a request may push to.
func (d *Door) authorize(r *http.Request, name string) (*Source, *refusal) {
	sources := d.assigned()
	open := opens(sources, given(r))
	if len(open) == 0 {
		return nil, refusedFor(http.StatusUnauthorized, "the token is missing or wrong", "Send a token of the source's token_file as Authorization: Bearer TOKEN, or as the password of any user: curl -u push:TOKEN.")
	}
	if !slices.Contains(open, name) {
		return nil, refusedFor(http.StatusForbidden, "the token is not one of this source", "Send the token of the source that the address names: /push/SOURCE.")
	}
	return &sources[slices.IndexFunc(sources, func(s Source) bool { return s.Name == name })], nil
}
