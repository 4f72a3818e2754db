package oaitest

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beevik/etree"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

const (
	oaiNamespace = "http://www.openarchives.org/OAI/2.0/"
	xsiNamespace = "http://www.w3.org/2001/XMLSchema-instance"

	// maxBody bounds an answer, in bytes.
	maxBody = 64 << 20
	// maxTries bounds the tries of a request that is answered by "later".
	maxTries = 4
)

// A reply is an answer, read as far as it can be.
type reply struct {
	request string // as a URL
	args    url.Values
	status  int
	header  http.Header
	body    []byte

	root         *etree.Element // nil if it is not XML
	responseDate string
	requested    *etree.Element   // the request element
	verb         *etree.Element   // the verb's element, nil after errors
	errors       []*etree.Element // error elements
}

// codes gives the error codes of an answer.
func (a *reply) codes() []string {
	var codes []string
	for _, e := range a.errors {
		codes = append(codes, e.SelectAttrValue("code", ""))
	}
	return codes
}

func (a *reply) has(code ...string) bool {
	return slices.ContainsFunc(a.codes(), func(c string) bool { return slices.Contains(code, c) })
}

// args makes arguments of names and values.
func args(pairs ...string) url.Values {
	v := make(url.Values)
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

var errUnusable = errors.New("an answer that everything else depends on can't be used")

// ask makes a request and looks at everything that all answers have in common. The reply's root is nil if
// the answer is not OAI-PMH. An error ends the checks.
func (s *suite) ask(pairs ...string) (*reply, error) {
	v := args(pairs...)
	a, err := s.fetch(http.MethodGet, s.base+"?"+v.Encode(), nil, nil)
	if err != nil {
		return nil, err
	}
	a.args = v
	s.envelope(a)
	return a, nil
}

// fetch makes an HTTP request, and again when it is told to come later.
func (s *suite) fetch(method, address string, form url.Values, header http.Header) (*reply, error) {
	for try := 1; ; try++ {
		if s.report.Requests++; s.report.Requests > 1 {
			if err := s.wait(s.o.Delay); err != nil {
				return nil, err
			}
		}
		a, err := s.fetchOnce(method, address, form, header)
		if err != nil {
			return nil, err
		}
		if a.status != http.StatusServiceUnavailable && a.status != http.StatusTooManyRequests || try == maxTries {
			return a, nil
		}
		if err := s.wait(min(retryAfter(a.header), s.o.MaxWait)); err != nil {
			return nil, err
		}
	}
}

func retryAfter(h http.Header) time.Duration {
	if n, err := strconv.Atoi(h.Get("Retry-After")); err == nil && n >= 0 {
		return time.Duration(n) * time.Second
	}
	return 10 * time.Second
}

func (s *suite) fetchOnce(method, address string, form url.Values, header http.Header) (*reply, error) {
	r, err := http.NewRequestWithContext(s.ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		address += " with " + form.Encode()
	}
	r.Header.Set("User-Agent", s.o.UserAgent)
	r.Header.Set("Accept-Encoding", "identity") // so that nothing is unpacked behind our back
	for name, values := range header {
		r.Header[name] = values
	}
	client := *s.o.Client
	redirected := false
	client.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
		if redirected = true; len(via) > 5 {
			return errors.New("too many redirects")
		}
		return nil
	}
	res, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", address, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	a := &reply{request: address, status: res.StatusCode, header: res.Header, body: body}
	switch {
	case len(body) > maxBody:
		return nil, fmt.Errorf("asking %s: the answer is larger than 64 MiB", address)
	case err != nil:
		s.fail("well-formed", a, "", "the answer breaks off: %v", err)
	}
	s.check("no-redirect", !redirected, a, "", "the answer came from %s", res.Request.URL)
	return a, nil
}

// envelope reads an answer and checks what all answers have in common (sections 3.1.2 and 3.2).
func (s *suite) envelope(a *reply) {
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	s.check("content-type", strings.EqualFold(strings.TrimSpace(kind), "text/xml"), a, a.header.Get("Content-Type"), "Content-Type is %q", kind)
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
