// Package kinds has the kinds of source that a configuration can name, a file each: the keys of the kind with their
// checks, how a source is made of them, how a place of the kind is recognised and what configuration is proposed for it,
// and what a file that somebody saved of it holds.
package kinds

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/push"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A Kind is a kind of source. A function that is nil doesn't apply to it.
type Kind struct {
	config.Kind // its name, its keys and what they demand
	// What is what a place of the kind is, with its article: "a page that lists records".
	What string
	// Probe looks whether there is something of the kind at a place, and proposes how to harvest it. The error is of type
	// [NotThis] if there may be something of another kind.
	Probe func(ctx context.Context, p *Place) (*Proposal, error)
	// Build makes the source that has this name and these settings.
	Build func(name string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error)
	// FullEvery is how long after everything was asked for it is asked for again; zero is never.
	FullEvery func(s *config.Source) time.Duration
	// ReconcileEvery is how long after what a source lists was held against the log that is done again; zero is never. A
	// kind without it shows what it has by giving everything.
	ReconcileEvery func(s *config.Source) time.Duration
	// BaseURL is the base URL of the repository as the world may see it.
	BaseURL func(s *config.Source) string
	// Canonical makes the function that gives the form of an original by which versions of it are compared.
	Canonical func(s *config.Source) (func(original []byte) []byte, error)
	// FileFormat is the format of an original in a file; empty if its bytes tell it.
	FileFormat string
	// IsPage reports whether a file holds a page with items, rather than one original.
	IsPage func(content []byte) bool
	// ItemsOf reads the items of such a page. An item without a prefix in its format has the one that its bytes tell.
	ItemsOf func(ctx context.Context, name string, s *config.Source, f File) ([]harvest.Item, error)

	// Of a kind that Sends: Sent takes a document apart that was sent; Tokens are those with which it may be, and MaxSize
	// is how many bytes it may have.
	Sent    func(s *config.Source, d *push.Document) (iter.Seq2[*harvest.Page, error], error)
	Tokens  func(s *config.Source) []string
	MaxSize func(s *config.Source) int64
}

// A File is what somebody saved of a source.
type File struct {
	Path    string // where it was read; empty if that was no file
	Content []byte
}

// table has every kind: a new one is a file here, and a row.
var table = []Kind{oaiKind, marcKind, jsonapiKind, sheafKind, resourcesyncKind, sitemapKind, filesKind, listingKind, pushKind}

// Configurable are all kinds as the configuration knows them, in the order of the table.
func Configurable() (out []config.Kind) {
	for _, k := range table {
		out = append(out, k.Kind)
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
