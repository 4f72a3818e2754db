package oaipmh

import (
	"errors"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// The reasons for which a response can't be read at all. Nothing of such a response may be used.
var (
	ErrHTML      = errors.New("a web page instead of an OAI-PMH response")
	ErrNotOAI    = errors.New("not an OAI-PMH response")
	ErrTruncated = errors.New("the OAI-PMH response is cut short")
	ErrMalformed = errors.New("the OAI-PMH response is not well-formed XML")
)

// A Response is what a repository answered.
type Response struct {
	// Date is the responseDate; zero if it is missing or unreadable.
	Date time.Time
	// Verb is the name of the element that holds the answer; empty if there are errors only.
	Verb   string
	Errors []ResponseError

	Identify *Identity        // Identify
	Formats  []Format         // ListMetadataFormats
	Sets     []Set            // ListSets
	Records  []Record         // GetRecord, ListRecords, ListIdentifiers
	Token    *ResumptionToken // nil if there is no element
	Warnings []string         // what is wrong and was understood all the same: stable sentences without values
}

// Error returns the first error with the code; nil if there is none.
func (r *Response) Error(code string) *ResponseError {
	for i := range r.Errors {
		if r.Errors[i].Code == code {
			return &r.Errors[i]
		}
	}
	return nil
}

func (r *Response) warn(sentence string) { r.Warnings = wording.AddOnce(r.Warnings, sentence) }

// A ResponseError is an error that a repository reports (section 3.6). Repositories also send codes
// that the protocol does not know.
type ResponseError struct{ Code, Message string }

func (e *ResponseError) Error() string {
	if e.Message == "" {
		return e.Code
	}
	return e.Code + ": " + e.Message
}

// A ResumptionToken is a received resumptionToken (section 3.5). An empty Value ends the list.
type ResumptionToken struct {
	Value            string    // trimmed
	Expires          time.Time // zero if not said
	CompleteListSize int       // negative if not said, or not a number
	Cursor           int       // likewise
}

// ReadResponse reads a response, of version 2.0 or nearly so.
//
// It is strict about structure. If a tag outside the records has no counterpart, or the root is not closed, the whole
// response is refused with [ErrTruncated] or [ErrMalformed], because records may be missing.
//
// It is lenient about what stands inside a record. Control characters, bytes that are not UTF-8, unknown entities and
// stray ampersands are repaired and noted in [Received]. A record that still can't be read, such as one whose tags
// don't match, has a Problem there. Elements are recognised by their local names, whatever the namespace of the
// protocol, and all declared encodings are read.
//
// The response may share memory with data, which must not be changed.
func ReadResponse(data []byte) (*Response, error) {
	r := &Response{}
	doc, err := r.unwrap(data)
	if err != nil {
		return nil, err
	}
	p := &reading{s: xmlscan.New(doc, readLimits), r: r, doc: doc}
	err = p.document()
	if err == nil {
		return r, nil
	}
	var syntax *xmlscan.SyntaxError
	if !errors.As(err, &syntax) {
		return nil, err
	}
	if syntax.Truncated {
		return nil, fmt.Errorf("%w: %w", ErrTruncated, err)
	}
	return readApart(doc, r.Warnings, err)
}

var readLimits = xmlscan.Limits{Depth: 1000, Attrs: 1000}
