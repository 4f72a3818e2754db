package kinds

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// listingKind harvests pages that list records. What people save of it is a page of results; an original is JSON.
var listingKind = Kind{
	Name: "listing", Build: buildListing, Canonical: listing.Canonical, FileFormat: "listing",
	IsPage: func(content []byte) bool { return !bytes.HasPrefix(bytes.TrimSpace(content), []byte("{")) }, ItemsOf: itemsOfListing,
}

func buildListing(name string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return listing.New(listing.Config{
		From: s.From, Canonical: cmp.Or(s.Canonical, name), Access: access(s),
		Pages:  listing.Pages{First: s.Pages.First, Step: s.Pages.Step, Max: s.Pages.Max},
		Select: listing.Select(s.Select),
	}, f)
}

// itemsOfListing reads the page as a harvest would, but from the file.
func itemsOfListing(ctx context.Context, name string, s *config.Source, f File) ([]harvest.Item, error) {
	if f.Path == "" {
		return nil, errors.New("a page of results must be in a file; an original of this source is JSON, such as sheaf show --original prints")
	}
	path, err := filepath.Abs(f.Path)
	if err != nil {
		return nil, err
	}
	saved := *s
	saved.From = []string{config.Literal(path)}
	src, err := buildListing(name, &saved, harvest.NewFetcher(harvest.Options{}))
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", name, err)
	}
	page, err := src.Page(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("read %s as a page of results: %w", f.Path, err)
	}
	return page.Items, nil
}
