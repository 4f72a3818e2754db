package dublincore

import "strings"

// maxPlaceholder bounds a text that may stand for nothing, in bytes.
const maxPlaceholder = 48

// IsPlaceholder reports whether a text says only that a value is not known, or is none: the words of DataCite for that, in any
// term (":unav", "(:tba)"), and those of RDA ("[publisher not identified]"); "n/a" and "null" in all terms except titles;
// "[s.n.]" for a publisher without a name, "et al." for people who are not named, "und" for a language; and what stands
// where there is no date ("9999", "0000-00-00", "[s.d.]"). What says that a thing has no date, "undated", is kept.
func IsPlaceholder(t Term, text string) bool {
	if len(text) > maxPlaceholder || text == "" {
		return false
	}
	bare := strings.TrimFunc(text, isFrame)
	if strings.HasPrefix(strings.TrimLeftFunc(text, isOpening), ":") {
		return unknownWords[":"+strings.ToLower(bare)]
	}
	if n := len(bare) - len(notIdentified); n >= 0 && strings.EqualFold(bare[n:], notIdentified) {
		what := strings.ToLower(bare[:n])
		return unidentifiedThings[what] || what == "author" && (t.Element() == Creator || t.Element() == Contributor)
	}
	switch element := t.Element(); {
	case element == Title:
		return false
	case text == "null" || strings.EqualFold(bare, "n/a"):
		return true
	case element == Date:
		return noYears[strings.ToLower(bare)] || strings.Contains(text, ".") && noDates[compact(bare)]
	case element == Publisher || element == Creator || element == Contributor:
		return strings.Contains(text, ".") && noNames[compact(bare)]
	case element == Language:
		return strings.EqualFold(bare, "und") || strings.EqualFold(bare, "unk")
	case element == Type || element == Format:
		return strings.EqualFold(bare, "unk")
	}
	return false
}

// isFrame reports whether a character may stand around a placeholder.
func isFrame(r rune) bool { return strings.ContainsRune(" ()[]<>,;.:", r) }

func isOpening(r rune) bool { return r == ' ' || r == '(' || r == '[' }

func compact(text string) string { return strings.ReplaceAll(strings.ToLower(text), " ", "") }

const notIdentified = " not identified"

// unidentifiedThings are what RDA has a cataloguer say of a statement that can't be made (2.8 to 2.11).
var unidentifiedThings = map[string]bool{
	"place of publication": true, "publisher": true, "date of publication": true, "place of production": true, "producer": true, "date of production": true,
	"place of distribution": true, "distributor": true, "date of distribution": true, "place of manufacture": true, "manufacturer": true, "date of manufacture": true,
	"copyright date": true, "place": true, "date": true,
}

// noNames stand where nobody is named.
var noNames = map[string]bool{"s.n": true, "s.l.:s.n": true, "s.l.,s.n": true, "s.l": true, "etal": true}

// noDates are abbreviations of "no date" in several languages.
var noDates = map[string]bool{"n.d": true, "s.d": true, "s.a": true, "o.j": true}

// unknownWords are those of DataCite (Appendix 3 of its schema) and of EZID, from which they come.
var unknownWords = map[string]bool{
	":unac": true, ":unal": true, ":unap": true, ":unas": true, ":unav": true, ":unkn": true, ":none": true, ":null": true, ":tba": true, ":etal": true, ":at": true,
}

// noYears stand where there is no date.
var noYears = map[string]bool{
	"9999": true, "9999-99-99": true, "9999-12-31": true, "0000": true, "0000-00": true, "0000-00-00": true, "0000/0000": true, "00000000": true, "99999999": true,
	"uuuu": true, "xxxx": true, "||||": true,
}
