package oaitest

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beevik/etree"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// envelope reads an answer and checks what all answers have in common (sections 3.1.2 and 3.2).
func (s *suite) envelope(a *reply) {
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	_, parameters, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	charset := parameters["charset"]
	s.check("content-type", err == nil && strings.EqualFold(strings.TrimSpace(kind), "text/xml") && (charset == "" || strings.EqualFold(charset, "utf-8")),
		a, a.header.Get("Content-Type"), "Content-Type is %q", a.header.Get("Content-Type"))
	if bytes.HasPrefix(a.body, []byte{0x1f, 0x8b}) && a.header.Get("Content-Encoding") == "" {
		s.fail("compression", a, "", "the answer is compressed though it was not asked for, and not marked so")
		if z, err := gzip.NewReader(bytes.NewReader(a.body)); err == nil {
			a.body, _ = io.ReadAll(io.LimitReader(z, maxBody))
		}
	}
	if !s.check("http-status", a.status == http.StatusOK, a, string(a.body), "the HTTP status is %d", a.status) && a.status >= 500 {
		return
	}
	root := s.wellFormed(a)
	if root == nil {
		return
	}
	if !s.check("namespace", root.Tag == "OAI-PMH" && root.NamespaceURI() == oaiNamespace, a, string(a.body),
		"the root is %s in %q", root.Tag, root.NamespaceURI()) && root.Tag != "OAI-PMH" {
		return
	}
	a.root = root
	s.schemaLocation(a, root)
	s.children(a)
	if verb := a.args.Get("verb"); slices.Contains(allVerbs, verb) && len(a.args["verb"]) == 1 {
		s.check("verbs", !a.has("badVerb"), a, string(a.body), "%s is badVerb", verb)
	}
	s.responseDate(a)
	s.requestElement(a)
}

// wellFormed gives the root of an answer, nil if it is not XML.
func (s *suite) wellFormed(a *reply) *etree.Element {
	body := bytes.TrimPrefix(a.body, []byte("\uFEFF"))
	text := string(body)
	problem := ""
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		problem = "the answer is empty"
	case !bytes.HasPrefix(body, []byte("<")):
		problem = "something stands before the XML"
	case !utf8.Valid(body):
		problem = "the answer is not UTF-8"
	case strings.Count(text, "<?xml ") > 1:
		problem = "there is an XML declaration inside"
		text = text[strings.LastIndex(text, "<?xml "):]
	case bytes.HasPrefix(body, []byte("<?xml")) && notUTF8(body):
		problem = "the answer is declared to be in another encoding than UTF-8"
	}
	doc := etree.NewDocument()
	doc.ReadSettings.CharsetReader = asIs
	err := oneElement(body)
	if err == nil {
		err = doc.ReadFromBytes(body)
	}
	if err != nil && problem == "" {
		problem = "the answer is not well-formed: " + err.Error()
		text = around(text, err)
	}
	s.check("well-formed", problem == "", a, text, "%s", problem)
	if err != nil {
		return nil
	}
	return doc.Root()
}

// asIs reads every encoding as UTF-8: another one was a failure already.
func asIs(_ string, r io.Reader) (io.Reader, error) { return r, nil }

// oneElement checks that a document is one element, with nothing but white space and comments around it.
func oneElement(body []byte) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = asIs
	depth, roots := 0, 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) && depth == 0 && roots == 1 {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return errors.New("it breaks off")
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				return errors.New("there is text outside the element OAI-PMH")
			}
		case xml.Directive:
			return errors.New("it has a document type")
		}
		if depth < 0 || roots > 1 || depth > 256 {
			return errors.New("it is not one element")
		}
	}
}

// around gives the line that an error of encoding/xml names.
func around(text string, err error) string {
	_, after, ok := strings.Cut(err.Error(), "line ")
	number, _, _ := strings.Cut(after, ":")
	if n, err := strconv.Atoi(number); ok && err == nil && n > 1 {
		for i, line := range slices.Collect(strings.Lines(text)) {
			if i+1 == n {
				return line
			}
		}
	}
	return text[max(0, len(text)-300):]
}

func notUTF8(body []byte) bool {
	declaration, _, _ := bytes.Cut(body, []byte("?>"))
	_, encoding, ok := strings.Cut(strings.ToLower(string(declaration)), "encoding=")
	return ok && !strings.HasPrefix(strings.Trim(encoding, `"'`), "utf-8")
}

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
	body := strings.TrimLeft(strings.TrimPrefix(order, "dr"), "e")
	ok := strings.HasPrefix(order, "dr") && (body == "" && len(a.errors) > 0 || body == "v" && len(a.errors) == 0)
	s.check("structure", ok, a, string(a.body), "the answer does not consist of responseDate, request, and either errors or one answer")
	if a.verb != nil && len(a.errors) == 0 {
		want := a.args.Get("verb")
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
	t, g, err := oaipmh.ParseDatestamp(a.responseDate)
	if !s.check("response-date", err == nil && g == oaipmh.Second, a, string(a.body), "responseDate is %q", a.responseDate) {
		return
	}
	off := t.Sub(s.o.Now()).Abs()
	s.check("response-date-clock", off <= time.Hour, a, a.responseDate, "responseDate is %v away from the checker's clock", off.Round(time.Minute))
}

func (s *suite) requestElement(a *reply) {
	if a.requested == nil {
		return
	}
	text := elementText(a.requested)
	s.check("request-base-url", a.requested.Text() == s.base, a, text, "the request element holds %q", a.requested.Text())
	if a.has("badVerb", "badArgument") {
		s.check("request-bare", len(a.requested.Attr) == 0, a, text, "the request element has attributes after badVerb or badArgument")
		return
	}
	for name, values := range a.args {
		got := a.requested.SelectAttrValue(name, "")
		// An identifier that no schema allows can't be repeated.
		if len(a.errors) > 0 && name == "identifier" && got == "" {
			continue
		}
		s.check("request-attributes", got == values[0], a, text, "the attribute %s is %q", name, got)
	}
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
