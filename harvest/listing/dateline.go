package listing

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDateLine bounds a line that is only a date, in bytes.
const maxDateLine = 72

// IsDateLine reports whether a whole line is a date as listings write it: "June 7, 1960", "April, 1957", "1958",
// "7-9 June 1960", "circa 1957", "[1958?]", "1960-06-07", "Undated". Such a line begins a record, so the function is
// strict. A sentence that begins with a date is not such a line, and neither is a date with a full stop after it, which
// may be the last line of a paragraph. What the date means is not its business.
func IsDateLine(line string) bool {
	line = strings.TrimSpace(line)
	if line == "" || len(line) > maxDateLine {
		return false
	}
	line = unbracket(line)
	if undated[strings.ToLower(line)] {
		return true
	}
	shape, ok := dateShape(line)
	return ok && dateShapes[shape]
}

// unbracket removes the brackets and the question mark of a conjectured date.
func unbracket(s string) string {
	s = strings.TrimSpace(strings.TrimSuffix(s, "?"))
	if n := len(s); n >= 2 && (s[0] == '[' && s[n-1] == ']' || s[0] == '(' && s[n-1] == ')') {
		s = strings.TrimSpace(s[1 : n-1])
		s = strings.TrimSpace(strings.TrimSuffix(s, "?"))
	}
	return s
}

// dateShape reduces a line to one letter for each token: M for a month, D for a day, d for an ordinal day, n for another
// number of two digits, Y for a year, T for a decade, S for a season, and - for what stands between the ends of a range
// or the parts of a date in numbers. Qualifiers, weekdays and the commas between tokens are left out. The result is
// false for a line with any other word or sign.
func dateShape(line string) (string, bool) {
	var buf [16]byte
	shape := buf[:0]
	after := byte(0) // the last token, qualifiers and signs too
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		end := i + size
		var class byte
		switch {
		case unicode.IsSpace(r):
			i = end
			continue
		case isDash(r) || r == '/':
			class = '-'
		case r == ',':
			class = ','
		case r == '.':
			class = dot(after, line[end:])
		case r >= '0' && r <= '9':
			for end < len(line) && (isDigit(line[end]) || isASCIILetter(line[end])) {
				end++
			}
			class = numberClass(line[i:end])
		case unicode.IsLetter(r):
			for end < len(line) {
				r, size := utf8.DecodeRuneInString(line[end:])
				if !unicode.IsLetter(r) && !unicode.IsMark(r) {
					break
				}
				end += size
			}
			class = wordClass(strings.ToLower(line[i:end]))
		}
		if class == 0 || class == ',' && (after == 0 || after == ',' || after == '-') {
			return "", false
		}
		after, i = class, end
		if strings.IndexByte("q,.", class) >= 0 {
			continue
		}
		if len(shape) == len(buf) {
			return "", false
		}
		shape = append(shape, class)
	}
	// A comma, a full stop or a qualifier at the end means that the line goes on.
	if after == ',' || after == 'q' || after == '.' && len(shape) > 0 && shape[len(shape)-1] != 'M' {
		return "", false
	}
	return string(shape), true
}

// dot says what a full stop after a token means: the end of an abbreviation or of an ordinal (7. Juni), or a separator
// of numbers (7.6.1960). That depends on the rest of the line.
func dot(after byte, rest string) byte {
	switch {
	case after == 'M' || after == 'q':
		return '.'
	case after != 'D' && after != 'Y' || rest == "":
		return 0
	case isDigit(rest[0]):
		return '-'
	case after == 'D':
		return '.'
	}
	return 0
}

func numberClass(s string) byte {
	n, digits := 0, 0
	for digits < len(s) && isDigit(s[digits]) {
		if digits == 4 {
			return 0
		}
		n = n*10 + int(s[digits]-'0')
		digits++
	}
	suffix := strings.ToLower(s[digits:])
	switch {
	case suffix == "" && digits == 4 && n >= 1000 && n < 2200:
		return 'Y'
	case suffix == "s" && digits == 4 && n%10 == 0:
		return 'T'
	case suffix == "" && digits <= 2 && n >= 1 && n <= 31:
		return 'D'
	case suffix == "" && digits == 2:
		return 'n'
	case (suffix == "st" || suffix == "nd" || suffix == "rd" || suffix == "th") && digits <= 2 && n >= 1 && n <= 31:
		return 'd'
	}
	return 0
}

func isDash(r rune) bool {
	switch r {
	case '-', '‐', '‑', '‒', '–', '—', '―', '−':
		return true
	}
	return false
}

func isDigit(b byte) bool       { return b >= '0' && b <= '9' }
func isASCIILetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
