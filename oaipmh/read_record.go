package oaipmh

import (
	"bytes"
	"strings"
	"time"
)

// record reads a record, or a header that stands for one (ListIdentifiers).
func (p *reading) record(local string) error {
	if local != "record" && local != "header" {
		p.r.warn("There are foreign elements between the records.")
		return p.s.Skip()
	}
	from := p.s.Offset()
	var rec ReceivedRecord
	if err := p.fillRecord(local, &rec); err != nil {
		return err
	}
	rec.Raw = p.doc[from:p.s.EndOffset()]
	p.r.Records = append(p.r.Records, rec)
	return nil
}

func (p *reading) fillRecord(local string, rec *ReceivedRecord) error {
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
				rec.Metadata, rec.Namespace = element, space
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

func (p *reading) header(rec *ReceivedRecord) error {
	if status, ok := p.s.Attr("", "status"); ok {
		// A second header does not bring a record back (pod.stanford.edu sends one).
		rec.Deleted = rec.Deleted || bytes.EqualFold(bytes.TrimSpace(status), []byte("deleted"))
	}
	return p.children(func(local string) error {
		switch local {
		case "identifier":
			return p.unlessEmpty(&rec.Identifier)
		case "datestamp":
			return p.unlessEmpty(&rec.Datestamp)
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

// readDate reads the dates that repositories really send: UTC in both granularities, with fractions,
// with an offset, without one (then taken as UTC), with a space for the T.
func readDate(v string) (time.Time, bool) {
	v = strings.ToUpper(strings.TrimSpace(v))
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00",
		"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700", time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil && t.Year() >= 1 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// ReadDatestamp reads a datestamp or responseDate of any repository: the protocol's two forms, and
// with fractions, offsets, a space for the T, or without a zone (then taken as UTC).
func ReadDatestamp(v string) (time.Time, bool) { return readDate(v) }
