package dublincore

import "strings"

// readISBN reads an ISBN of ten or thirteen digits, with or without hyphens, prefix and qualifier. The note tells a
// text that does not look like an ISBN from one whose check digit is wrong.
func readISBN(text string) (StandardID, NoteKind) {
	number, named := cutAnyPrefix(text, "urn:isbn:", "isbn-13", "isbn-10", "isbn13", "isbn10", "isbn")
	digits := leadingNumber(number)
	parts := len(strings.FieldsFunc(number[:min(len(number), 13)], func(r rune) bool { return r == '-' || r == ' ' }))
	switch {
	case len(digits) == 13 && (strings.HasPrefix(digits, "978") || strings.HasPrefix(digits, "979") && digits[3] != '0'): // 979-0 is printed music
		if digits[12] != ean13(digits) {
			return StandardID{}, BadCheckDigit
		}
	case len(digits) == 10 && (named || parts == 4): // ten digits alone may be anything
		if digits[9] != isbn10(digits) {
			return StandardID{}, BadCheckDigit
		}
		digits = "978" + digits[:9]
		digits += string(ean13(digits))
	case named && len(digits) > 0:
		return StandardID{}, BadCheckDigit
	default:
		return StandardID{}, NotUnderstood
	}
	return StandardID{Kind: ISBN, Value: digits}, NoNote
}

// leadingNumber is the number at the start of text, with a last X, but without hyphens and blanks. It is empty if
// letters follow at once.
func leadingNumber(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == 'x' || r == 'X':
			return b.String() + "X" + tail(text[i+1:])
		case r == '-' || r == ' ' || r == '‐' || r == '–':
		default:
			return b.String() + tail(text[i:])
		}
		if b.Len() > 20 {
			return ""
		}
	}
	return b.String()
}

// tail is what follows a number, except a qualifier in brackets. If there is anything, the number is not an identifier.
func tail(rest string) string {
	rest = strings.TrimSpace(rest)
	if rest == "" || strings.IndexByte("(:;,.[", rest[0]) >= 0 {
		return ""
	}
	return "?"
}

// isbn10 is the check digit of the first nine digits (ISO 2108:1992).
func isbn10(digits string) byte {
	sum := 0
	for i := range 9 {
		sum += int(digits[i]-'0') * (10 - i)
	}
	return mod11((11 - sum%11) % 11)
}

// ean13 is the check digit of the first twelve digits (ISO 2108:2017).
func ean13(digits string) byte {
	sum := 0
	for i := range 12 {
		weight := 1
		if i%2 == 1 {
			weight = 3
		}
		sum += int(digits[i]-'0') * weight
	}
	return '0' + byte((10-sum%10)%10)
}

func mod11(n int) byte {
	if n == 10 {
		return 'X'
	}
	return '0' + byte(n)
}

// readISSN reads an ISSN (ISO 3297): eight digits, the last a check digit. Without a prefix it must
// have its hyphen.
func readISSN(text string) (StandardID, NoteKind) {
	number, named := cutAnyPrefix(text, "https://portal.issn.org/resource/issn/", "http://portal.issn.org/resource/issn/", "urn:issn:", "issn-l", "eissn", "e-issn", "p-issn", "pissn", "issn")
	digits := leadingNumber(number)
	hyphen := strings.IndexByte(number, '-') == 4
	if len(digits) != 8 || strings.Contains(digits[:7], "X") || strings.Contains(digits, "?") || !named && !hyphen {
		if named && digits != "" {
			return StandardID{}, BadCheckDigit
		}
		return StandardID{}, NotUnderstood
	}
	sum := 0
	for i := range 7 {
		sum += int(digits[i]-'0') * (8 - i)
	}
	if digits[7] != mod11((11-sum%11)%11) {
		if !named && strings.Count(number, "-") > 0 && isPairOfYearNumbers(digits) {
			return StandardID{}, NotUnderstood // 1957-1961 are years
		}
		return StandardID{}, BadCheckDigit
	}
	return StandardID{Kind: ISSN, Value: digits[:4] + "-" + digits[4:]}, NoNote
}

// isPairOfYearNumbers reports whether eight digits are the years of a range rather than an ISSN with a wrong check digit.
func isPairOfYearNumbers(digits string) bool {
	return digits[:4] >= "1000" && digits[4:] >= digits[:4] && digits[4:] <= "2100"
}

// readORCID reads an ORCID iD or an ISNI: sixteen digits, the last a check digit (ISO 7064, MOD 11-2).
// A number in one of the blocks that ISNI reserves for ORCID is an ORCID iD, any other an ISNI.
func readORCID(text string) (StandardID, NoteKind) {
	number, orcid := cutAnyPrefix(text, "https://orcid.org/", "http://orcid.org/", "https://www.orcid.org/", "http://www.orcid.org/",
		"orcid.org/", "orcid id", "orcid")
	isni := false
	if !orcid {
		number, isni = cutAnyPrefix(text, "https://isni.org/isni/", "http://isni.org/isni/", "https://www.isni.org/isni/",
			"http://www.isni.org/isni/", "https://www.isni.org/", "http://www.isni.org/", "isni")
	}
	digits := leadingNumber(strings.TrimRight(number, "/"))
	if len(digits) != 16 || strings.Contains(digits[:15], "X") || strings.HasSuffix(digits, "?") {
		return StandardID{}, NotUnderstood
	}
	if !orcid && !isni && strings.Count(number, "-") != 3 {
		return StandardID{}, NotUnderstood
	}
	if digits[15] != mod11of2(digits) {
		return StandardID{}, BadCheckDigit
	}
	if isORCIDBlock(digits) && !isni {
		value := digits[:4] + "-" + digits[4:8] + "-" + digits[8:12] + "-" + digits[12:]
		return StandardID{ORCID, value, "https://orcid.org/" + value}, NoNote
	}
	if orcid {
		return StandardID{}, NotUnderstood
	}
	return StandardID{ISNI, digits, "https://isni.org/isni/" + digits}, NoNote
}

// isORCIDBlock reports whether the number lies in 0000-0001-5000-0007 to 0000-0003-5000-0001 or
// 0009-0000-0000-0000 to 0009-0010-0000-0000.
func isORCIDBlock(digits string) bool {
	return digits >= "0000000150000007" && digits <= "0000000350000001" || digits >= "0009000000000000" && digits <= "0009001000000000"
}

// mod11of2 is the check digit of the first fifteen digits.
func mod11of2(digits string) byte {
	total := 0
	for i := range 15 {
		total = (total + int(digits[i]-'0')) * 2
	}
	return mod11((12 - total%11) % 11)
}
