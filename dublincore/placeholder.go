package dublincore

import "strings"

// maxPlaceholder bounds a text that may stand for nothing, in bytes.
const maxPlaceholder = 14

// IsPlaceholder reports whether a text says only that a value is not known, or is none: the words of DataCite for that, in any
// term (":unav", "(:tba)"); "[s.n.]" for a publisher without a name; and the years that programs write where there is none
// ("9999", "0000-00-00").
func IsPlaceholder(t Term, text string) bool {
	if len(text) > maxPlaceholder || text == "" {
		return false
	}
	bare := strings.ToLower(strings.Trim(text, " ()[]<>,;.:"))
	switch {
	case strings.Contains(text, ":"):
		return unknownWords[":"+bare] && strings.HasPrefix(strings.TrimLeft(text, " (["), ":")
	case t.Element() == Date:
		return noYears[bare]
	case t == Publisher || t == Creator || t == Contributor:
		return strings.Contains(text, ".") && strings.ReplaceAll(bare, " ", "") == "s.n"
	}
	return false
}

// unknownWords are those of DataCite (Appendix 3 of its schema) and of EZID, from which they come.
var unknownWords = map[string]bool{
	":unac": true, ":unal": true, ":unap": true, ":unas": true, ":unav": true, ":unkn": true, ":none": true, ":null": true, ":tba": true, ":etal": true, ":at": true,
}

// noYears stand where there is no date.
var noYears = map[string]bool{
	"9999": true, "9999-99-99": true, "9999-12-31": true, "0000": true, "0000-00": true, "0000-00-00": true, "0000/0000": true, "00000000": true, "99999999": true,
	"uuuu": true, "xxxx": true, "||||": true,
}
