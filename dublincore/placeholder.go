package dublincore

import "strings"

// maxPlaceholder bounds a text that may stand for nothing, in bytes.
const maxPlaceholder = 48

// IsPlaceholder reports whether a text says only that a value is not known, or is none: the words of DataCite for that, in any
// term (":unav", "(:tba)"), and those of RDA ("[publisher not identified]", also as catalogues in other languages have them); "n/a", "null"
// and a dash in all terms except titles;
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
	case text == "null" || text == "NULL" || strings.EqualFold(bare, "n/a") || isDashes(text):
		return true
	case unidentifiedElsewhere(bare):
		return true
	case element == Date:
		return noYears[strings.ToLower(bare)] || strings.Contains(text, ".") && noDates[compact(bare)]
	case element == Publisher && strings.Contains(text, ".") && noPublishers[compact(bare)]:
		return true
	case element == Publisher || element == Creator || element == Contributor:
		return strings.Contains(text, ".") && noNames[compact(bare)]
	case element == Language:
		return strings.EqualFold(bare, "und") || strings.EqualFold(bare, "unk") || strings.EqualFold(bare, "undetermined")
	case element == Type || element == Format:
		return strings.EqualFold(bare, "unk")
	}
	return false
}

// isFrame reports whether a character may stand around a placeholder.
func isFrame(r rune) bool { return strings.ContainsRune(" ()[]<>,;.:", r) }

func isOpening(r rune) bool { return r == ' ' || r == '(' || r == '[' }

func compact(text string) string { return strings.ReplaceAll(strings.ToLower(text), " ", "") }

// isDashes reports whether a text is nothing but dashes, which people type into a field that a form insists on.
func isDashes(text string) bool { return strings.Trim(text, "-–—") == "" }

const notIdentified = " not identified"

// unidentifiedElsewhere reports whether a text is a statement that RDA has made where it is written in another language than
// English: "[éditeur non identifié]", "[Verlag nicht ermittelbar]".
func unidentifiedElsewhere(bare string) bool {
	if !endsInNegation(bare) {
		return false
	}
	bare = strings.ToLower(bare)
	for _, ending := range notIdentifiedElsewhere {
		if what, ok := strings.CutSuffix(bare, ending); ok {
			return unidentifiedThingsElsewhere[what]
		}
	}
	return false
}

// endsInNegation reports whether the last word but one begins as those of notIdentifiedElsewhere do. It is asked of nearly
// every value of every record, and spares them a copy in lower case.
func endsInNegation(bare string) bool {
	last := strings.LastIndexByte(bare, ' ')
	if last < 0 {
		return false
	}
	before := strings.LastIndexByte(bare[:last], ' ')
	return before >= 0 && (bare[before+1]|0x20 == 'n' || bare[before+1] == "не"[0])
}

var notIdentifiedElsewhere = []string{
	" non identifié", " non identifiée", " nicht ermittelbar", " nicht identifizierbar", " nicht identifiziert",
	" no identificado", " no identificada", " non identificato", " non identificata", " não identificado", " não identificada",
	" no identificat", " niet geïdentificeerd", " není známý", " není známé", " не установлен", " не установлено", " не указано",
}

// unidentifiedThingsElsewhere are the things of unidentifiedThings in those languages.
var unidentifiedThingsElsewhere = map[string]bool{
	"nom de l'éditeur": true, "nom de l’éditeur": true, "nom du distributeur": true, "date de fabrication": true,
	"editora": true, "local de publicação": true, "data de publicação": true, "lloc de publicació": true,
	"uitgever": true, "uitgeverij": true, "plaats van uitgave": true, "nakladatel": true, "místo vydání": true, "datum vydání": true,
	"издатель": true, "издательство": true, "место издания": true,
	"éditeur": true, "maison d'édition": true, "distributeur": true, "lieu": true, "lieu de publication": true, "date de publication": true, "lieu de distribution": true,
	"verlag": true, "verleger": true, "vertrieb": true, "ort": true, "verlagsort": true, "erscheinungsort": true, "erscheinungsdatum": true, "erscheinungsjahr": true, "herstellungsort": true,
	"editor": true, "editorial": true, "lugar": true, "lugar de publicación": true, "fecha de publicación": true,
	"editore": true, "luogo di pubblicazione": true, "data di pubblicazione": true,
}

// unidentifiedThings are what RDA has a cataloguer say of a statement that can't be made (2.8 to 2.11).
var unidentifiedThings = map[string]bool{
	"place of publication": true, "publisher": true, "date of publication": true, "place of production": true, "producer": true, "date of production": true,
	"place of distribution": true, "distributor": true, "date of distribution": true, "place of manufacture": true, "manufacturer": true, "date of manufacture": true,
	"copyright date": true, "place": true, "date": true,
}

// noNames stand where nobody is named.
var noNames = map[string]bool{"s.n": true, "s.l.:s.n": true, "s.l.,s.n": true, "s.l": true, "etal": true}

// noPublishers stand where no publisher or place is named. For persons they may be initials.
var noPublishers = map[string]bool{"б.и": true, "б.м": true, "б.м.:б.и": true, "б.м.,б.и": true, "o.o": true, "o.v": true, "o.o.:o.v": true, "b.w": true, "b.m": true, "b.m.:b.w": true, "k.n": true, "h.n": true}

// noDates are abbreviations of "no date" in several languages.
var noDates = map[string]bool{"n.d": true, "s.d": true, "s.a": true, "o.j": true, "o.d": true, "б.г": true, "б.д": true, "b.r": true, "b.d": true, "é.n": true}

// unknownWords are those of DataCite (Appendix 3 of its schema) and of EZID, from which they come.
var unknownWords = map[string]bool{
	":unac": true, ":unal": true, ":unap": true, ":unas": true, ":unav": true, ":unkn": true, ":none": true, ":null": true, ":tba": true, ":etal": true, ":at": true,
}

// noYears stand where there is no date.
var noYears = map[string]bool{
	"9999": true, "9999-99-99": true, "9999-12-31": true, "0000": true, "0000-00": true, "0000-00-00": true, "0000/0000": true, "00000000": true, "99999999": true,
	"uuuu": true, "xxxx": true, "||||": true,
}
