package marc

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Namespace is the XML namespace of MARCXML.
const Namespace = "http://www.loc.gov/MARC21/slim"

// AppendMARCXML appends the record as an element of MARCXML that declares its namespace. A file of several
// records has them in an element collection. The error wraps [ErrMalformed]: the record has a tag, an indicator,
// a code or a character that no MARCXML can have. Then dst is returned as it was.
func (r *Record) AppendMARCXML(dst []byte) ([]byte, error) {
	if err := r.check(xmlscan.IsClean); err != nil {
		return dst, err
	}
	dst = append(dst, `<record xmlns="`+Namespace+`"><leader>`...)
	dst = xmlscan.AppendText(dst, r.Leader)
	dst = append(dst, "</leader>"...)
	for i := range r.Fields {
		dst = r.Fields[i].appendXML(dst)
	}
	return append(dst, "</record>"...), nil
}

func (f *Field) appendXML(dst []byte) []byte {
	if f.IsControl() {
		dst = xmlscan.AppendAttribute(append(dst, `<controlfield tag="`...), f.Tag)
		dst = xmlscan.AppendText(append(dst, `">`...), f.Data)
		return append(dst, "</controlfield>"...)
	}
	dst = xmlscan.AppendAttribute(append(dst, `<datafield tag="`...), f.Tag)
	dst = xmlscan.AppendAttribute(append(dst, `" ind1="`...), string(indicator(f.Ind1)))
	dst = xmlscan.AppendAttribute(append(dst, `" ind2="`...), string(indicator(f.Ind2)))
	dst = append(dst, `">`...)
	for _, s := range f.Subfields {
		dst = xmlscan.AppendAttribute(append(dst, `<subfield code="`...), string(s.Code))
		dst = xmlscan.AppendText(append(dst, `">`...), s.Text)
		dst = append(dst, "</subfield>"...)
	}
	return append(dst, "</datafield>"...)
}

// check reports what no form of MARC can hold, and texts that are not good.
func (r *Record) check(good func(text string) bool) error {
	if len(r.Fields) == 0 {
		return fmt.Errorf("%w: the MARC record has no fields", ErrMalformed)
	}
	if !good(r.Leader) {
		return fmt.Errorf("%w: the leader %.80q has characters that cannot be written", ErrMalformed, r.Leader)
	}
	for i := range r.Fields {
		if err := r.Fields[i].check(good); err != nil {
			return fmt.Errorf("%w: field %q of the MARC record: %w", ErrMalformed, r.Fields[i].Tag, err)
		}
	}
	return nil
}

func (f *Field) check(good func(string) bool) error {
	switch {
	case !isTag(f.Tag):
		return fmt.Errorf("a tag has three signs of ASCII")
	case f.Data != "" && !f.IsControl():
		return fmt.Errorf("it has the data of a control field beside indicators or subfields")
	case !good(f.Data):
		return fmt.Errorf("%.80q has characters that cannot be written", f.Data)
	case !isSign(indicator(f.Ind1)) || !isSign(indicator(f.Ind2)):
		return fmt.Errorf("its indicators %q are not signs of ASCII", string([]byte{f.Ind1, f.Ind2}))
	}
	for _, s := range f.Subfields {
		if !isSign(s.Code) {
			return fmt.Errorf("the code %q of a subfield is not a sign of ASCII", s.Code)
		}
		if !good(s.Text) {
			return fmt.Errorf("%.80q has characters that cannot be written", s.Text)
		}
	}
	return nil
}

func isTag(tag string) bool {
	return len(tag) == 3 && isGraphic(tag[0]) && isGraphic(tag[1]) && isGraphic(tag[2])
}

func isGraphic(c byte) bool { return c > ' ' && c < 0x7F }

func isSign(c byte) bool { return c == ' ' || isGraphic(c) }
