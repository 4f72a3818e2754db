package wording

import "strings"

// longestGuess bounds the words for which a likely one is searched, in bytes.
const longestGuess = 64

// Nearest is the candidate that the writer of word most likely meant; empty if none is similar. Letters count as
// the same whether they are capital or small.
func Nearest(word string, candidates []string) string {
	if word == "" || len(word) > longestGuess {
		return ""
	}
	best, bestDistance := "", 1+max(1, len(word)/3)
	low := strings.ToLower(word[strings.LastIndexByte(word, ':')+1:]) // people write dc:title for title
	for _, c := range candidates {
		d := distance(low, strings.ToLower(c), bestDistance)
		if len(low) >= 3 && strings.HasPrefix(strings.ToLower(c), low) {
			d = min(d, 1) // the word is cut short
		}
		if d < bestDistance && d < len(c) { // a word of which every letter is another is not meant
			best, bestDistance = c, d
		}
	}
	return best
}

// distance counts the letters that must be changed, added, removed or swapped to turn a into b. It stops at limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	older, prev, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, prev, row = prev, row, older
	}
	return min(prev[len(y)], limit)
}
