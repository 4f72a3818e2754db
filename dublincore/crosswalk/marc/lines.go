package marc

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// readLines reads the form in which people write records: =TAG, two spaces, indicators, $subfields. A blank is a
// backslash, as in MarcEdit, or a space.
func (p *Parser) readLines(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%w: the lines of a MARC record are not UTF-8", ErrMalformed)
	}
	for raw := range strings.Lines(text) {
		l := strings.TrimRight(raw, "\r\n")
		if strings.TrimSpace(l) == "" {
			continue
		}
		if len(l) < 6 || l[0] != '=' || l[4:6] != "  " {
			return fmt.Errorf("%w: a line of a MARC record looks like =245  10$aTitle, not %.80q", ErrMalformed, l)
		}
		tag, rest := l[1:4], l[6:]
		if !isASCII(tag) {
			return fmt.Errorf("%w: %q is no tag of a MARC field", ErrMalformed, l[:4])
		}
		if tag == "LDR" || tag == "000" {
			p.rec.Leader = strings.ReplaceAll(rest, "\\", " ")
			continue
		}
		if strings.HasPrefix(tag, "00") {
			from := len(p.text)
			p.text = append(p.text, strings.ReplaceAll(rest, "\\", " ")...)
			if err := p.addControl(tag, from); err != nil {
				return err
			}
			continue
		}
		if len(rest) < 2 {
			return fmt.Errorf("%w: field %s has no indicators", ErrMalformed, tag)
		}
		if err := p.addData(tag, rest[0], rest[1]); err != nil {
			return err
		}
		for i, part := range strings.Split(rest[2:], "$") {
			if i == 0 || part == "" {
				continue
			}
			if !isSign(part[0]) {
				return fmt.Errorf("%w: field %s has a subfield without a code", ErrMalformed, tag)
			}
			from := len(p.text)
			p.text = append(p.text, strings.ReplaceAll(part[1:], "{dollar}", "$")...)
			if err := p.addSub(part[0], from); err != nil {
				return err
			}
		}
	}
	return nil
}

// String is the record in lines, for people. Blanks of control fields and indicators are backslashes, as in
// MarcEdit, and a dollar sign within a text is {dollar}.
func (r *Record) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "=LDR  %s\n", visible.Replace(r.Leader))
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.IsControl() {
			fmt.Fprintf(&b, "=%s  %s\n", f.Tag, visible.Replace(f.Data))
			continue
		}
		fmt.Fprintf(&b, "=%s  %s", f.Tag, visible.Replace(string([]byte{indicator(f.Ind1), indicator(f.Ind2)})))
		for _, s := range f.Subfields {
			fmt.Fprintf(&b, "$%c%s", s.Code, oneLine.Replace(s.Text))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

var (
	visible = strings.NewReplacer(" ", `\`, "\n", `\`, "\r", `\`)
	oneLine = strings.NewReplacer("$", "{dollar}", "\n", " ", "\r", " ")
)
