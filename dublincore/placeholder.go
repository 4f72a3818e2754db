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
	bare := strings.ToLower(strings.Trim(text, " ()[]<>,;.:"))
	if strings.HasPrefix(strings.TrimLeft(text, " (["), ":") {
		return unknownWords[":"+bare]
	}
	what, unidentified := strings.CutSuffix(bare, " not identified")
	switch {
	case unidentified:
		return unidentifiedThings[what] || what == "author" && (t.Element() == Creator || t.Element() == Contributor)
	case t.Element() == Title:
		return false
	case bare == "n/a" || text == "null":
		return true
	}
	compact := strings.ReplaceAll(bare, " ", "")
	switch t.Element() {
	case Date:
		return noYears[bare] || strings.Contains(text, ".") && noDates[compact]
	case Publisher, Creator, Contributor:
		return strings.Contains(text, ".") && noNames[compact]
	case Language:
		return bare == "und" || bare == "unk"
	case Type, Format:
		return bare == "unk"
	}
	return false
}

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
