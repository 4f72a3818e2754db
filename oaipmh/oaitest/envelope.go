package oaitest

import (
	"bytes"
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// envelope reads an answer and checks what all answers have in common (sections 3.1.2 and 3.2). It goes on no further than
// the first thing that makes the answer unreadable, because all else follows from that.
func (s *suite) envelope(a *reply) {
	if a.unread != "" {
		return
	}
	s.unpack(a)
	p := parse(a.body)
	isOAI := p.root != nil && p.root.Tag == "OAI-PMH"
	if !s.check("http-status", a.status == http.StatusOK, a, string(a.body), "the HTTP status is %d%s", a.status, insteadOf(a.body, p)) && !isOAI {
		a.unread = "http-status"
		return
	}
	if !s.contentType(a, p) && !isOAI {
		a.unread = "content-type"
		return
	}
	if !s.check("well-formed", p.problem == "", a, p.around, "%s%s", p.problem, insteadOf(a.body, p)) && p.root == nil {
		a.unread = "well-formed"
		return
	}
	if p.root != nil {
		s.check("doctype", !p.doctype, a, string(a.body), "the answer declares a document type")
	}
	if !s.check("namespace", isOAI && p.root.NamespaceURI() == oaiNamespace, a, string(a.body),
		"the root is %s in %q%s", p.root.Tag, p.root.NamespaceURI(), insteadOf(a.body, p)) && !isOAI {
		a.unread = "namespace"
		return
	}
	a.root = p.root
	s.schemaLocation(a, a.root)
	s.children(a)
	if verb := a.args.Get("verb"); slices.Contains(allVerbs, verb) && len(a.args["verb"]) == 1 {
		if !s.check("verbs", !a.has("badVerb"), a, string(a.body), "%s is badVerb", verb) {
			return
		}
	}
	s.responseDate(a)
	s.requestElement(a)
}

// insteadOf says what an answer is that is not OAI-PMH, if that can be told.
func insteadOf(body []byte, p parsed) string {
	if p.root != nil && p.root.Tag == "OAI-PMH" {
		return ""
	}
	if what := harvest.WhatIs(body); what != "" && !strings.HasPrefix(what, "an OAI-PMH response") {
		return "; the answer is " + what
	}
	return ""
}

// unpack uncompresses an answer that came compressed though it was not asked to.
func (s *suite) unpack(a *reply) {
	if !bytes.HasPrefix(a.body, []byte{0x1f, 0x8b}) || a.header.Get("Content-Encoding") != "" {
		return
	}
	s.fail("compression", a, "", "the answer is compressed though it was not asked for, and not marked so")
	if z, err := gzip.NewReader(bytes.NewReader(a.body)); err == nil {
		a.body, _ = io.ReadAll(io.LimitReader(z, maxBody))
	}
}

func (s *suite) contentType(a *reply, p parsed) bool {
	value := a.header.Get("Content-Type")
	kind, _, _ := strings.Cut(value, ";")
	_, parameters, err := mime.ParseMediaType(value)
	charset := parameters["charset"]
	legal := err == nil && strings.EqualFold(strings.TrimSpace(kind), "text/xml") && (charset == "" || strings.EqualFold(charset, "utf-8"))
	return s.check("content-type", legal, a, value, "Content-Type is %q%s", value, insteadOf(a.body, p))
}

const noResponseDate = "there is no responseDate"

// children sorts the children of the root.
func (s *suite) children(a *reply) {
	order := ""
	for _, e := range a.root.ChildElements() {
		switch {
		case e.Tag == "responseDate":
			order += "d"
			a.responseDate = e.Text()
		case e.Tag == "request":
			order += "r"
			a.requested = e
		case e.Tag == "error":
			order += "e"
			a.errors = append(a.errors, e)
		default:
			order += "v"
			a.verb = e
		}
	}
	lacks := "the answer does not consist of responseDate, request, and either errors or one answer"
	switch {
	case !strings.Contains(order, "d"):
		lacks = noResponseDate
	case !strings.Contains(order, "r"):
		lacks = "there is no request"
	}
	body := strings.TrimLeft(strings.TrimPrefix(order, "dr"), "e")
	ok := strings.HasPrefix(order, "dr") && (body == "" && len(a.errors) > 0 || body == "v" && len(a.errors) == 0)
	s.check("structure", ok, a, string(a.body), "%s", lacks)
	if want := a.args.Get("verb"); a.verb != nil && len(a.errors) == 0 && slices.Contains(allVerbs, want) && len(a.args["verb"]) == 1 {
		s.check("structure", a.verb.Tag == want, a, string(a.body), "the answer is %s, not %s", a.verb.Tag, want)
	}
	for _, code := range a.codes() {
		s.check("structure", slices.Contains(errorCodes, code), a, string(a.body), "%q is no error code of the protocol", code)
	}
}

var allVerbs = []string{"Identify", "ListMetadataFormats", "ListSets", "GetRecord", "ListIdentifiers", "ListRecords"}

var errorCodes = []string{"badArgument", "badResumptionToken", "badVerb", "cannotDisseminateFormat", "idDoesNotExist",
	"noRecordsMatch", "noMetadataFormats", "noSetHierarchy"}

func (s *suite) responseDate(a *reply) {
	if a.responseDate == "" && a.root.SelectElement("responseDate") == nil {
		return // the structure lacks it
	}
	t, g, err := oaipmh.ParseDatestamp(a.responseDate)
	if !s.check("response-date", err == nil && g == oaipmh.Second, a, string(a.body), "responseDate is %q", a.responseDate) {
		return
	}
	off := t.Sub(s.o.Now()).Abs()
	if s.check("response-date-clock", off <= time.Hour, a, a.responseDate, "responseDate is %v away from the checker's clock", off.Round(time.Minute)) {
		a.at = t
	}
}

// clock gives the repository's time of an answer, or ours if the answer's can't be believed.
func (s *suite) clock(a *reply) time.Time {
	if a.at.IsZero() {
		return s.o.Now().UTC()
	}
	return a.at
}

func (s *suite) requestElement(a *reply) {
	if a.requested == nil {
		return
	}
	text := elementText(a.requested)
	s.check("request-base-url", strings.TrimSpace(a.requested.Text()) == s.base || a.requested.Text() == s.baseURL, a, text, "the request element holds %q", a.requested.Text())
	if a.has("badVerb", "badArgument") {
		s.check("request-bare", len(attributes(a.requested)) == 0, a, text, "the request element has attributes after badVerb or badArgument")
		return
	}
	for name, values := range a.args {
		got := a.requested.SelectAttrValue(name, "")
		// An identifier that no schema allows can't be repeated.
		if len(a.errors) > 0 && name == "identifier" && got == "" {
			continue
		}
		s.checkOn(name, "request-attributes", got == values[0], a, text, "the attribute %s is %q", name, got)
	}
}

// attributes gives the names of the attributes of an element, without declarations of namespaces.
func attributes(e *etree.Element) (names []string) {
	for _, attr := range e.Attr {
		if attr.Space != "xmlns" && attr.Key != "xmlns" {
			names = append(names, attr.Key)
		}
	}
	return names
}

// schemaLocation checks the xsi:schemaLocation of an element, if it has one.
func (s *suite) schemaLocation(a *reply, e *etree.Element) {
	for _, attr := range e.Attr {
		if attr.Key == "schemaLocation" && attr.NamespaceURI() == xsiNamespace {
			s.check("schema-location", len(strings.Fields(attr.Value))%2 == 0, a, attr.Value, "schemaLocation is not made of pairs")
		}
	}
}

// elementText writes an element for an excerpt.
func elementText(e *etree.Element) string {
	doc := etree.NewDocument()
	doc.SetRoot(e.Copy())
	text, err := doc.WriteToString()
	if err != nil {
		return e.Tag
	}
	return text
}
