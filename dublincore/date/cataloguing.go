package date

import (
	"regexp"
	"strings"
	"unicode"
)

// trimCataloguing removes from folded text what cataloguers write around a date and into it: the brackets about
// digits that they supplied (19[57]), the year that was printed by mistake (1957 [i.e. 1958]), the year of
// copyright after the year of publication (1957, c1956), and the years from which most of a fonds is
// (1920-1990, bulk 1950-1960).
func trimCataloguing(text string) string {
	text = strings.TrimRight(text, " ;:,")
	if strings.Contains(text, "--") {
		text = doubleDash.ReplaceAllString(text, "$1–$2")
	}
	if strings.Contains(text, "d") {
		text = undatedPart.ReplaceAllString(text, "$1")
		text = undatedThing.ReplaceAllString(text, "$1")
	}
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

// cutBulk takes the word for it from folded text that says only from which years most of a fonds is: "bulk 1900-1910". There is
// more of it, so such a date is approximate ([Date.about]).
func cutBulk(text string) (rest string, ok bool) {
	parts := bulkAlone.FindStringSubmatch(text)
	if parts == nil {
		return "", false
	}
	return parts[1], true
}

var bulkAlone = regexp.MustCompile(`^[(\[]?(?:predominant(?:ly)? |mainly |mostly |bulk:? (?:dates?:? )?|(?:majority|most) (?:within )?)([^()\[\]]*\d{4}[^()\[\]]*)[)\]]?$`)

var beforeCopyright = regexp.MustCompile(`^(.*[\d\])?.])[ ,;(\[]+(?:c|p|©|℗|\(c\)|cop\.?|copyright) ?\d{4}[\])]*$`)

// doubleDash stands between two years: 1937--1938. (19-- is a century.)
var doubleDash = regexp.MustCompile(`(\d{4}\]?) ?-{2,3} ?(\[?\d{4})`)

// cutRemark takes a remark in brackets from the end of a folded text: 1985 (identification). It is none if it has a digit,
// or a word that may change what the date means.
func cutRemark(text string) (rest string, ok bool) {
	parts := remark.FindStringSubmatch(text)
	if parts == nil {
		return "", false
	}
	for word := range strings.FieldsFuncSeq(parts[2], func(r rune) bool { return !unicode.IsLetter(r) }) {
		if w, known := dateWords()[word]; known && w.kind != wordSkipped || turning[word] {
			return "", false
		}
	}
	return parts[1], true
}

var remark = regexp.MustCompile(`^(.*\d.*?) *[(\[]([^()\[\]\d]*\pL[^()\[\]\d]*)[)\]]$`)

// turning are words, not known in dates, that make something else of the date before them.
var turning = map[string]bool{
	"not": true, "no": true, "non": true, "nicht": true, "kein": true, "ne": true, "nao": true, "nie": true, "нет": true, "не": true,
	"post": true, "ante": true, "quem": true, "tpq": true, "taq": true, "earliest": true, "latest": true, "spatestens": true, "fruhestens": true,
	"bp": true, "ah": true, "hijri": true, "islamic": true, "jewish": true, "hebrew": true, "sh": true, "am": true,
}

// undatedPart says, behind the years of a fonds, that some of it has no date: "1890-1930, undated", "1904, n.d.".
var undatedPart = regexp.MustCompile(`^(.*\d.*?)[\s,;(\[]+(?:and |& )?(?:undated|no date|n\. ?d\.?|s\. ?d\.?|nd)[)\].]*$`)

// undatedThing says that the thing itself has no date, before the one that the cataloguer supplies: "n.d. [1920s]".
var undatedThing = regexp.MustCompile(`^\[?(?:undated|no date|n\. ?d\.?|s\. ?d\.?|nd|sd)[\s,;:]*([\[(].*\d.*[\])])$`)
