package oaipmh

import (
	"errors"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Why a response can't be read at all. Nothing of it is to be taken then.
var (
	ErrHTML      = errors.New("a web page instead of an OAI-PMH response")
	ErrNotOAI    = errors.New("not an OAI-PMH response")
	ErrTruncated = errors.New("the OAI-PMH response is cut short")
	ErrMalformed = errors.New("the OAI-PMH response is not well-formed XML")
)

// A Response is what a repository answered, as far as harvesters care.
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
	Warnings []string         // what is wrong but was understood; stable sentences without values
}

// Error is the first error with the code; nil if there is none.
func (r *Response) Error(code string) *ResponseError {
	for i := range r.Errors {
		if r.Errors[i].Code == code {
			return &r.Errors[i]
		}
	}
	return nil
}

func (r *Response) warn(sentence string) {
	for _, w := range r.Warnings {
		if w == sentence {
			return
		}
	}
	r.Warnings = append(r.Warnings, sentence)
}

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
// It is strict about structure: outside records every tag must have its counterpart and the root must be
// closed, or the answer is ErrTruncated or ErrMalformed as a whole. It is lenient about what stands in one
// record: control characters, bytes that are not UTF-8, unknown entities, stray ampersands are
// repaired, with a note; a record that still can't be read, such as one whose tags don't match, has a Problem. It knows elements by their local
// names, whatever the namespace of the protocol, and reads the encodings that are declared.
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
