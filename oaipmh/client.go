package oaipmh

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// A Client asks a repository. It needs nothing but a BaseURL, and several goroutines may use it at once.
//
// It follows resumption tokens by itself, waits when the repository asks it to (503 or 429 with Retry-After), tries
// again after a fault on the way, and reads what repositories really send ([ReadResponse] says what that is).
type Client struct {
	// BaseURL is the address of the repository, without the arguments of the protocol.
	BaseURL string
	// HTTP makes the requests. If nil, a request is given up after five minutes.
	HTTP *http.Client
	// UserAgent says which program asks. Contact is the mail address at which the repository's operators can reach
	// its user; it is sent as From.
	UserAgent, Contact string
	// Pause is the rest between two requests of a list.
	Pause time.Duration
	// Attempts is how often a request is made before it fails; 5 if zero.
	Attempts int
	// MaxWait is how long a repository may ask us to wait at once; 10 minutes if zero. A request that would have to
	// wait longer fails.
	MaxWait time.Duration
	// MaxBytes bounds an answer; 256 MiB if zero.
	MaxBytes int64
	// Post makes the client ask with POST instead of GET.
	Post bool
}

// A Selection says which records a harvester wants (section 2.7.1). Only Prefix is required.
type Selection struct {
	Prefix, Set string
	// From and Until are moments, both inclusive; the zero time is no limit. If Granularity is [Day] they are sent
	// as days, because some repositories understand nothing else ([Door].Granularity says which).
	From, Until time.Time
	Granularity Granularity
	// Token goes on with an earlier list at the place where it broke off, which is the Token of its [ListError].
	// The token holds the whole selection, so then nothing else counts but Page.
	Token string
	// Page, if not nil, is called before the records of each answer.
	Page func(Page)
}

// A Page is what one answer of a list says beside its records.
type Page struct {
	// Date is the responseDate. A later harvest whose From is the Date of this list's first page misses nothing.
	Date time.Time
	// Token leads to the next page; nil at the end.
	Token    *ResumptionToken
	Records  int
	Warnings []string
}

// A ListError says why a list broke off, and where. A [Selection] with its Token goes on from there.
type ListError struct {
	Token string // empty if the list can only begin again
	Err   error
}

func (e *ListError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *ListError) Unwrap() error { return e.Err }

// Identify asks who the repository is (section 4.2).
func (c *Client) Identify(ctx context.Context) (*Identity, error) {
	r, err := c.ask(ctx, url.Values{"verb": {"Identify"}})
	if err != nil {
		return nil, err
	}
	if r.Identify == nil {
		return nil, c.failed("Identify", answerless(r))
	}
	return r.Identify, nil
}

// Formats asks for the formats of the repository, or of one item (section 4.4).
func (c *Client) Formats(ctx context.Context, identifier string) ([]Format, error) {
	args := url.Values{"verb": {"ListMetadataFormats"}}
	if identifier != "" {
		args.Set("identifier", identifier)
	}
	r, err := c.ask(ctx, args)
	if err == nil && len(r.Errors) > 0 {
		err = c.failed("ListMetadataFormats", &r.Errors[0])
	}
	if err != nil {
		return nil, err
	}
	return r.Formats, nil
}

// Get asks for one record (section 4.1). A [ResponseError] with code idDoesNotExist says that there is none.
func (c *Client) Get(ctx context.Context, identifier, prefix string) (*Record, error) {
	r, err := c.ask(ctx, url.Values{"verb": {"GetRecord"}, "identifier": {identifier}, "metadataPrefix": {prefix}})
	if err != nil {
		return nil, err
	}
	if len(r.Records) != 1 {
		return nil, c.failed("GetRecord", answerless(r))
	}
	return &r.Records[0], nil
}

// Records yields the records of a list in the repository's order (section 4.5). An empty list is not an error. An
// error is a [*ListError], and the last thing that is yielded. A record that can't be read is yielded all the same,
// with a Problem in [Received].
func (c *Client) Records(ctx context.Context, s Selection) iter.Seq2[*Record, error] {
	return c.records(ctx, "ListRecords", s)
}

// Headers yields the headers of the records of a list (section 4.3), otherwise as [Client.Records].
func (c *Client) Headers(ctx context.Context, s Selection) iter.Seq2[*Record, error] {
	return c.records(ctx, "ListIdentifiers", s)
}

func (c *Client) records(ctx context.Context, verb string, s Selection) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for r, err := range c.pages(ctx, verb, s.arguments(), s.Token) {
			if err != nil {
				yield(nil, err)
				return
			}
			if s.Page != nil {
				s.Page(Page{Date: r.Date, Token: going(r.Token), Records: len(r.Records), Warnings: r.Warnings})
			}
			for i := range r.Records {
				if !yield(&r.Records[i], nil) {
					return
				}
			}
		}
	}
}

// Sets yields the sets of the repository (section 4.6); none if it has no sets. Errors are those of
// [Client.Records].
func (c *Client) Sets(ctx context.Context) iter.Seq2[*Set, error] {
	return func(yield func(*Set, error) bool) {
		for r, err := range c.pages(ctx, "ListSets", url.Values{}, "") {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range r.Sets {
				if !yield(&r.Sets[i], nil) {
					return
				}
			}
		}
	}
}

func (s *Selection) arguments() url.Values {
	args := url.Values{"metadataPrefix": {s.Prefix}}
	if s.Set != "" {
		args.Set("set", s.Set)
	}
	if !s.From.IsZero() {
		args.Set("from", s.Granularity.Format(s.From))
	}
	if !s.Until.IsZero() {
		args.Set("until", s.Granularity.Format(s.Until))
	}
	return args
}

// pages yields the answers of a list. All but the first are asked for with the token alone, because the token is an
// exclusive argument (section 3.5).
func (c *Client) pages(ctx context.Context, verb string, args url.Values, token string) iter.Seq2[*Response, error] {
	return func(yield func(*Response, error) bool) {
		broke := func(err error) { yield(nil, &ListError{Token: token, Err: err}) }
		for first := true; ; first = false {
			if token != "" {
				args = url.Values{"resumptionToken": {token}}
			}
			if !first {
				if err := wait(ctx, c.Pause); err != nil {
					broke(err)
					return
				}
			}
			args.Set("verb", verb)
			r, err := c.ask(ctx, args)
			if err == nil {
				err = c.listed(verb, r, token)
			}
			if err != nil {
				broke(err)
				return
			}
			next := going(r.Token)
			if next != nil && next.Value == token {
				broke(c.failed(verb, errors.New("the repository gives the same resumption token again and again")))
				return
			}
			if !yield(r, nil) || next == nil {
				return
			}
			token = next.Value
		}
	}
}

// listed says what is wrong with an answer of a list. The protocol answers an empty list with an error, which is
// not wrong here.
func (c *Client) listed(verb string, r *Response, token string) error {
	for i := range r.Errors {
		switch code := r.Errors[i].Code; {
		case token == "" && (code == "noRecordsMatch" || code == "noSetHierarchy"):
		default:
			return c.failed(verb, &r.Errors[i])
		}
	}
	if r.Verb != verb && len(r.Errors) == 0 {
		return c.failed(verb, answerless(r))
	}
	return nil
}

// going returns the token if it leads to another page; nil if the list has ended.
func going(t *ResumptionToken) *ResumptionToken {
	if t == nil || t.Value == "" {
		return nil
	}
	return t
}

// answerless is the error for a response without the answer that was asked for.
func answerless(r *Response) error {
	if len(r.Errors) > 0 {
		return &r.Errors[0]
	}
	return errors.New("the repository answers something other than what was asked")
}

func (c *Client) failed(verb string, err error) error {
	return fmt.Errorf("%s of %s: %w", verb, c.BaseURL, err)
}
