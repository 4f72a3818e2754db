package listing_test

import (
	"context"
	"io"
	"net/http"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A plainFetcher fetches without any of the politeness that a server on loopback does not need.
type plainFetcher struct{}

func (plainFetcher) Fetch(ctx context.Context, req harvest.Request) (*harvest.Response, error) {
	hr, err := http.NewRequestWithContext(ctx, http.MethodGet, req.URL, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(hr)
	if err != nil {
		return nil, &harvest.Error{Kind: harvest.Unreachable, Err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, &harvest.Error{Kind: harvest.Truncated, Err: err}
	}
	if res.StatusCode != http.StatusOK {
		return nil, &harvest.Error{Kind: harvest.HTTP4xx, Status: res.StatusCode}
	}
	return &harvest.Response{URL: res.Request.URL.String(), Status: res.StatusCode, Header: res.Header, Body: body}, nil
}
