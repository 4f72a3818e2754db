package kinds

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// Servers repeat what they were asked ("unknown argument key=…"), and what they say ends up in errors, logs,
// events and quarantine. So whatever words come from a source pass by here, where what is secret of it is taken out.

// secrets hides what is secret of a source.
type secrets struct{ replacer *strings.Replacer }

// shortest bounds what is hidden wherever it stands, in bytes: shorter values ("xml") are ordinary words, and are
// hidden only together with their names.
const shortest = 8

// secretsOf are the queries of a source's addresses, and what it is asked with.
func secretsOf(s *config.Source) secrets {
	var all []string
	add := func(values ...string) {
		for _, v := range values {
			if len(v) >= shortest {
				all = append(all, v, url.QueryEscape(v), url.PathEscape(v))
			}
		}
	}
	for _, from := range s.From {
		u, err := url.Parse(from)
		if err != nil || u.Host == "" {
			continue
		}
		add(u.RawQuery)
		for name, values := range u.Query() {
			for _, v := range values {
				add(v, name+"="+v)
			}
		}
	}
	add(s.HTTP.Password.Value(), s.HTTP.Token.Value())
	for _, v := range s.HTTP.Headers {
		add(v)
	}
	// The longest first: a replacer takes what stands first in its list.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, secret := range all {
		pairs = append(pairs, secret, "…")
	}
	return secrets{strings.NewReplacer(pairs...)}
}

// hide takes the secrets out of a text.
func (s secrets) hide(text string) string { return s.replacer.Replace(text) }

// hideError gives an error that says the same without the secrets.
func (s secrets) hideError(err error) error {
	if err == nil {
		return nil
	}
	said := err.Error()
	if text := s.hide(said); text != said {
		return discreet{err, text}
	}
	return err
}

// discreet is an error that does not say all it knows.
type discreet struct {
	error
	text string
}

func (d discreet) Error() string { return d.text }

// Unwrap gives the whole error, for those who ask of what kind it is.
func (d discreet) Unwrap() error { return d.error }

// An Asked source can be asked for everything that a source may be asked for.
type Asked interface {
	harvest.Source
	harvest.SetNamer
	harvest.Restarter
	harvest.Accepter
	harvest.Asker
	harvest.Detourer
	harvest.Reconciler
}

// Discreet is a source whose words are without its secrets.
func Discreet(s *config.Source, of Asked) harvest.Source { return &discreetSource{of, secretsOf(s)} }

type discreetSource struct {
	Asked   // Restart, Accept, Detour and Reconcile say nothing
	secrets secrets
}

// Page implements harvest.Source.
func (d *discreetSource) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	page, err := d.Asked.Page(ctx, at)
	if err != nil {
		return nil, d.secrets.hideError(err)
	}
	page.Short = d.secrets.hide(page.Short)
	for i, w := range page.Warnings {
		page.Warnings[i] = d.secrets.hide(w)
	}
	for i := range page.Items {
		if r := page.Items[i].Rejected; r != nil {
			page.Items[i].Rejected = &harvest.Rejection{Reason: r.Reason, Detail: d.secrets.hide(r.Detail)}
		}
	}
	return page, nil
}

// SetNames implements harvest.SetNamer.
func (d *discreetSource) SetNames(ctx context.Context) (map[string]string, error) {
	names, err := d.Asked.SetNames(ctx)
	return names, d.secrets.hideError(err)
}

// Ask implements harvest.Asker.
func (d *discreetSource) Ask(ctx context.Context, at harvest.Cursor, listed harvest.Item) (harvest.Item, error) {
	item, err := d.Asked.Ask(ctx, at, listed)
	return item, d.secrets.hideError(err)
}
