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

// A Client asks a repository. A Client with nothing but a BaseURL is ready for use, by several goroutines at
// once.
//
// It follows resumption tokens by itself, waits when the repository says so (503 and 429, with Retry-After),
// tries again after a fault on the way, and reads what repositories really send (see [ReadResponse]).
type Client struct {
	// BaseURL is the address of the repository, without a request.
	BaseURL string
	// HTTP makes the requests; nil for one that gives up a request after five minutes.
	HTTP *http.Client
	// UserAgent says who asks, and Contact is a mail address for the repository's operators.
	UserAgent, Contact string
	// Pause is the rest between two requests of a list.
	Pause time.Duration
	// Attempts is how often a request is made before it fails; 5 if zero.
	Attempts int
	// MaxWait is how long a repository may make us wait at once; 10 minutes if zero. One that wants more fails.
	MaxWait time.Duration
	// MaxBytes bounds an answer; 256 MiB if zero.
	MaxBytes int64
	// Post says to ask with POST instead of GET.
	Post bool
}

// A Selection says which records a list is to have (section 2.7.1). Prefix is needed.
type Selection struct {
	Prefix, Set string
	// From and Until are moments, both inclusive; the zero time is no limit. They are sent as days if
	// Granularity is Day, which is all that some repositories understand (see [Door].Granularity).
	From, Until time.Time
	Granularity Granularity
	// Token goes on with an earlier list, where a [ListError] said that it broke off; everything else but
	// Page is then of no effect.
	Token string
	// Page, if not nil, is called before the records of each answer.
	Page func(Page)
}

// A Page is what an answer of a list says beside its records.
type Page struct {
	// Date is the responseDate. A later harvest that begins with that of the first page misses nothing.
	Date time.Time
	// Token leads to the next page; nil at the end.
	Token    *ResumptionToken
	Records  int
	Warnings []string
}

// A ListError is why a list broke off, and where: a [Selection] with its Token goes on from there.
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

// Records are the records of a list, in the repository's order (section 4.5). A list that is empty is no
// error. After an error, which is a [*ListError], there is nothing more. A record that could not be read is
// given all the same, with a [Received].Problem.
func (c *Client) Records(ctx context.Context, s Selection) iter.Seq2[*Record, error] {
	return c.records(ctx, "ListRecords", s)
}

// Headers are the headers of the records of a list (section 4.3), otherwise as Records.
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

// Sets are the sets of the repository (section 4.6); none if it has no sets. Errors are as with Records.
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

// pages are the answers of a list. Any that follows a token is asked for with the token alone (section 3.5).
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

// listed says what is wrong with an answer of a list. An empty list is answered by an error of the protocol.
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

// going is a token that leads on.
func going(t *ResumptionToken) *ResumptionToken {
	if t == nil || t.Value == "" {
		return nil
	}
	return t
}

// answerless is the error of an answer that does not answer.
func answerless(r *Response) error {
	if len(r.Errors) > 0 {
		return &r.Errors[0]
	}
	return errors.New("the repository answers something else than it was asked")
}

func (c *Client) failed(verb string, err error) error {
	return fmt.Errorf("%s of %s: %w", verb, c.BaseURL, err)
}
