package oaitest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// A parsed is an answer as XML.
type parsed struct {
	root    *etree.Element // nil if it can't be read
	problem string         // what is wrong with it as XML in UTF-8; empty if nothing is
	around  string         // where
	doctype bool           // it declares a document type, as XML may
}

// parse reads an answer. If something stands around the element OAI-PMH, it reads that alone, so that one notice of PHP
// does not hide all else.
func parse(body []byte) parsed {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	if len(bytes.TrimSpace(body)) == 0 {
		return parsed{problem: "the answer is empty"}
	}
	p := parseOnly(body)
	if p.root == nil {
		if inner := envelopeIn(body); len(inner) < len(bytes.TrimSpace(body)) {
			p.root = parseOnly(inner).root
		}
	}
	switch {
	case !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		p.problem = "something stands before the XML"
	case !utf8.Valid(body):
		p.problem = "the answer is not UTF-8"
	case p.problem == "" && bytes.HasPrefix(body, []byte("<?xml")) && notUTF8(body):
		p.problem = "the answer is declared to be in another encoding than UTF-8"
	case p.problem == "" && !bytes.HasPrefix(body, []byte("<")) && bytes.HasPrefix(bytes.TrimSpace(body), []byte("<?xml")):
		p.problem = "white space stands before the XML declaration"
	}
	if p.problem != "" && p.around == "" {
		p.around = string(body)
	}
	return p
}

// parseOnly reads a document and nothing around it.
func parseOnly(body []byte) (p parsed) {
	entities, err := p.shape(body)
	doc := etree.NewDocument()
	doc.ReadSettings.CharsetReader = asIs
	doc.ReadSettings.Entity = entities
	if err == nil || errors.Is(err, errNested) {
		if bad := doc.ReadFromBytes(body); bad != nil {
			err = bad
		} else {
			p.root = doc.Root()
		}
	}
	if err != nil {
		p.problem, p.around = "the answer is not well-formed: "+err.Error(), around(string(body), err)
	}
	return p
}

var (
	opening = regexp.MustCompile(`<\?xml |<(?:[\w.-]+:)?OAI-PMH[\s>]`)
	closing = regexp.MustCompile(`</(?:[\w.-]+:)?OAI-PMH\s*>`)
)

// envelopeIn gives the part of an answer from the XML declaration to the end of the element OAI-PMH.
func envelopeIn(body []byte) []byte {
	start, end := opening.FindIndex(body), closing.FindAllIndex(body, -1)
	if start == nil || end == nil || start[0] > end[len(end)-1][1] {
		return body
	}
	return body[start[0]:end[len(end)-1][1]]
}

// asIs reads every encoding as UTF-8: another one was a failure already.
func asIs(_ string, r io.Reader) (io.Reader, error) { return r, nil }

// errNested is the one fault that leaves an answer readable.
var errNested = errors.New("there is an XML declaration inside")

// shape checks that a document is one element, with nothing but white space, comments and a document type around it. It
// gives the entities that the document type declares.
func (p *parsed) shape(body []byte) (entities map[string]string, err error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = asIs
	depth, roots, nested := 0, 0, error(nil)
	for {
		token, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF) && depth == 0 && roots == 1:
			return entities, nested
		case errors.Is(err, io.EOF):
			return nil, errors.New("it breaks off")
		case err != nil:
			return nil, err
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
				return nil, errors.New("there is text outside the element OAI-PMH")
			}
		case xml.ProcInst:
			if t.Target == "xml" && depth+roots > 0 {
				nested = errNested
			}
		case xml.Directive:
			if roots > 0 {
				return nil, errors.New("there is a declaration inside the document")
			}
			p.doctype = true
			entities = entitiesIn(t)
			d.Entity = entities
		}
		if depth < 0 || roots > 1 || depth > 256 {
			return nil, errors.New("it is not one element")
		}
	}
}

var entity = regexp.MustCompile(`<!ENTITY\s+([\w.-]+)\s+(?:"([^"<&%]*)"|'([^'<&%]*)')\s*>`)

// maxEntity bounds the text of an entity, which a document may ask for as often as it likes.
const maxEntity = 1000

// entitiesIn gives the plain texts that a document type declares names for.
func entitiesIn(doctype []byte) map[string]string {
	entities := make(map[string]string)
	for _, m := range entity.FindAllSubmatch(doctype, 1000) {
		if text := string(m[2]) + string(m[3]); len(text) <= maxEntity {
			entities[string(m[1])] = text
		}
	}
	return entities
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
	if errors.Is(err, errNested) {
		return text[strings.LastIndex(text, "<?xml"):]
	}
	return text[max(0, len(text)-300):]
}

func notUTF8(body []byte) bool {
	declaration, _, _ := bytes.Cut(body, []byte("?>"))
	_, encoding, ok := strings.Cut(strings.ToLower(string(declaration)), "encoding=")
	return ok && !strings.HasPrefix(strings.Trim(encoding, `"'`), "utf-8")
}
