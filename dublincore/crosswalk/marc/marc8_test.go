package marc

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestMARC8(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                 {"Moby Dick", "Moby Dick"},
		"diacritic first":       {"Frash\xe8eri", "Frashëri"},
		"two diacritics":        {"Vi\xe3\xf2et", "Vi\u1ec7t"},
		"letters":               {"\xa1odz, \xb2re, stra\xc7e, 5 \xc8", "Łodz, øre, straße, 5 €"},
		"ligature":              {"\xebi\xeca", "i\u0361a"},
		"double tilde":          {"\xfan\xfbg", "n\u0360g"},
		"Cyrillic":              {"\x1b(NtIRANA\x1b(B!", "Тирана!"},
		"Cyrillic above":        {"\x1b)N\xf4\xc9\xd2 a", "Тир a"},
		"Hebrew":                {"\x1b(2`a\x1b(B", "אב"},
		"Greek symbols":         {"\x1bga\x1bs-decay", "α-decay"},
		"subscript":             {"H\x1bb2\x1bsO", "H₂O"},
		"superscript":           {"m\x1bp23\x1bs", "m²³"},
		"sorting marks":         {"\x88The \x89forest", "The forest"},
		"diacritic at the end":  {"a\xe8", "a \u0308"},
		"Hebrew points":         {"\x1b(2A`b\x1b(B", "\u05d0\u05b8\u05d2"},
		"Ukrainian":             {"\x1b(N\x1b)QkI\xc7\x1b(B", "Киї"},
		"Arabic":                {"\x1b(3cJGH\x1b(B", "كتاب"},
		"Greek":                 {"\x1b(SAk\"jpa\x1b(B", "Αθήνα"},
		"East Asian":            {"\x1b$1!0!!0\"\x1b(B!", "一丁!"},
		"East Asian in G0":      {"\x1b$,1!0! !0\"\x1b(Ba", "一 丁a"},
		"East Asian above":      {"\x1b$)1\xa1\xb0\xa1a", "一a"},
		"East Asian blank":      {"\x1b$1!0!!# !0\"", "一\u3000丁"},
		"East Asian hole":       {"\x1b$1!0!!*F!0\"", "一\ufffd丁"},
		"East Asian cut":        {"\x1b$1!0!!0 !0!", "一\ufffd 一"},
		"East Asian cut at end": {"x\x1b$1!0!!", "x一\ufffd"},
		"East Asian cut within": {"\x1b$1!0!!0!0\"!0!", "一\ufffd一"},
		"East Asian with more":  {"\x1b$1!0!!!0\"!0!", "一\ufffd丁一"},
		"East Asian and a byte": {"\x1b$1!0!\x7f!0\"", "一\ufffd丁"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := DecodeMARC8([]byte(c.in))
			if err != nil || got != c.want {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
	for name, c := range map[string]struct{ in, want string }{
		"set":       {"\x1b(Za", `set "Z"`},
		"wide set":  {"\x1b$2a", `set "2" of several bytes`},
		"unknown":   {"\x1bZ", "escape sequence"},
		"cut":       {"a\x1b", "ends within"},
		"cut later": {"a\x1b$", "ends within"},
		"no letter": {"\xff", "0xff"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := DecodeMARC8([]byte(c.in)); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that names %s", err, c.want)
			}
		})
	}
}

// One byte that is lost among East Asian codes costs a character or two, and never makes another of one: what is left
// is the beginning and the end of the text.
func TestBrokenEACC(t *testing.T) {
	var codes [][3]byte
	for pair, row := range eaccRows() {
		for i, r := range row {
			if pair[0] == 0x21 && r != 0 {
				codes = append(codes, [3]byte{pair[0], pair[1], byte(i + 0x21)})
			}
		}
	}
	slices.SortFunc(codes, func(a, b [3]byte) int { return bytes.Compare(a[:], b[:]) })
	lost, cut := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		for range rapid.IntRange(1, 30).Draw(t, "characters") {
			code := rapid.SampledFrom(codes).Draw(t, "code")
			text = append(text, code[:]...)
		}
		whole := []rune(string(appendEACC(nil, text)))
		at := rapid.IntRange(0, len(text)-1).Draw(t, "lost byte")
		damaged := slices.Delete(slices.Clone(text), at, at+1)
		before, after, found := strings.Cut(string(appendEACC(nil, damaged)), "\ufffd")
		if !found || strings.Contains(after, "\ufffd") || !strings.HasPrefix(string(whole), before) || !strings.HasSuffix(string(whole), after) {
			t.Fatalf("of %q without a byte there is %q and %q", string(whole), before, after)
		}
		cut++
		lost += len(whole) - len([]rune(before)) - len([]rune(after))
	})
	if lost > 2*cut {
		t.Errorf("%d broken texts cost %d characters", cut, lost)
	}
}

// TestMARC8Tables holds the tables to what is true of any character set.
func TestMARC8Tables(t *testing.T) {
	blocks := map[byte]*unicode.RangeTable{'N': unicode.Cyrillic, 'Q': unicode.Cyrillic, '2': unicode.Hebrew, '3': unicode.Arabic, '4': unicode.Arabic, 'S': unicode.Greek}
	for name, set := range marc8Sets {
		seen := map[rune]bool{}
		inBlock := 0
		for code, r := range set {
			if r == 0 {
				continue
			}
			if code <= ' ' || code >= 0x7F || seen[r] || !unicode.IsGraphic(r) {
				t.Errorf("set %q: %#x is %U", name, code, r)
			}
			seen[r] = true
			if blocks[name] != nil && unicode.Is(blocks[name], r) {
				inBlock++
			}
		}
		if len(seen) < 42 || blocks[name] != nil && inBlock < 30 {
			t.Errorf("set %q has %d characters, %d of its script", name, len(seen), inBlock)
		}
	}
	n, scripts := 0, map[string]int{}
	for pair, row := range eaccRows() {
		if pair[0] <= ' ' || pair[0] >= 0x7F || pair[1] <= ' ' || pair[1] >= 0x7F {
			t.Errorf("a row % x", pair)
		}
		for _, r := range row {
			if r == 0 {
				continue
			}
			n++
			for name, table := range map[string]*unicode.RangeTable{"Han": unicode.Han, "Hangul": unicode.Hangul, "Hiragana": unicode.Hiragana, "Katakana": unicode.Katakana} {
				if unicode.Is(table, r) {
					scripts[name]++
				}
			}
			if unicode.Is(unicode.Co, r) || !unicode.IsGraphic(r) && r != 0x3000 || r == 0x3013 {
				t.Errorf("%U in row % x", r, pair)
			}
		}
	}
	// All of the Library of Congress's 15,739 codes but those without an equivalent, and the blank.
	if want := map[string]int{"Han": 13480, "Hangul": 2002, "Hiragana": 83, "Katakana": 86}; n != 15_676 || !maps.Equal(scripts, want) {
		t.Errorf("%d East Asian characters: %v, want %v", n, scripts, want)
	}
}
