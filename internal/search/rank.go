package search

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/collation"
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

// A sought word is one by which hits are ranked: a word or a phrase.
type sought struct {
	word  collation.Key
	marks []uint16
	// begins are what a word may begin with that is another form of this one.
	begins []collation.Key
	// anywhere says that its script has no spaces.
	anywhere bool
}

func (p *plan) sought() (out []sought) {
	for _, word := range p.words[:min(len(p.words), maxRanked)] {
		word = strings.TrimSuffix(word, "*")
		s := sought{word: collation.Of(word).Letters(), marks: marksOf(date.Fold(word))}
		first, _ := utf8.DecodeRuneInString(word)
		s.anywhere = signs(first)
		if stemmable(word) {
			for t := range p.tongues.all() {
				if stem := t.of(composed(word)); utf8.RuneCountInString(stem) >= 3 {
					s.begins = append(s.begins, collation.Of(stem).Letters())
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// rank gives the places in the log of hits, those of the best ones first. They come with the newest first.
func (p *plan) rank(hits []hit) []int64 {
	words := p.sought()
	typed := make([]string, len(p.words))
	for i, word := range p.words {
		typed[i] = strings.TrimSuffix(word, "*")
	}
	whole := collation.Of(strings.Join(typed, " ")).Letters()
	type ranked struct {
		seq           int64
		score, length int
	}
	order := make([]ranked, len(hits)) // hits themselves are large, and would be moved
	for i := range hits {
		h, score := &hits[i], 0
		if len(whole) > 0 && collation.Compare(h.title, whole) == 0 {
			score = isTitle
		}
		for i := range words {
			score += words[i].in(h)
		}
		if order[i] = (ranked{seq: h.seq}); score > 0 {
			order[i].score, order[i].length = score, len(h.title)
		}
	}
	slices.SortStableFunc(order, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.length, b.length))
	})
	out := make([]int64, len(order))
	for i := range order {
		out[i] = order[i].seq
	}
	return out
}

// in is how well a record has the word.
func (s *sought) in(h *hit) (score int) {
	if len(s.word) == 0 {
		return 0
	}
	switch place := h.title.Find(s.word); {
	case place == collation.Whole, place != collation.Nowhere && s.anywhere:
		score = inTitleWhole
	case place == collation.Begins, slices.ContainsFunc(s.begins, func(stem collation.Key) bool { return h.title.Find(stem) >= collation.Begins }):
		score = inTitleOther
	}
	if len(s.marks) > 0 && !slices.ContainsFunc(s.marks, func(m uint16) bool { return !h.marked(m) }) {
		score += amongNames
	}
	return score
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

// maxMarks bounds what a record is ranked by.
const maxMarks = 100

// mark notes the words among names, subjects and places.
func (e *entry) mark(column int, text string) {
	switch column {
	case inCreator, inSubject, inPlace:
		for _, m := range marksOf(date.Fold(text)) {
			if !slices.Contains(e.marks, m) && len(e.marks) < maxMarks {
				e.marks = append(e.marks, m)
			}
		}
	}
}

// marked are the marks, as two bytes each.
func (e *entry) marked() []byte {
	out := make([]byte, 0, 2*len(e.marks)) // not nil, which would be NULL
	for _, m := range e.marks {
		out = binary.LittleEndian.AppendUint16(out, m)
	}
	return out
}

func (h *hit) marked(m uint16) bool {
	for rest := h.marks; len(rest) >= 2; rest = rest[2:] {
		if binary.LittleEndian.Uint16(rest) == m {
			return true
		}
	}
	return false
}
