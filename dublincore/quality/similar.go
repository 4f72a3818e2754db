package quality

import (
	"unicode"
	"unicode/utf8"
)

// The measures of likeness (P3).
const (
	nearShare    = 0.9 // longest common subsequence to the shorter text, at least
	nearDistance = 20  // difference of lengths, at most
	// maxAlike bounds how many characters of two texts are compared: the cost grows with the square.
	maxAlike = 256
)

// A similar compares texts. It holds nothing but memory to work in.
type similar struct {
	a, b      []rune
	row, last []uint16
}

// near reports whether the lengths of a and b differ by 20 characters at most, and their longest common
// subsequence, letter case aside, has 0.9 of the length of the shorter. Of longer texts the first 256
// characters are compared.
func (s *similar) near(a, b string) bool {
	// A quick look at the bytes: a character has four at most.
	if len(a) > len(b)*utf8.UTFMax+nearDistance*utf8.UTFMax || len(b) > len(a)*utf8.UTFMax+nearDistance*utf8.UTFMax {
		return false
	}
	long, short := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	if long < short {
		long, short = short, long
	}
	if short == 0 || long-short > nearDistance {
		return false
	}
	s.a, s.b = appendFolded(s.a[:0], a), appendFolded(s.b[:0], b)
	need := int(nearShare*float64(min(len(s.a), len(s.b))) + 0.999999)
	return common(s.a, s.b) >= need && s.subsequence() >= need
}

func appendFolded(dst []rune, text string) []rune {
	for _, r := range text {
		if len(dst) == maxAlike {
			break
		}
		dst = append(dst, unicode.ToLower(r))
	}
	return dst
}

// common is how many characters a and b share at most, wherever they stand: no subsequence is longer.
// Characters fall into 64 classes, which can only make it more.
func common(a, b []rune) (n int) {
	var balance [64]int16
	for _, r := range a {
		balance[r&63]++
	}
	for _, r := range b {
		if balance[r&63] > 0 {
			balance[r&63]--
			n++
		}
	}
	return n
}

// subsequence is the length of the longest common subsequence of s.a and s.b.
func (s *similar) subsequence() int {
	if s.row == nil {
		s.row, s.last = make([]uint16, maxAlike+1), make([]uint16, maxAlike+1)
	}
	clear(s.last)
	for _, x := range s.a {
		for j, y := range s.b {
			if x == y {
				s.row[j+1] = s.last[j] + 1
			} else {
				s.row[j+1] = max(s.row[j], s.last[j+1])
			}
		}
		s.row, s.last = s.last, s.row
	}
	return int(s.last[len(s.b)])
}
