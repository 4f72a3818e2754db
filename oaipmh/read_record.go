package oaipmh

import (
	"bytes"
)

// record reads a record, or a header that stands for one (ListIdentifiers).
func (p *reading) record(local string) error {
	if local != "record" && local != "header" {
		p.r.warn("There are foreign elements between the records.")
		return p.s.Skip()
	}
	from := p.s.Offset()
	var rec Record
	if err := p.fillRecord(local, &rec); err != nil {
		return err
	}
	rec.Received.Raw = p.doc[from:p.s.EndOffset()]
	p.r.Records = append(p.r.Records, rec)
	return nil
}

func (p *reading) fillRecord(local string, rec *Record) error {
	if local == "header" {
		return p.header(rec)
	}
	return p.children(func(local string) error {
		switch local {
		case "header":
			return p.header(rec)
		case "metadata":
			element, space, err := p.inner()
			if element != nil && rec.Metadata == nil {
				rec.Metadata, rec.Received.Namespace = element, space
			}
			return err
		case "about":
			element, _, err := p.inner()
			if element != nil {
				rec.About = append(rec.About, element)
			}
			return err
		}
		return p.s.Skip()
	})
}

func (p *reading) header(rec *Record) error {
	if status, ok := p.s.Attr("", "status"); ok {
		// A second header does not bring a record back (pod.stanford.edu sends one).
		rec.Deleted = rec.Deleted || bytes.EqualFold(bytes.TrimSpace(status), []byte("deleted"))
	}
	return p.children(func(local string) error {
		switch local {
		case "identifier":
			return p.unlessEmpty(&rec.Identifier)
		case "datestamp":
			err := p.unlessEmpty(&rec.Received.Datestamp)
			rec.Datestamp = moment(rec.Received.Datestamp)
			return err
		case "setSpec":
			spec, err := p.rawValue()
			if err == nil && len(spec) > 0 {
				rec.Sets = append(rec.Sets, p.spec(spec))
			}
			return err
		}
		return p.s.Skip()
	})
}

func (p *reading) spec(b []byte) string {
	if s, ok := p.specs[string(b)]; ok {
		return s
	}
	s := string(b)
	if p.specs == nil {
		p.specs = map[string]string{}
	}
	if len(p.specs) < 10000 {
		p.specs[s] = s
	}
	return s
}
