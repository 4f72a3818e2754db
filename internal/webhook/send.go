package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// An Outcome is what became of a request.
type Outcome string

const (
	// Delivered: the receiver answered 2xx.
	Delivered Outcome = "delivered"
	// Refused: the receiver answered that it does not take this event, or can't.
	Refused Outcome = "refused"
	// Unreachable: there was no answer, or one of something before the receiver (502, 503, 504).
	Unreachable Outcome = "unreachable"
	// Busy: the receiver asks for a pause (429, or 503 with Retry-After).
	Busy Outcome = "busy"
	// Gone: the receiver wants no more (410).
	Gone Outcome = "gone"

	unsent Outcome = "" // nothing was asked, or what was asked was called back
)

// Outcomes are all that are counted.
var Outcomes = []Outcome{Delivered, Refused, Unreachable, Busy, Gone}

type result struct {
	Outcome
	why   string        // for people; empty if delivered
	after time.Duration // how long the receiver wants to be left alone
}

const (
	maxAnswer     = 64 << 10 // what is read of an answer, in bytes
	maxRetryAfter = time.Hour
	maxWhy        = 300
)

// A sender asks one receiver.
type sender struct {
	sub    *Subscription
	agent  string
	client *http.Client
}

func newSender(sub *Subscription, agent string) *sender {
	// Whoever may write a URL into the configuration must not reach what is behind the gateway's firewall by it, whatever
	// the name means when it is resolved: a private network has to be named.
	transport := harvest.NewTransport(sub.Timeout, harvest.Reach{Networks: sub.Private})
	transport.MaxIdleConnsPerHost = sub.Parallel
	transport.MaxResponseHeaderBytes = maxAnswer
	return &sender{sub: sub, agent: agent, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send sends one event, once.
func (s *sender) send(ctx context.Context, id string, body []byte) result {
	ctx, cancel := context.WithTimeout(ctx, s.sub.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.sub.URL, bytes.NewReader(body))
	if err != nil {
		return result{Outcome: Unreachable, why: err.Error()}
	}
	now := time.Now()
	req.Header.Set("Content-Type", changejson.EventType)
	req.Header.Set("User-Agent", s.agent)
	req.Header.Set(headerID, id)
	req.Header.Set(headerTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(headerSignature, sign(s.sub.Secrets, id, now, body))
	resp, err := s.client.Do(req)
	if err != nil {
		if ue := (*url.Error)(nil); errors.As(err, &ue) {
			err = ue.Err // the address may hold a secret in its query
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("there was no answer within %s", s.sub.Timeout)
		}
		return result{Outcome: Unreachable, why: wording.ClipLine(err.Error(), maxWhy)}
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // so that the connection can be used again; a longer answer ends it
	return judge(resp, now)
}

// judge says what an answer means.
func judge(resp *http.Response, now time.Time) result {
	r := result{why: fmt.Sprintf("it answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
	after := retryAfter(resp.Header.Get("Retry-After"), now)
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return result{Outcome: Delivered}
	case code == http.StatusGone:
		r.Outcome = Gone
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable && after > 0:
		r.Outcome, r.after = Busy, after
	case code == http.StatusBadGateway, code == http.StatusServiceUnavailable, code == http.StatusGatewayTimeout:
		r.Outcome = Unreachable
	case code/100 == 3:
		r.Outcome, r.why = Refused, r.why+"; redirects are not followed: give the address that it leads to"
	default:
		r.Outcome = Refused
	}
	return r
}

// retryAfter reads the header of that name; zero if it says nothing.
func retryAfter(text string, now time.Time) time.Duration {
	var d time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		d = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}
