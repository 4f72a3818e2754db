package quality

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// dateFacts are what the text of a date tells.
type dateFacts struct {
	outcome   outcome
	start     time.Time // zero if it is not understood or open there
	precision date.Precision
	w3c       bool    // said in W3CDTF
	dead      finding // datePlaceholder, dateNone, or noFinding
}

// maxDate bounds a text that is looked at as a date, in bytes.
const maxDate = 200

func judgeDate(text string) dateFacts {
	v, note, ok := dc.NormalizeDate(text, date.AnyOrder)
	f := dateFacts{outcome: outcomeOf(note), dead: deadDate(text)}
	if !ok {
		return f
	}
	_, err := date.ParseW3CDTF(text)
	f.w3c = err == nil
	if d, err := date.ParseEDTF(v.Text); err == nil {
		f.precision = d.Precision()
		if !d.OpenStart() {
			f.start = d.Start()
		}
	}
	return f
}

// placeholders are dates that say nothing: what programs write for "no date", the zeros of their clocks
// (Unix, Excel, SQL Server, Windows), and what was never filled in.
var placeholders = setOfWords("0 00 000 0000 00000000 0000-00 0000-00-00 0000-01-01 0001 0001-01-01 1111 1111-11-11 9999 99999999 9999-99-99 9999-12-31 " +
	"1970-01-01 1899-12-30 1899-12-31 1753-01-01 1601-01-01 00/00/0000 00.00.0000 00-00-0000 99/99/9999 " +
	"yyyy yyyy-mm yyyy-mm-dd dd/mm/yyyy mm/dd/yyyy dd.mm.yyyy xxxx jjjj tt.mm.jjjj null nil none nan n/a undefined tbd tba objectobject - -- --- ? ?? ????")

// dateless are the ways to say that there is no date.
var dateless = setOfWords("nd sd sa oj od ud undated nodate dateunknown unknowndate unknown unk datenotknown notdated withoutdate sinedato sineanno sinefecha sinfecha " +
	"sansdate sansannée ohnejahr ohnedatum undatiert unbekannt inconnu inconnue datenonrenseignée desconocido desconocida senzadata sconosciuto " +
	"zonderdatum onbekend беззаданнойдаты бездаты бг padatë bezdaty brakdaty utanår udenår utenår датанеизвестна")

func setOfWords(words string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// deadDate recognises texts that stand in place of a date: placeholders, and words for "no date".
func deadDate(text string) finding {
	if len(text) > maxDate {
		return noFinding
	}
	bare := strings.Trim(strings.ToLower(text), " \t\n()[]{}<>\"'.")
	day, _, _ := strings.Cut(bare, "t00:00")
	if placeholders[strings.ReplaceAll(day, " ", "")] {
		return datePlaceholder
	}
	word := strings.Map(func(r rune) rune {
		if r == '.' || r == ':' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, bare)
	if dateless[word] {
		return dateNone
	}
	return noFinding
}

// judgeDay takes note of what a date of the record f tells about the record.
func (m *Meter) judgeDay(f *facts, v *dc.Value, d dateFacts) {
	if d.dead == noFinding && v.Original != "" {
		d.dead = deadDate(v.Original)
	}
	switch {
	case d.dead != noFinding:
		m.found(f, d.dead, v.Text)
	case d.outcome == ambiguous:
		m.found(f, dateAmbiguous, v.Text)
	case d.outcome == notUnderstood:
		m.shapes.add(f, shape(v.Text), v.Text)
	case v.Term != dc.Available && v.Term != dc.Valid && !m.horizon.IsZero() && d.start.After(m.horizon):
		m.found(f, dateFuture, v.Text)
	}
	if d.precision == date.NoPrecision {
		return
	}
	if f.firstDay == nil && d.precision >= date.Day {
		f.firstDay = v
	}
}

// maxShape bounds the shape of a date, in characters.
const maxShape = 32

// shape is a text with each digit as 9 and each word as "a", so that dates that were written by one
// habit fall together: "12.IV.1957" and "3.X.1960" are both of the shape "9.a.9999" (one or two digits
// are "9").
func shape(text string) string {
	var b strings.Builder
	written, digits, word := 0, 0, false
	number := func() {
		switch {
		case digits > 4:
			b.WriteString("9…")
		case digits > 2:
			b.WriteString("9999"[:digits])
		case digits > 0:
			b.WriteByte('9')
		}
		digits = 0
	}
	for _, r := range text[:min(len(text), maxDate)] {
		isWord := unicode.IsLetter(r) || unicode.IsMark(r)
		if unicode.IsDigit(r) {
			digits++
			word = false
			continue
		}
		number()
		if isWord && word {
			continue
		}
		if written++; written > maxShape {
			return b.String() + "…"
		}
		switch word = isWord; {
		case isWord:
			b.WriteByte('a')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case r == utf8.RuneError || unicode.IsControl(r):
			b.WriteRune('\ufffd')
		default:
			b.WriteRune(r)
		}
	}
	number()
	return b.String()
}
