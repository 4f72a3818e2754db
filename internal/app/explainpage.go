package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// IsPage reports whether what somebody has in a file is a page with items, rather than one original:
// what people save is a page of results, or a response of OAI-PMH.
func IsPage(r *rules.Rules, kind string, original []byte) bool {
	switch kind {
	case "listing":
		return !bytes.HasPrefix(bytes.TrimSpace(original), []byte("{"))
	case "oai":
		return r.FormatIn(original).Prefix == "OAI-PMH" || bytes.Contains(original[:min(len(original), 1024)], []byte("<OAI-PMH"))
	}
	return false
}

// ExplainPage maps the items of a page, up to limit. file is where it was read; empty if that was no file.
func ExplainPage(ctx context.Context, r *rules.Rules, cfg *config.Config, file string, page []byte, limit int) (out []*rules.Explained, err error) {
	if cfg.Sources[r.Source].Kind == "oai" {
		out, err = explainResponse(r, page, limit)
	} else {
		out, err = explainListing(ctx, r, cfg, file, limit)
	}
	if err == nil && len(out) == 0 {
		err = errors.New("there is no item on the page")
	}
	return out, err
}

func explainResponse(r *rules.Rules, page []byte, limit int) (out []*rules.Explained, err error) {
	response, err := oaipmh.ReadResponse(page)
	if err != nil {
		return nil, fmt.Errorf("read the file as a response of OAI-PMH: %w", err)
	}
	for i := range response.Records {
		rec := &response.Records[i]
		switch {
		case len(out) == limit:
			return out, nil
		case rec.Received.Problem != "":
			out = append(out, &rules.Explained{Identifier: rec.Identifier, Rules: r.Version(), Original: string(rec.Received.Raw), Error: rec.Received.Problem})
		case rec.Metadata != nil:
			format := r.FormatIn(rec.Metadata)
			format.Namespace = rec.Received.Namespace
			e := r.ExplainItem("", []string{r.Source}, &harvest.Item{Identifier: rec.Identifier, Format: format, Original: rec.Metadata})
			e.Identifier = rec.Identifier
			out = append(out, e)
		}
	}
	return out, nil
}

// explainListing reads the page as a harvest would, but from the file.
func explainListing(ctx context.Context, r *rules.Rules, cfg *config.Config, file string, limit int) (out []*rules.Explained, err error) {
	if file == "" {
		return nil, errors.New("a page of results must be in a file; an original of this source is JSON, such as sheaf show --original prints")
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	s := *cfg.Sources[r.Source]
	s.From = []string{path}
	src, err := buildListing(r.Source, &s, harvest.NewFetcher(harvest.Options{}))
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", r.Source, err)
	}
	page, err := src.Page(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("read %s as a page of results: %w", file, err)
	}
	for i := range page.Items[:min(len(page.Items), limit)] {
		item := &page.Items[i]
		if item.Rejected != nil {
			out = append(out, &rules.Explained{Format: "listing", Rules: r.Version(), Original: string(item.Original), Error: item.Rejected.Reason + ": " + item.Rejected.Detail})
			continue
		}
		out = append(out, r.ExplainItem("", []string{r.Source}, item))
	}
	return out, nil
}
