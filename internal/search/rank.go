package search

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// The best hits are those that have the words in the better places: in the title, as they were typed; then among the names,
// subjects and places; then in the title as the beginning of a word, or in another form. Of those
// the shorter title comes first; then, and elsewhere, what came last.
//
// FTS5 could rank too, but its bm25 counts for each word how many records of the whole index have it, which takes seconds
// for a common word among a million records. Here a search costs what its hits cost, of which there are MaxHits at most.
const (
	inTitleWhole = 8
	amongNames   = 4
	inTitleOther = 2
	isTitle      = 16 // the title is what was typed, and nothing else
)

// maxRanked bounds how many words of a query count for the order.
const maxRanked = 8

// A sought word is one by which hits are ranked: a word or a phrase, folded.
type sought struct {
	text  string
	marks []uint16
	// begins are what a word may begin with that is another form of this one.
	begins []string
}

func (p *plan) sought() (out []sought) {
	for _, word := range p.words[:min(len(p.words), maxRanked)] {
		s := sought{text: date.Fold(strings.TrimSuffix(word, "*"))}
		s.begins = append(s.begins, s.text)
		if stemmable(word) {
			for i := range tongues {
				if stem := tongues[i].of(composed(word)); utf8.RuneCountInString(stem) >= 3 && !slices.Contains(s.begins, stem) {
					s.begins = append(s.begins, stem)
				}
			}
		}
		s.marks = marksOf(s.text)
		out = append(out, s)
	}
	return out
}

// A rankable is what a record is ranked by.
type rankable struct {
	title string // folded
	marks []byte
}

// ranked puts the best hits first. They come with the newest first.
func (p *plan) ranked(conn *sqlite.Conn, hits []int64) ([]int64, error) {
	words := p.sought()
	typed := make([]string, len(words))
	for i := range words {
		typed[i] = words[i].text
	}
	whole := strings.Join(typed, " ")
	type place struct{ score, length int }
	places := make(map[int64]place, len(hits))
	err := rows(conn, "SELECT rank.seq, rank.title, rank.marks FROM json_each(?) h CROSS JOIN rank ON rank.seq = h.value", []any{list(hits)}, func(r *sqlite.Stmt) {
		record := rankable{r.ColumnText(1), make([]byte, r.ColumnLen(2))}
		r.ColumnBytes(2, record.marks)
		score := 0
		if whole != "" && record.title == whole {
			score = isTitle
		}
		for i := range words {
			score += words[i].in(&record)
		}
		if score > 0 {
			places[r.ColumnInt64(0)] = place{score, len(record.title)}
		}
	})
	slices.SortStableFunc(hits, func(a, b int64) int {
		x, y := places[a], places[b]
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.length, y.length))
	})
	return hits, err
}

// in is how well a record has the word.
func (s *sought) in(r *rankable) (score int) {
	if s.text == "" {
		return 0
	}
	if whole, begins := standsIn(r.title, s.text); whole {
		score = inTitleWhole
	} else if begins || slices.ContainsFunc(s.begins[1:], func(stem string) bool { _, begins := standsIn(r.title, stem); return begins }) {
		score = inTitleOther
	}
	if len(s.marks) > 0 && !slices.ContainsFunc(s.marks, func(m uint16) bool { return !r.marked(m) }) {
		score += amongNames
	}
	return score
}

// standsIn says whether a text has a word as a whole, and whether it has one that begins so. Scripts without spaces have no
// beginnings.
func standsIn(text, word string) (whole, begins bool) {
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return whole, begins
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		first, size := utf8.DecodeRuneInString(text[at:])
		after, _ := utf8.DecodeRuneInString(text[at+len(word):])
		if signs(first) {
			return true, true
		}
		if at == 0 || parts(before) {
			begins = true
			if at+len(word) == len(text) || parts(after) {
				return true, true
			}
		}
		from = at + size
	}
}

// parts says whether a sign stands between words.
func parts(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) || signs(r) }

// marksOf are the marks of the words of a folded text: of the names, subjects and places of a record these are kept, not
// the words. Two words with one mark are ranked alike, and nothing else comes of it.
func marksOf(folded string) (out []uint16) {
	for word := range strings.FieldsFuncSeq(folded, parts) {
		h := fnv.New32a()
		_, _ = h.Write([]byte(word)) // it has no errors
		sum := h.Sum32()
		out = append(out, uint16(sum>>16^sum))
	}
	return out
}

// Bounds of what a record is ranked by.
const (
	maxMarks       = 100
	maxRankedTitle = 120 // bytes
)

// rank notes of a value what its record is ranked by: the title, and the words among names, subjects and places.
func (e *entry) rank(column int, text string) {
	switch column {
	case inTitle:
		if e.ranked == "" {
			e.ranked = wording.Shorten(date.Fold(text), maxRankedTitle)
		}
	case inCreator, inSubject, inPlace:
		for _, m := range marksOf(date.Fold(text)) {
			if !slices.Contains(e.marks, m) && len(e.marks) < maxMarks {
				e.marks = append(e.marks, m)
			}
		}
	}
}

func (x *Index) putRank(seq int64, e *entry) error {
	marks := make([]byte, 0, 2*len(e.marks)) // not nil, which would be NULL
	for _, m := range e.marks {
		marks = binary.LittleEndian.AppendUint16(marks, m)
	}
	return do(x.writer, "INSERT INTO rank (seq, title, marks) VALUES (?, ?, ?)", seq, e.ranked, marks)
}

func (r *rankable) marked(m uint16) bool {
	for rest := r.marks; len(rest) >= 2; rest = rest[2:] {
		if binary.LittleEndian.Uint16(rest) == m {
			return true
		}
	}
	return false
}
