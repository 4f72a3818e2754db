package oaipmh

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Defaults of a [Client].
const (
	clientAttempts = 5
	clientMaxWait  = 10 * time.Minute
	clientMaxBytes = 256 << 20
	clientTimeout  = 5 * time.Minute
	firstBackoff   = time.Second
)

var clientHTTP = &http.Client{Timeout: clientTimeout}

// A StatusError is an HTTP status by which a server refused a request, instead of an answer of the protocol.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // what the repository asks for; 0 if it does not say
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("HTTP status %d %s", e.Status, http.StatusText(e.Status))
}

// passing reports whether the same request may succeed later (section 3.1.2.2).
func (e *StatusError) passing() bool {
	return e.Status == http.StatusTooManyRequests || e.Status >= 500 && e.Status != http.StatusNotImplemented
}

// ask makes a request, tries again if that may help, and reads the answer.
func (c *Client) ask(ctx context.Context, args url.Values) (*Response, error) {
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		r, err := c.once(ctx, args)
		if err == nil {
			return r, nil
		}
		pause, again := c.again(err, backoff)
		if !again || ctx.Err() != nil || attempt >= cmp.Or(c.Attempts, clientAttempts) {
			return nil, c.failed(args.Get("verb"), err)
		}
		backoff *= 2
		if err := wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// again says whether to try again after an error, and when. It does so after an answer that was cut short or is not
// OAI-PMH at all, because those come more often from something between the repository and us than from the
// repository itself.
func (c *Client) again(err error, backoff time.Duration) (pause time.Duration, again bool) {
	var status *StatusError
	if errors.As(err, &status) {
		pause = max(status.RetryAfter, backoff)
		return pause, status.passing() && pause <= cmp.Or(c.MaxWait, clientMaxWait)
	}
	return backoff, !errors.Is(err, errTooLong) && !errors.Is(err, ErrMalformed)
}

var errTooLong = errors.New("the answer is longer than Client.MaxBytes allows")

func (c *Client) once(ctx context.Context, args url.Values) (*Response, error) {
	req, err := c.request(ctx, args)
	if err != nil {
		return nil, err
	}
	client := c.HTTP
	if client == nil {
		client = clientHTTP
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &StatusError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	}
	most := cmp.Or(c.MaxBytes, clientMaxBytes)
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > most {
		return nil, errTooLong
	}
	return ReadResponse(body)
}

func (c *Client) request(ctx context.Context, args url.Values) (*http.Request, error) {
	u, err := url.Parse(c.BaseURL)
	if err != nil {
		return nil, err
	}
	method, body := http.MethodGet, ""
	if c.Post {
		method, body = http.MethodPost, args.Encode()
	} else if u.RawQuery == "" {
		u.RawQuery = args.Encode()
	} else {
		u.RawQuery += "&" + args.Encode() // some base URLs have a query of their own
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if c.Post {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("User-Agent", cmp.Or(c.UserAgent, "sheaf-oaipmh"))
	if c.Contact != "" {
		req.Header.Set("From", c.Contact)
	}
	return req, nil
}

// retryAfter reads the header of this name: seconds, or a date.
func retryAfter(v string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(v); err == nil && n > 0 {
		return time.Duration(min(n, 1<<30)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

// wait rests, but not longer than ctx.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
