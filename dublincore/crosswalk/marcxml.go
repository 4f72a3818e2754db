package crosswalk

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// readXML reads a MARCXML record, or the first record of a collection. Elements count by their local
// names: records without the namespace are common. A data field without a tag, or a subfield without
// a code, says nothing that could be mapped, and is passed over.
func (m *marcRecord) readXML(data []byte) error {
	s := m.scanner
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
				return m.drain()
			}
		case xmlscan.Start:
			if inRecord == 0 {
				if string(s.Local()) == "record" {
					inRecord = s.Depth()
				}
				continue
			}
			if err := m.element(); err != nil {
				return err
			}
		}
	}
}

// drain reads on to the end, so that a document that is cut short after its record is refused.
func (m *marcRecord) drain() error {
	for {
		if kind, err := m.scanner.Next(); err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		} else if kind == xmlscan.EOF {
			return nil
		}
	}
}

// element reads a child of the record.
func (m *marcRecord) element() error {
	s := m.scanner
	switch string(s.Local()) {
	case "leader":
		from := len(m.buf)
		if err := m.text(); err != nil {
			return err
		}
		m.leader = string(m.buf[from:])
		m.buf = m.buf[:from]
		return nil
	case "controlfield":
		tag, _ := s.Attr("", "tag")
		if len(tag) != 3 {
			return skip(s)
		}
		if err := m.addField(string(tag), ' ', ' ', true); err != nil {
			return err
		}
		f := &m.fields[len(m.fields)-1]
		f.from = len(m.buf)
		err := m.text()
		f.to = len(m.buf)
		return err
	case "datafield":
		return m.datafield()
	}
	return skip(s)
}

func skip(s *xmlscan.Scanner) error {
	if err := s.Skip(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

func (m *marcRecord) text() (err error) {
	if m.buf, err = m.scanner.AppendText(m.buf); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

func (m *marcRecord) datafield() error {
	s := m.scanner
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
	if err := m.addField(string(tag), ind[0], ind[1], false); err != nil {
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
		c, from := code[0], len(m.buf)
		if err := m.text(); err != nil {
			return err
		}
		if err := m.addSub(c, from, len(m.buf)); err != nil {
			return err
		}
	}
}
