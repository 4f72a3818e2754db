package robots

import (
	"context"
	"errors"
	"net/url"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Fetcher asks the web; [harvest.Fetcher] is one.
type Fetcher interface {
	Fetch(ctx context.Context, r harvest.Request) (*harvest.Response, error)
}

// Ask fetches the robots.txt of the site that a URL is of. A site that answers that it has none (4xx) forbids nothing. If
// the site can't be reached, is broken (5xx) or asks for patience, nobody knows what it forbids: then the error says why,
// and nothing of the site may be fetched (RFC 9309, 2.3.1.4).
func Ask(ctx context.Context, f Fetcher, site *url.URL, access harvest.Access) (*File, error) {
	at := url.URL{Scheme: site.Scheme, Host: site.Host, User: site.User, Path: "/robots.txt"}
	res, err := f.Fetch(ctx, harvest.Request{URL: at.String(), Accept: "text/plain, */*;q=0.1", Access: access})
	switch {
	case err == nil:
		return Parse(res.Body), nil
	case hasNone(err):
		return &File{}, nil
	}
	return nil, err
}

// hasNone reports whether the site has answered that it has no robots.txt for us. 429 is another thing, and so is a bot
// wall, whatever its status.
func hasNone(err error) bool {
	var e *harvest.Error
	return errors.As(err, &e) && (e.Kind == harvest.HTTP4xx || e.Kind == harvest.Forbidden)
}
