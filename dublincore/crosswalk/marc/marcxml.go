package marc

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// readXML reads a MARCXML record, or the first record of a collection. Elements are known by their local names,
// because many sources leave the namespace out. A field without a tag, or a subfield without a code, has no
// meaning, and is passed over.
func (p *Parser) readXML(data []byte) error {
	if p.scanner == nil {
		p.scanner = xmlscan.New(nil, xmlscan.Limits{Depth: 32})
	}
	s := p.scanner
	s.Reset(data)
	inRecord := 0 // depth of the record element
	for {
		kind, err := s.Next()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		switch kind {
		case xmlscan.EOF:
			if inRecord == 0 {
				return fmt.Errorf("%w: there is no <record> in the MARCXML", ErrMalformed)
			}
			return nil
		case xmlscan.End:
			if inRecord > 0 && s.Depth() < inRecord {
				return p.drain()
			}
		case xmlscan.Start:
			if inRecord == 0 {
				if string(s.Local()) == "record" {
					inRecord = s.Depth()
				}
				continue
			}
			if err := p.element(); err != nil {
				return err
			}
		}
	}
}

// drain reads to the end of the document, so that one that was cut short after the record is refused, and counts the other
// records there.
func (p *Parser) drain() error {
	for {
		switch kind, err := p.scanner.Next(); {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		case kind == xmlscan.EOF:
			return nil
		case kind == xmlscan.Start && string(p.scanner.Local()) == "record":
			p.rec.others++
		}
	}
}

// element reads a child of the record.
func (p *Parser) element() error {
	s := p.scanner
	switch string(s.Local()) {
	case "leader":
		from := len(p.text)
		if err := p.appendText(); err != nil {
			return err
		}
		p.rec.Leader = string(p.text[from:])
		p.text = p.text[:from]
		return nil
	case "controlfield":
		tag, _ := s.Attr("", "tag")
		if len(tag) != 3 {
			return skip(s)
		}
		from := len(p.text)
		if err := p.appendText(); err != nil {
			return err
		}
		return p.addControl(string(tag), from)
	case "datafield":
		return p.datafield()
	}
	return skip(s)
}

func skip(s *xmlscan.Scanner) error {
	if err := s.Skip(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

func (p *Parser) appendText() (err error) {
	if p.text, err = p.scanner.AppendText(p.text); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

func (p *Parser) datafield() error {
	s := p.scanner
	tag, _ := s.Attr("", "tag")
	if len(tag) != 3 {
		return skip(s)
	}
	var ind [2]byte
	for i, name := range [...]string{"ind1", "ind2"} {
		if v, _ := s.Attr("", name); len(v) > 0 {
			ind[i] = v[0]
		}
	}
	if err := p.addData(string(tag), ind[0], ind[1]); err != nil {
		return err
	}
	depth := s.Depth()
	for {
		kind, err := s.Next()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		if kind == xmlscan.End && s.Depth() < depth {
			return nil
		}
		if kind != xmlscan.Start {
			continue
		}
		code, _ := s.Attr("", "code")
		if string(s.Local()) != "subfield" || len(code) != 1 {
			if err := skip(s); err != nil {
				return err
			}
			continue
		}
		c, from := code[0], len(p.text)
		if err := p.appendText(); err != nil {
			return err
		}
		if err := p.addSub(c, from); err != nil {
			return err
		}
	}
}
