package files

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Source is files of records. It is safe for concurrent use.
type Source struct {
	config  Config
	form    Form
	fetcher Fetcher
	from    string // tells one configuration from another, in cursors

	parking harvest.Parking[*walk]
}

// New makes a Source. It neither reads nor asks for anything yet. For files the fetcher may be nil.
func New(c Config, fetcher Fetcher) (*Source, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	form := c.Form
	if form == nil {
		key, err := parseKey(c.Key)
		if err != nil {
			return nil, err
		}
		otherwise, err := marcDecoder(c.Encoding)
		if err != nil {
			return nil, fmt.Errorf("encoding: %w", err)
		}
		form = &marcForm{key: key, text: c.Key, encoding: strings.ToLower(c.Encoding), otherwise: otherwise,
			remedy: "encoding: says which it is, and sheaf probe tries what is likely"}
	}
	for _, from := range c.From {
		if isURL(from) && fetcher == nil {
			return nil, errors.New("a file on a server needs a fetcher")
		}
	}
	s := &Source{config: c, form: form, fetcher: fetcher, parking: harvest.Parking[*walk]{LetGo: (*walk).close}}
	s.from = digest(append([]string{form.id(), strconv.FormatBool(c.Complete)}, c.From...)...).text()
	return s, nil
}

var _ harvest.Source = (*Source)(nil)

// Page gives some hundred records. See [harvest.Source].
//
// Beside those of the fetcher, its errors have these kinds: config (no file is there), unreachable (a file can't be
// read), and truncated (a file changed while it was read, so that it is read again from its beginning).
func (s *Source) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	w, waited := s.parking.Take(at)
	if !waited {
		var err error
		if w, err = s.begin(ctx, s.readCursor(at)); err != nil {
			return nil, err
		}
	}
	page, err := w.page(ctx)
	if err != nil || page.Done {
		w.close()
		return page, err
	}
	s.parking.Leave(ctx, w, page.Next)
	return page, nil
}

// nothing is the error of a place without files.
func (s *Source) nothing() error {
	var shown []string
	for _, from := range s.config.From {
		shown = append(shown, harvest.Shown(from))
	}
	return &harvest.Error{Kind: harvest.Config, Detail: "no file matches " + strings.Join(shown, " or ") + "; nothing was deleted because of that"}
}
