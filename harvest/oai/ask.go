package oai

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// ask makes one request of the protocol. If the repository reports an error of the protocol, that is an answer too.
func (s *Source) ask(ctx context.Context, args url.Values) (*oaipmh.Response, error) {
	target := *s.base
	req := harvest.Request{Accept: "text/xml, application/xml, */*;q=0.1", Access: s.cfg.Access, Check: check}
	if s.cfg.POST {
		req.Form = args
	} else {
		query := target.Query()
		for name, values := range args {
			query[name] = values
		}
		target.RawQuery = query.Encode()
	}
	req.URL = target.String()
	answer, err := s.fetch.Fetch(ctx, req)
	if err != nil {
		return nil, err
	}
	r, err := oaipmh.ReadResponse(answer.Body)
	if err != nil {
		kind, detail := harvest.Malformed, ""
		switch {
		case errors.Is(err, oaipmh.ErrNotOAI):
			kind, detail = anotherThing(args.Get("verb"), answer.Body)
		case errors.Is(err, oaipmh.ErrHTML):
			kind = harvest.HTML
		case errors.Is(err, oaipmh.ErrTruncated):
			kind = harvest.Truncated
		}
		e := s.problem(kind, detail, err)
		e.Status = answer.Status
		return nil, e
	}
	if verb := args.Get("verb"); len(r.Errors) == 0 && r.Verb != verb {
		return nil, s.problem(harvest.Protocol, "the answer to "+verb+" holds "+r.Verb, nil)
	}
	return r, nil
}

// ofServers is what a repository sends if something is wrong with it for a time. Anything else that stands where Identify
// should be is another thing, at another kind of address.
var ofServers = []string{"", "empty", "text", "text in an old encoding", "JSON", "broken XML", "XML with", "a web page", "an error of", "a SOAP message", "an OAI-PMH response"}

// anotherThing says what an answer is that is not OAI-PMH.
func anotherThing(verb string, body []byte) (kind harvest.Kind, detail string) {
	what := harvest.WhatIs(body)
	passes := slices.ContainsFunc(ofServers, func(s string) bool { return what == s || s != "" && strings.HasPrefix(what, s) })
	switch {
	case what == "":
		return harvest.Malformed, ""
	case passes || verb != "Identify":
		return harvest.Malformed, "the answer is " + what
	}
	return harvest.Config, "at this address is " + what + ", and no OAI-PMH repository; sheaf probe says how it can be harvested"
}

// check recognises an OAI-PMH response, which is an answer whatever the HTTP status, and a response that was cut short,
// which is asked for again.
func check(r *harvest.Response) harvest.Verdict {
	body := bytes.TrimSpace(r.Body)
	if len(body) == 0 {
		return harvest.Broken
	}
	root := bytes.Index(body[:min(len(body), 64<<10)], []byte("OAI-PMH"))
	if root < 1 || body[root-1] != '<' && body[root-1] != ':' {
		return harvest.ByStatus
	}
	end := bytes.LastIndex(body, []byte("OAI-PMH>"))
	if end < 1 || bytes.LastIndex(body[:end], []byte("</")) < end-64 {
		return harvest.Broken
	}
	if r.Status >= 300 {
		return harvest.Good
	}
	return harvest.ByStatus
}

// reported turns an error that the repository reports into a [*harvest.Error].
func (s *Source) reported(r *oaipmh.Response) *harvest.Error {
	kind := harvest.Protocol
	var all []error
	for i := range r.Errors {
		all = append(all, &r.Errors[i])
		switch r.Errors[i].Code {
		case "cannotDisseminateFormat", "noSetHierarchy":
			kind = harvest.Config
		}
	}
	return s.problem(kind, "the repository reports an error", errors.Join(all...))
}

// oneLine puts a remote's text into one line for a message.
func oneLine(text string) string {
	return wording.Shorten(strings.Join(strings.Fields(text), " "), 300)
}
