package files

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"encoding/xml"
)

// A numberForm says what a number in a cell of Excel is to people.
type numberForm int

const (
	plainNumber numberForm = iota
	dayOrTime
	elapsedTime // hours may be more than 24
)

// number is a number as people write it, or the day and time that it stands for.
func number(text string, form numberForm, date1904 bool) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return text
	}
	switch {
	case form == plainNumber && strings.ContainsAny(text, "eE"):
		return strconv.FormatFloat(v, 'f', -1, 64)
	case form == plainNumber: // not through v, which holds no more than 15 digits for sure
		if whole, zeros, _ := strings.Cut(text, "."); strings.Trim(zeros, "0") == "" {
			return whole
		}
		return text
	case form == elapsedTime && v >= 0 && v < 1e6, v >= 0 && v < 1: // or a time of no day
		return clock(int64(math.Round(v * 86400)))
	}
	from := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if date1904 {
		from = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if v < 61 { // Excel believes that 1900 was a leap year
		from = from.AddDate(0, 0, 1)
	}
	if v < 0 || v > 2_958_466 { // the year 9999
		return text
	}
	at := from.AddDate(0, 0, int(v)).Add(time.Duration(math.Round((v-math.Trunc(v))*86400)) * time.Second)
	if v == math.Trunc(v) {
		return at.Format(time.DateOnly)
	}
	return at.Format("2006-01-02T15:04:05")
}

// clock is a time of so many seconds: 36:00:00.
func clock(seconds int64) string {
	return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

var escapedCharacter = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// unescaped is a text of Excel with the characters that it writes as _x000D_, because XML has not all of them. Those that
// nobody sees are left out.
func unescaped(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escapedCharacter.ReplaceAllStringFunc(text, func(s string) string {
		n, err := strconv.ParseUint(s[2:6], 16, 16)
		switch {
		case err != nil || n >= 0xD800 && n < 0xE000:
			return s
		case n < ' ' && n != '\t' && n != '\n':
			return ""
		}
		return string(rune(n))
	})
}

// numberForms are the forms in which styles show numbers, by the numbers of the styles.
func (s *spreadsheet) numberForms() (map[string]numberForm, error) {
	out, own := map[string]numberForm{}, map[string]numberForm{}
	if s.parts["xl/styles.xml"] == nil {
		return out, nil
	}
	inCells, n := false, 0
	err := s.each("xl/styles.xml", func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "numFmt":
				own[attribute(t, "numFmtId")] = formOf(attribute(t, "formatCode"))
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells {
					id := attribute(t, "numFmtId")
					out[strconv.Itoa(n)] = max(own[id], builtInForm(id))
					n++
				}
			}
		case xml.EndElement:
			inCells = inCells && t.Name.Local != "cellXfs"
		}
		return nil
	})
	out[""] = plainNumber
	return out, err
}

// builtInForm is the form of the formats that every program knows by their numbers.
func builtInForm(id string) numberForm {
	n, _ := strconv.Atoi(id)
	switch {
	case n == 46:
		return elapsedTime
	case n >= 14 && n <= 22 || n == 45 || n == 47:
		return dayOrTime
	}
	return plainNumber
}

// formOf is the form in which a format shows numbers. It shows a day or a time if it has a letter of those outside of quotes
// and brackets, and a time that has passed if it has one of hours, minutes or seconds in brackets.
func formOf(code string) numberForm {
	form, quoted, bracket, literal := plainNumber, false, "", false
	for _, r := range strings.ToLower(code) {
		switch {
		case literal:
			literal = false
		case !quoted && strings.ContainsRune(`\_*`, r): // the next one is shown, left free or repeated
			literal = true
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '[':
			bracket = "["
		case r == ']':
			if strings.Trim(bracket, "[hms") == "" && len(bracket) > 1 {
				return elapsedTime
			}
			bracket = ""
		case bracket != "":
			bracket += string(r)
		case strings.ContainsRune("ymdhs", r):
			form = dayOrTime
		}
	}
	return form
}
