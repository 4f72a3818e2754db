package files

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// CheckEncoding says what is wrong with the name of an encoding of MARC records.
func CheckEncoding(name string) error {
	_, err := marcDecoder(name)
	return err
}

// marcDecoder is the decoder of records that are not UTF-8, by the name of their encoding; nil if they say it themselves.
func marcDecoder(name string) (marc.Decoder, error) {
	switch name = strings.ToLower(name); name {
	case "", "auto":
		return nil, nil
	case "marc-8", "marc8":
		return marc.MARC8, nil
	case "utf-8", "utf8":
		return nil, errors.New("is for records that are not UTF-8; those that are UTF-8 are known by themselves")
	}
	if m, ok := encodings[name].(*charmap.Charmap); ok {
		return marc.Charmap(m), nil
	}
	known := []string{"auto", "marc-8"}
	for _, other := range slices.Sorted(maps.Keys(encodings)) {
		if _, ok := encodings[other].(*charmap.Charmap); ok {
			known = append(known, other)
		}
	}
	return nil, fmt.Errorf("%q is not known; known are %s", name, strings.Join(known, ", "))
}

// latin are the letters beyond ASCII of languages in Latin script, and of what libraries romanise.
const latin = "ǣḍḥḳḷṃṇṅṛṣṭẓàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćčďđēėęěğģīįıķļłńņňōőœřśşšţťūůűųźżž"

// likelyWords has, for each encoding that is tried, what words look like that were written in it. Text that is read in
// another encoding than its own soon looks otherwise: Latin-1 as MARC-8 puts a diacritic on a blank or on a letter that
// never has it, MARC-8 as Latin-1 gives signs such as ¹ for the pound, and Cyrillic is letters beyond ASCII in a row.
var likelyWords = []struct {
	encoding string
	word     *regexp.Regexp
}{
	{"marc-8", regexp.MustCompile(`^(?i)[£©]?[!-~` + latin + `ʻʼʹʺ·]*$`)},
	{"windows-1252", regexp.MustCompile(`^(?i)(?:[!-~]|[` + latin + `ß«»„“”‘’–—…°§£©]{1,2}(?:[!-~]|$))*$`)},
	{"windows-1251", regexp.MustCompile("^[!-@\\[-`{-~«»“”„’–—…№]*(?:\\p{Cyrillic}+[!-@\\[-`{-~«»“”„’–—…№]*)+$")},
}

// likelyEncoding is the encoding in which records are likely to be that can't be read as they claim, and some words of them
// for a person to look at; empty if none is likely. All of them are looked at together: one record has too few letters.
func likelyEncoding(records [][]byte) (encoding string, words []string) {
	for _, try := range likelyWords {
		decode, err := marcDecoder(try.encoding)
		if err != nil {
			panic(err) // it is one of those that are known
		}
		good, all := 0, 0
		words = nil
		for word := range strangeWords(records) {
			all++
			if text, err := decode(nil, word); err == nil && try.word.Match(text) {
				good++
				if len(words) < lookWords && len(text) > 3 {
					words = wording.AddOnce(words, string(text))
				}
			}
		}
		if all > 0 && good*5 >= all*4 { // catalogues have records that were copied from others, in yet another encoding
			return try.encoding, words
		}
	}
	return "", nil
}

// lookWords is how many words are shown.
const lookWords = 5

// subfieldMark begins a subfield, with its code.
var subfieldMark = regexp.MustCompile(`\x1f[!-~]`)

// strangeWords yields the words of records that are not UTF-8.
func strangeWords(records [][]byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for _, data := range records {
			data = subfieldMark.ReplaceAll(data, []byte(" "))
			for word := range bytes.FieldsFuncSeq(data, func(r rune) bool { return r <= ' ' }) {
				if !utf8.Valid(word) && !yield(word) {
					return
				}
			}
		}
	}
}
