// Package kinds has the kinds of source that a configuration can name, a file each: how a source of the kind is made of
// its configuration, and what a file that somebody saved of it holds. The keys of each kind, and their checks, are in
// package config.
package kinds

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A Kind is a kind of source. A function that is nil doesn't apply to it.
type Kind struct {
	Name string
	// Build makes the source that has this name and these settings.
	Build func(name string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error)
	// BaseURL is the base URL of the repository as the world may see it.
	BaseURL func(s *config.Source) string
	// Canonical gives the form of an original by which versions of it are compared.
	Canonical func(original []byte) []byte
	// FileFormat is the format of an original in a file; empty if its bytes tell it.
	FileFormat string
	// IsPage reports whether a file holds a page with items, rather than one original.
	IsPage func(content []byte) bool
	// ItemsOf reads the items of such a page. An item without a prefix in its format has the one that its bytes tell.
	ItemsOf func(ctx context.Context, name string, s *config.Source, f File) ([]harvest.Item, error)
}

// A File is what somebody saved of a source.
type File struct {
	Path    string // where it was read; empty if that was no file
	Content []byte
}

// table has every kind: a new one is a file here, and a row.
var table = []Kind{oaiKind, listingKind}

// Names are the names of all kinds, in the order of the table.
func Names() (out []string) {
	for _, k := range table {
		out = append(out, k.Name)
	}
	return out
}

// Of is the kind with this name.
func Of(name string) (Kind, error) {
	i := slices.IndexFunc(table, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, fmt.Errorf("kind %s is not in this release", name)
	}
	return table[i], nil
}

// access is how a source is asked.
func access(s *config.Source) harvest.Access {
	a := harvest.Access{Header: http.Header{}, Username: s.HTTP.User, Password: s.HTTP.Password.Value(), Token: s.HTTP.Token.Value()}
	for k, v := range s.HTTP.Headers {
		a.Header.Set(k, v)
	}
	return a
}
