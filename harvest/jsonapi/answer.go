package jsonapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// An answer is what a page of the service says.
type answer struct {
	url    string
	header http.Header
	whole  []byte
	items  []element
	said   *count // nil if it does not say how many items there are
}

// accepted is what a service is asked for.
const accepted = "application/json, application/*+json;q=0.9, */*;q=0.1"

// ask asks for a page.
func (s *Source) ask(ctx context.Context, address string) (*answer, error) {
	res, err := s.fetcher.Fetch(ctx, harvest.Request{URL: address, Accept: accepted, Access: s.config.Access, MaxBody: s.config.MaxBytes, Check: whole})
	if err != nil {
		return nil, explained(err, res)
	}
	return s.read(res)
}

// whole has an answer asked for again that was cut short.
func whole(res *harvest.Response) harvest.Verdict {
	if _, err := document(res.Body); errors.Is(err, errCut) && res.Status == http.StatusOK {
		return harvest.Broken
	}
	return harvest.ByStatus
}

// explained adds to the error of a request what the server says of it in JSON.
func explained(err error, res *harvest.Response) error {
	var e *harvest.Error
	if res == nil || !errors.As(err, &e) || e.Detail != "" {
		return err
	}
	if said := complaint(res.Body); said != "" {
		told := *e
		told.Detail = "the server says: " + said
		return &told
	}
	return err
}

// read reads an answer.
func (s *Source) read(res *harvest.Response) (*answer, error) {
	fault := func(kind harvest.Kind, format string, args ...any) error {
		return &harvest.Error{Kind: kind, URL: harvest.Shown(res.URL), Status: res.Status, Detail: fmt.Sprintf(format, args...)}
	}
	if harvest.LooksLikeHTML(res.Body) {
		return nil, fault(harvest.HTML, "a web page instead of JSON")
	}
	whole, err := document(res.Body)
	switch {
	case errors.Is(err, errCut):
		return nil, fault(harvest.Truncated, "%v", err)
	case err != nil:
		return nil, fault(harvest.Malformed, "%v", err)
	}
	a := &answer{url: res.URL, header: res.Header, whole: whole}
	list := s.items.find(whole)
	switch {
	case list == nil || len(s.items) == 0 && list[0] != '[':
		return nil, fault(harvest.Protocol, "%s", s.noList(whole))
	case string(list) == "null": // some services write an empty list so
	case list[0] != '[':
		return nil, fault(harvest.Config, "what stands at items: %s is not a list", s.items)
	default:
		err = elements(list, func(v []byte, depth int) { a.items = append(a.items, element{v, depth}) })
	}
	switch {
	case err != nil:
		return nil, fault(harvest.Malformed, "the list of items: %v", err)
	case len(a.items) > maxItems:
		return nil, fault(harvest.TooLarge, "%d items on a page, more than %d; ask for smaller pages in from:", len(a.items), maxItems)
	}
	a.said = s.count(a)
	return a, nil
}

// noList says that there is no list where it should be, and what there is instead.
func (s *Source) noList(whole []byte) string {
	where := "the answer is not a list; items: says where in it the list is"
	if len(s.items) > 0 {
		where = "the answer has no list at items: " + s.items.String()
	}
	if said := complaint(whole); said != "" {
		return where + "; the server says: " + said
	}
	var names []string
	_ = members(whole, func(name string, _ []byte) { names = append(names, name) }) // what can be read is told
	if len(names) > 0 {
		where += "; it has " + wording.ClipLine(strings.Join(names, ", "), 200)
	}
	return where
}

// complaints has the paths at which services say what is wrong, those first that are words.
var complaints = []string{"error.message", "error.detail", "error.description", "error_description", "errors[0].detail", "errors[0].title", "errors[0].message",
	"message[0].message", "errors[0]", "error", "message", "detail", "title"}

// complaint is what an answer says of an error; empty if it says nothing.
func complaint(body []byte) string {
	whole, err := document(body)
	if err != nil {
		return ""
	}
	for _, text := range complaints {
		p, err := parsePath(text)
		if err != nil {
			panic(err) // they are written here
		}
		if said, ok := scalar(p.find(whole)); ok && said != "" {
			return wording.ClipLine(said, 300)
		}
	}
	return ""
}

// count is how many items the service says that it has. What stands there may be an object, as search engines write it:
// {"value": 10000, "relation": "gte"}.
func (s *Source) count(a *answer) *count {
	var v []byte
	switch {
	case s.totalHeader != "":
		v = []byte(a.header.Get(s.totalHeader))
	case len(s.total) > 0:
		v = s.total.find(a.whole)
	}
	holder := v
	if bytes.HasPrefix(v, []byte("{")) {
		v = path{{"value", -1}}.find(v)
	} else if len(s.total) > 1 {
		holder = s.total[:len(s.total)-1].find(a.whole)
	}
	n, ok := number(v)
	if !ok {
		return nil
	}
	relation := path{{"relation", -1}}.find(holder)
	return &count{n, n, relation != nil && !is(relation, "eq")}
}
