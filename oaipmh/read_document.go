package oaipmh

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

const readNamespace = "http://www.openarchives.org/OAI/2.0/"

// A reading goes through one document. It returns errors of the scanner, after which the document is read apart
// ([readApart]), and errors of its own, which are final.
type reading struct {
	s     *xmlscan.Scanner
	r     *Response
	doc   []byte
	free  []byte // of the block from which room gives
	text  []byte
	specs map[string]string // set specs: equal ones share one string
	// scope, if not nil, is called with the namespaces in scope where the list begins.
	scope func(prefix, uri string) bool
}

// children calls each for every element inside the current one, with its local name. each must read to the end of
// that element.
func (p *reading) children(each func(local string) error) error {
	for {
		kind, err := p.s.Next()
		if err != nil {
			return err
		}
		switch kind {
		case xmlscan.End:
			return nil
		case xmlscan.Start:
			if err := each(string(p.s.Local())); err != nil {
				return err
			}
		}
	}
}

// value is the trimmed text of the current element.
func (p *reading) value() (string, error) {
	text, err := p.rawValue()
	return string(text), err
}

func (p *reading) rawValue() ([]byte, error) {
	var err error
	p.text, err = p.s.AppendText(p.text[:0])
	return bytes.TrimSpace(p.text), err
}

func (p *reading) into(dst *string) error {
	v, err := p.value()
	*dst = v
	return err
}

func (p *reading) unlessEmpty(dst *string) error {
	v, err := p.rawValue()
	if len(v) > 0 {
		*dst = string(v)
	}
	return err
}

func (p *reading) append(dst *[]string) error {
	v, err := p.value()
	if v != "" {
		*dst = append(*dst, v)
	}
	return err
}

func (p *reading) document() error {
	if _, err := p.s.Next(); err != nil {
		return err
	}
	switch root := string(p.s.Local()); {
	case root == "OAI-PMH":
		p.namespace(p.s.Space())
		if err := p.children(p.topLevel); err != nil {
			return err
		}
	case isVerb(root): // version 1.1: the verb is the root
		p.r.warn("The repository speaks version 1.1 of OAI-PMH.")
		if err := p.topLevel(root); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%w: the root element is <%s>", ErrNotOAI, root)
	}
	for {
		kind, err := p.s.Next()
		if err != nil {
			return err
		}
		if kind == xmlscan.EOF {
			break
		}
	}
	if p.r.Verb == "" && len(p.r.Errors) == 0 {
		return fmt.Errorf("%w: there is neither an answer nor an error in it", ErrNotOAI)
	}
	return nil
}

func (p *reading) namespace(space string) {
	switch {
	case space == readNamespace:
	case space == "":
		p.r.warn("The response has no OAI-PMH namespace.")
	case strings.Contains(space, "/OAI/1."):
		p.r.warn("The response has the namespace of OAI-PMH version 1.")
	default:
		p.r.warn("The response has a wrong OAI-PMH namespace.")
	}
}

func isVerb(name string) bool {
	switch name {
	case "Identify", "ListMetadataFormats", "ListSets", "GetRecord", "ListIdentifiers", "ListRecords":
		return true
	}
	return false
}

func (p *reading) topLevel(local string) error {
	switch {
	case local == "responseDate":
		return p.date()
	case local == "error":
		return p.reportedError()
	case local == "resumptionToken":
		p.r.warn("A resumptionToken stands outside the list.")
		return p.token()
	case isVerb(local):
		p.r.Verb = local
		if p.scope != nil {
			p.s.Namespaces(p.scope)
		}
		return p.answer(local)
	}
	return p.s.Skip()
}

func (p *reading) date() error {
	v, err := p.value()
	if t := moment(v); !t.IsZero() {
		p.r.Date = t
	}
	return err
}

func (p *reading) reportedError() error {
	code, _ := p.s.Attr("", "code")
	e := ResponseError{Code: string(bytes.TrimSpace(code))}
	err := p.into(&e.Message)
	p.r.Errors = append(p.r.Errors, e)
	return err
}

func (p *reading) answer(verb string) error {
	var one func(local string) error
	switch verb {
	case "Identify":
		p.r.Identify = &Identity{}
		one = p.identification
	case "ListMetadataFormats":
		one = p.format
	case "ListSets":
		one = p.set
	default:
		one = p.record
	}
	return p.children(func(local string) error {
		switch local {
		case "resumptionToken":
			return p.token()
		case "responseDate": // this and the next in version 1.1
			return p.date()
		case "requestURL":
			return p.s.Skip()
		case "error":
			return p.reportedError()
		}
		return one(local)
	})
}

func (p *reading) identification(local string) error {
	i := p.r.Identify
	switch local {
	case "repositoryName":
		return p.into(&i.Name)
	case "baseURL":
		return p.into(&i.Door.BaseURL)
	case "protocolVersion":
		return p.into(&i.Door.ProtocolVersion)
	case "adminEmail":
		return p.append(&i.AdminEmails)
	case "earliestDatestamp":
		err := p.into(&i.Door.EarliestDatestamp)
		i.EarliestDatestamp = moment(i.Door.EarliestDatestamp)
		return err
	case "deletedRecord":
		return p.into(&i.DeletedRecord)
	case "granularity":
		return p.into(&i.Door.Granularity)
	case "compression":
		return p.append(&i.Door.Compression)
	case "description":
		element, space, err := p.inner()
		if err != nil || element == nil {
			return err
		}
		i.Descriptions = append(i.Descriptions, element)
		if strings.HasPrefix(space, "http://www.openarchives.org/OAI/2.0/oai-identifier") ||
			strings.HasPrefix(space, "http://www.openarchives.org/OAI/1.1/oai-identifier") {
			i.Door.RepositoryIdentifier = repositoryIdentifier(element)
		}
		return nil
	}
	return p.s.Skip()
}

// repositoryIdentifier reads the domain in an oai-identifier description.
func repositoryIdentifier(description []byte) string {
	s := xmlscan.New(description, readLimits)
	for {
		kind, err := s.Next()
		if err != nil || kind == xmlscan.EOF {
			return ""
		}
		if kind == xmlscan.Start && string(s.Local()) == "repositoryIdentifier" {
			text, err := s.AppendText(nil)
			if err != nil {
				return ""
			}
			return string(bytes.TrimSpace(text))
		}
	}
}

func (p *reading) format(local string) error {
	if local != "metadataFormat" {
		return p.s.Skip()
	}
	var f Format
	err := p.children(func(local string) error {
		switch local {
		case "metadataPrefix":
			return p.into(&f.Prefix)
		case "schema":
			return p.into(&f.Schema)
		case "metadataNamespace":
			return p.into(&f.Namespace)
		}
		return p.s.Skip()
	})
	p.r.Formats = append(p.r.Formats, f)
	return err
}

func (p *reading) set(local string) error {
	if local != "set" {
		return p.s.Skip()
	}
	var set Set
	err := p.children(func(local string) error {
		switch local {
		case "setSpec":
			return p.into(&set.Spec)
		case "setName":
			return p.into(&set.Name)
		case "setDescription":
			element, _, err := p.inner()
			if element != nil {
				set.Descriptions = append(set.Descriptions, element)
			}
			return err
		}
		return p.s.Skip()
	})
	p.r.Sets = append(p.r.Sets, set)
	return err
}

// inner returns the first element inside the current one, made self-contained, and its namespace.
func (p *reading) inner() (element []byte, space string, err error) {
	err = p.children(func(string) error {
		if element != nil {
			return p.s.Skip()
		}
		space = p.s.Space()
		found, err := p.s.Element(p.room)
		element = found
		return err
	})
	return element, space, err
}

// room gives an empty slice. Many share a block, which spares an allocation for each.
func (p *reading) room(n int) []byte {
	if n > len(p.free) {
		p.free = make([]byte, max(n, min(len(p.doc), 64<<10)))
	}
	out := p.free[:0:n]
	p.free = p.free[n:]
	return out
}

// token reads a resumptionToken. If there are several, the last one that is not empty counts.
func (p *reading) token() error {
	t := ResumptionToken{CompleteListSize: -1, Cursor: -1}
	for _, a := range p.s.Attrs() {
		value := string(bytes.TrimSpace(a.Value))
		switch a.Name.Local {
		case "completeListSize":
			t.CompleteListSize = p.count(value)
		case "cursor":
			t.Cursor = p.count(value)
		case "expirationDate":
			t.Expires = moment(value)
		}
	}
	if err := p.into(&t.Value); err != nil {
		return err
	}
	if old := p.r.Token; old != nil {
		p.r.warn("There is more than one resumptionToken.")
		if t.Value == "" {
			return nil
		}
	}
	p.r.Token = &t
	return nil
}

// count reads a number of the token. The result is negative if v is not a number.
func (p *reading) count(v string) int {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		p.r.warn("A number on the resumptionToken is not a number.")
		return -1
	}
	return n
}
