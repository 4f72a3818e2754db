package dublincore

import "github.com/sheaf-gateway/sheaf/internal/wording"

// AppendJSON appends the record as a JSON object: each term that has values, in canonical order, with
// the list of them.
//
//	{"title":[{"value":"Notes","lang":"en"}],"created":[{"value":"1957-04","scheme":"W3CDTF","original":"April 1957"}]}
//
// Empty members are left out, and so is "from" for a value that was extracted. The result is valid JSON whatever the
// values hold: bytes that are not UTF-8 become U+FFFD. "<", ">", "&", U+2028 and U+2029 are escaped, so that the
// object may stand in an HTML page, and so that encoding/json leaves it as it is.
func (r *Record) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	last := noTerm
	for _, v := range r.canonical() {
		if v.Term == noTerm || v.Term >= termCount {
			continue
		}
		switch {
		case v.Term == last:
			dst = append(dst, ',')
		case last == noTerm:
			dst = appendTermKey(dst, v.Term)
		default:
			dst = appendTermKey(append(dst, ']', ','), v.Term)
		}
		last = v.Term
		dst = appendValueJSON(dst, &v)
	}
	if last != noTerm {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendTermKey(dst []byte, t Term) []byte {
	dst = append(dst, '"')
	dst = append(dst, t.String()...)
	return append(dst, '"', ':', '[')
}

func appendValueJSON(dst []byte, v *Value) []byte {
	dst = append(dst, `{"value":`...)
	dst = wording.AppendJSONForHTML(dst, v.Text)
	if v.Lang != "" {
		dst = wording.AppendJSONForHTML(append(dst, `,"lang":`...), v.Lang)
	}
	if v.Scheme != "" {
		dst = wording.AppendJSONForHTML(append(dst, `,"scheme":`...), v.Scheme)
	}
	if v.Original != "" {
		dst = wording.AppendJSONForHTML(append(dst, `,"original":`...), v.Original)
	}
	if v.From != Extracted {
		dst = wording.AppendJSONForHTML(append(dst, `,"from":`...), v.From.String())
	}
	return append(dst, '}')
}

// MarshalJSON is [Record.AppendJSON] for encoding/json.
func (r *Record) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil), nil }
