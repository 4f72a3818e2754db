package xmlscan

import "bytes"

// Marks of the canonical form. XML 1.0 allows none of these bytes in a document, so no text can be mistaken for a mark.
const (
	markStart = 0x01 // namespace, markName, local name
	markName  = 0x02
	markAttr  = 0x03 // namespace, markName, local name, markValue, value
	markValue = 0x04
	markText  = 0x05
	markEnd   = 0x06
)

// AppendCanonical appends a form of the document for comparing contents. Two documents have the same form if they differ
// only in namespace prefixes, the order of attributes, comments and instructions, CDATA sections and references, or
// white space between elements. The form is not XML.
//
// White space is kept if it is all that an element without children has.
func AppendCanonical(dst, doc []byte) ([]byte, error) {
	return NewCanonicalizer(Limits{}).Append(dst, doc)
}

// A Canonicalizer makes the canonical forms of many documents, and uses its buffers again for each.
type Canonicalizer struct {
	s     *Scanner
	order []int
}

// NewCanonicalizer makes a Canonicalizer. It is for one goroutine.
func NewCanonicalizer(lim Limits) *Canonicalizer {
	return &Canonicalizer{s: New(nil, lim)}
}

// Append does the same as [AppendCanonical].
func (c *Canonicalizer) Append(dst, doc []byte) ([]byte, error) {
	s := c.s
	s.Reset(doc)
	defer s.Reset(nil)
	textAt := -1 // where the text since the last tag begins in dst, mark included
	last := EOF
	for {
		kind, err := s.Next()
		if err != nil {
			return dst, err
		}
		if kind == Text {
			if textAt < 0 {
				textAt = len(dst)
				dst = append(dst, markText)
			}
			dst = append(dst, s.text...)
			continue
		}
		if textAt >= 0 {
			leaf := last == Start && kind == End
			if !leaf && allSpace(dst[textAt+1:]) {
				dst = dst[:textAt]
			}
			textAt = -1
		}
		switch kind {
		case EOF:
			return dst, nil
		case Start:
			dst = append(dst, markStart)
			dst = appendName(dst, s.cur.space, s.cur.local())
			dst = c.attrs(dst)
		case End:
			dst = append(dst, markEnd)
		}
		last = kind
	}
}

func appendName(dst []byte, space string, local []byte) []byte {
	dst = append(dst, space...)
	dst = append(dst, markName)
	return append(dst, local...)
}

// attrs appends the attributes of the current Start in the order of their names.
func (c *Canonicalizer) attrs(dst []byte) []byte {
	raw := c.s.raw
	c.order = c.order[:0]
	for i := range raw {
		k := len(c.order)
		c.order = append(c.order, i)
		for ; k > 0 && lessAttr(&raw[i], &raw[c.order[k-1]]); k-- {
			c.order[k] = c.order[k-1]
		}
		c.order[k] = i
	}
	for _, i := range c.order {
		dst = append(dst, markAttr)
		dst = appendName(dst, raw[i].space, raw[i].local())
		dst = append(dst, markValue)
		dst = append(dst, raw[i].value...)
	}
	return dst
}

func lessAttr(a, b *rawAttr) bool {
	if a.space != b.space {
		return a.space < b.space
	}
	return bytes.Compare(a.local(), b.local()) < 0
}

func allSpace(b []byte) bool {
	for _, c := range b {
		if class[c]&isSpace == 0 {
			return false
		}
	}
	return true
}
