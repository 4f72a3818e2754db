package harvest

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Kind says what went wrong with a remote server. The set of kinds is closed, because a kind is a label of metrics
// and the state of a source, and chooses the sentence that people read.
type Kind string

const (
	Unreachable   Kind = "unreachable"    // no connection: name, network, TLS
	Timeout       Kind = "timeout"        // connected, but too slow
	HTTP4xx       Kind = "http_4xx"       // the remote says that the request is wrong
	HTTP5xx       Kind = "http_5xx"       // the remote says that it is broken, or not ready
	RateLimited   Kind = "rate_limited"   // the remote asks us to wait longer than a run waits
	Challenged    Kind = "challenged"     // a bot wall answers instead of the remote; we never evade one
	Forbidden     Kind = "forbidden"      // 401, 403, 451
	HTML          Kind = "html"           // a web page came instead of data
	Malformed     Kind = "malformed"      // an answer that can't be parsed
	Truncated     Kind = "truncated"      // an answer that was cut short, or is empty
	TooLarge      Kind = "too_large"      // an answer over a limit
	ExpiredToken  Kind = "expired_token"  // the place in a list was lost, too often
	RepeatedToken Kind = "repeated_token" // a list that runs in a circle
	EmptyPage     Kind = "empty_page"     // a list that promises more and gives nothing
	CountMismatch Kind = "count_mismatch" // fewer or more items than the source says
	NotPublic     Kind = "not_public"     // the address, or that of a redirect, is not within the Reach
	Renamed       Kind = "renamed"        // every item comes under another identifier than before
	Protocol      Kind = "protocol"       // an answer that the protocol does not allow, or an error it reports
	Config        Kind = "config"         // the source's configuration can't work with this remote
)

// Kinds has all kinds, for metrics that begin at zero.
var Kinds = []Kind{Unreachable, Timeout, HTTP4xx, HTTP5xx, RateLimited, Challenged, Forbidden, HTML, Malformed,
	Truncated, TooLarge, ExpiredToken, RepeatedToken, EmptyPage, CountMismatch, Renamed, NotPublic, Protocol, Config}

// sentences are what people read. They are stable, and say what to do.
var sentences = map[Kind]string{
	Unreachable:   "The server can't be reached. Check the address; if it is right, wait for the next run.",
	Timeout:       "The server answers too slowly. The next run goes on from here; if it stays so, ask for smaller pages or raise the time limits.",
	HTTP4xx:       "The server refuses the request. Check the address and the credentials of the source.",
	HTTP5xx:       "The server reports a fault of its own. The next run goes on from here; if it stays so, tell its operators.",
	RateLimited:   "The server asks us to slow down. The next run goes on from here; a longer delay between requests helps.",
	Challenged:    "A bot wall stands before the server. Ask its operators to let this gateway through; we do not evade such walls.",
	Forbidden:     "The server forbids access. Ask its operators, or check the credentials; the source waits until its next scheduled run.",
	HTML:          "The server sends a web page instead of data. Check the address: it may have moved, or ask for a login.",
	Malformed:     "The answer can't be read. Tell the operators of the server; nothing of this page was taken.",
	Truncated:     "The answer was cut short. The next run asks for this page again; nothing of it was taken.",
	TooLarge:      "The answer is larger than allowed. Ask for smaller pages, or raise the limit of the source (http.max_size in its configuration).",
	ExpiredToken:  "The server forgets where we are in its list, again and again. Harvest when it is less busy, or by sets.",
	RepeatedToken: "The server's list runs in a circle. Tell its operators; nothing was taken for complete.",
	EmptyPage:     "The server promises more records and sends none. Tell its operators; nothing was taken for complete.",
	CountMismatch: "The number of items differs from what the source itself says. Check the page and its selectors.",
	NotPublic:     "The address is one of this machine or of a private network, which this source may not reach. If it should, name the network with private_networks: under http: of the source, or --private-network; if not, ask those who run the server why it leads there.",
	Renamed:       "The identifiers of the records are others than before, so that every record would come a second time. Nothing was taken; the detail says how to go on.",
	Protocol:      "The server breaks the rules of its protocol. Tell its operators what the detail says.",
	Config:        "The source's configuration does not fit this server. Change it as the detail says.",
}

// An Error says what went wrong with a remote server, as opposed to this program.
type Error struct {
	Kind   Kind
	URL    string // what was asked, without credentials and query
	Status int    // HTTP status; 0 if there was none
	// Detail tells operators in a few words what exactly went wrong. It has no line ends, and may quote the remote.
	Detail string
	// RetryAfter is how long the remote asks us to wait; 0 if it does not ask.
	RetryAfter time.Duration
	// Restart says that the pass can never go on from its cursor, so that the next run should begin a new pass.
	Restart bool
	Err     error // the cause; may be nil
}

// Error returns one line of bounded length, for operators.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Kind))
	if e.URL != "" {
		b.WriteString(" from " + e.URL)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	line := strings.Join(strings.Fields(b.String()), " ")
	if len(line) > maxMessage {
		line = strings.ToValidUTF8(line[:maxMessage], "") + "…"
	}
	return line
}

// maxMessage bounds a message, in bytes: a remote may say much.
const maxMessage = 1000

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentence tells people what happened and what to do. It depends only on the kind.
func (e *Error) Sentence() string { return sentences[e.Kind] }

// Resumable reports whether it makes sense to ask again later with the same cursor although nobody has done anything.
// It never decides whether something is lost: a source whose error is not resumable keeps its cursor too.
func (e *Error) Resumable() bool {
	switch e.Kind {
	case Unreachable, Timeout, HTTP5xx, RateLimited, Truncated, Malformed, HTML, ExpiredToken, EmptyPage, RepeatedToken:
		return true
	}
	return false
}

// KindOf returns the kind of the [*Error] in err; empty if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}
