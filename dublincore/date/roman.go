package date

import "strings"

// roman reads a Roman numeral in lower case, up to 39, which is enough for months and centuries. It is 0 for anything else.
func roman(s string) int {
	total := 0
	for i := 0; i < len(s); i++ {
		v := romanDigit(s[i])
		if v == 0 {
			return 0
		}
		if i+1 < len(s) && romanDigit(s[i+1]) > v {
			v = -v
		}
		total += v
	}
	if total < 1 || total > 39 || toRoman(total) != s {
		return 0
	}
	return total
}

func romanDigit(c byte) int {
	switch c {
	case 'i':
		return 1
	case 'v':
		return 5
	case 'x':
		return 10
	}
	return 0
}

func toRoman(n int) string {
	ones := [...]string{"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"}
	return strings.Repeat("x", n/10) + ones[n%10]
}

// romanYear reads the year on a title page, MDCCCL; 0 if it is not one. Years before 1400 are not read, because
// their numerals are words as well (mix, mi). Printers wrote four strokes too, MDCCCCX, so the form is not checked.
func romanYear(s string) int {
	total, last := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		v := map[byte]int{'i': 1, 'v': 5, 'x': 10, 'l': 50, 'c': 100, 'd': 500, 'm': 1000}[s[i]]
		switch {
		case v == 0 || len(s) > 20:
			return 0
		case v < last:
			total -= v
		default:
			total, last = total+v, v
		}
	}
	if total < 1400 || total > 2100 || s[0] != 'm' {
		return 0
	}
	return total
}
