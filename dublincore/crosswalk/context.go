package crosswalk

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// ContextValue makes a value for Input.Context from the name of a term and a text of the configuration. The text is
// brought into the standard form of the term, if it has one: "Albanian" becomes an ISO 639-3 code, a rights URI is
// mended. The error is an [*Error] that names the nearest term, or says what the text should be.
func ContextValue(term, text string) (dublincore.Value, error) {
	t, ok := dublincore.TermNamed(term)
	if !ok {
		return dublincore.Value{}, &Error{File: "context", Msg: fmt.Sprintf("%q is no term of a record", term), Hint: wording.Nearest(term, termNames())}
	}
	v := dublincore.Value{Term: t, Text: tidy(text), From: dublincore.Context}
	if v.Text == "" {
		return dublincore.Value{}, &Error{File: "context", Msg: term + " has no value"}
	}
	n := normal{}
	switch t {
	case dublincore.Language:
		n = normalLanguage(v.Text)
	case dublincore.Type:
		n = normalType(v.Text)
	case dublincore.Rights, dublincore.AccessRights, dublincore.License:
		n = normalRights(v.Text)
	case dublincore.Landing, dublincore.Object, dublincore.Thumbnail:
		if n = normalURL(v.Text); !n.ok {
			return dublincore.Value{}, &Error{File: "context", Msg: fmt.Sprintf("%s must be an http or https URL, not %q", term, text)}
		}
	default:
		if t.Element() == dublincore.Date {
			n = normalDate(v.Text, date.AnyOrder)
		}
	}
	if n.ok {
		if n.text != v.Text {
			v.Original = v.Text
		}
		v.Text, v.Scheme = n.text, n.scheme
	}
	return v, nil
}
