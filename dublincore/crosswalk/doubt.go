package crosswalk

import (
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// DoubtContext says why a text of a context may not be what its author means, and what to write instead; empty if nothing
// speaks against it. [ContextValue] takes such a text as it is: it goes into every record of a source, where no program
// understands it, and nobody sees a note about it.
func DoubtContext(term, text string) string {
	t, ok := dublincore.TermNamed(term)
	if text = tidy(text); !ok || text == "" {
		return ""
	}
	var n normal
	var advice string
	switch {
	case t == dublincore.Language:
		n, advice = normalLanguage(text), "is not a language that is known; write its code in ISO 639, such as sqi or en, or its English name"
	case t == dublincore.Type:
		n, advice = normalType(text), "is not a type that programs know; write one of DCMI, such as Text, Image or Sound"
	case t == dublincore.License, (t == dublincore.Rights || t == dublincore.AccessRights) && namesLicence(text):
		n, advice = normalRights(text), "names no licence that programs know; write its URL with the version, such as https://creativecommons.org/licenses/by/4.0/"
	case t.Element() == dublincore.Date:
		n, advice = normalDate(text, date.AnyOrder), "is not a date that is understood; write one such as 1957-04-03, 1957-04, 1957 or 1950/1959"
		if n.kind == dublincore.Ambiguous {
			advice = "can be read in two ways; write the year first, such as 1957-04-03"
		}
	default:
		return ""
	}
	if n.ok {
		return ""
	}
	return fmt.Sprintf("%q %s", text, advice)
}

// namesLicence tells the name of a licence from a statement in somebody's own words, which rights may be.
func namesLicence(text string) bool {
	folded := strings.ToLower(text)
	for _, name := range []string{"cc-", "cc ", "cc0", "cc:", "creative commons", "public domain", "pdm", "in copyright", "http://", "https://", "odc", "odbl"} {
		if strings.HasPrefix(folded, name) {
			return true
		}
	}
	return false
}
