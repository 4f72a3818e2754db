package date

import (
	"regexp"
	"strings"
)

// trimCataloguing removes from folded text what cataloguers write around a date and into it: the brackets about
// digits that they supplied (19[57]), the year that was printed by mistake (1957 [i.e. 1958]), the year of
// copyright after the year of publication (1957, c1956), and the years from which most of a fonds is
// (1920-1990, bulk 1950-1960).
func trimCataloguing(text string) string {
	text = strings.TrimRight(text, " ;:,")
	digits := 0
	for i := range len(text) {
		if isDigit(text[i]) {
			digits++
		}
	}
	if digits < 8 && !strings.Contains(text, "[") && !strings.Contains(text, "bulk") {
		return text // one year, and nothing supplied
	}
	for _, mark := range []string{"i.e.", "i. e.", "recte"} {
		if at := strings.LastIndex(text, mark); at > 0 && strings.IndexByte(" [(,", text[at-1]) >= 0 {
			text = text[at+len(mark):]
		}
	}
	if at := strings.Index(text, "bulk"); at > 0 {
		text = strings.TrimRight(text[:at], " ,;([")
	}
	if strings.ContainsAny(text, "cp©℗") {
		if parts := beforeCopyright.FindStringSubmatch(text); parts != nil {
			text = parts[1]
		}
	}
	if !strings.ContainsAny(text, "[]") {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		inside := i > 0 && i+1 < len(text) && isDigit(text[i-1]) && isDigit(text[i+1])
		if !inside || text[i] != '[' && text[i] != ']' {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

var beforeCopyright = regexp.MustCompile(`^(.*[\d\])?.])[ ,;(\[]+(?:c|p|©|℗|cop\.?|copyright) ?\d{4}[\])]*$`)
