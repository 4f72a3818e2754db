package dublincore_test

import (
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// A quick look trusts each character by itself. So none that it trusts may be white space, a control
// character, or one that joins those before it; and it must trust the letters that are met most.
func TestTidyCharacters(t *testing.T) {
	trusted := 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		s := string(r)
		if !dublincore.IsTidy(s) {
			continue
		}
		trusted++
		p := norm.NFC.PropertiesString(s)
		if unicode.IsSpace(r) || unicode.IsControl(r) || !norm.NFC.IsNormalString(s) || !p.BoundaryBefore() || p.CCC() != 0 {
			t.Errorf("%U is taken for tidy", r)
		}
	}
	if trusted < 30_000 {
		t.Errorf("%d characters are taken for tidy", trusted)
	}
	for _, s := range []string{"", "a", "Ana Hoxha", "përmbledhje", "“Řím”, kujtime – 1957", "Лес и люди", "Δάση", "森の歴史", "숲의 역사", "R & D", "a < b", "&", "é <"} {
		if !dublincore.IsTidy(s) {
			t.Errorf("%q is tidy", s)
		}
	}
	for _, s := range []string{" a", "a ", "a  b", "é ", "a\u0301", "é\u0301", "\u212b", "a\u00a0b", "a\u2028", "\ufeffa", "\xe9", "a &amp; b", "&b", "<b>", "é&#233;", "a <b", "& ", "\u0085", "\u0374", "\u037e"} {
		if dublincore.IsTidy(s) {
			t.Errorf("%q is not tidy", s)
		}
	}
}

// What the quick look takes for tidy stays as it is in the long one, to which a control character leads.
func TestTidyStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(texts(), rapid.StringMatching(`([ab é森<>/&;]|& |< |&amp;|<p>|#38;|amp;|lt;|<!--|-->|“|\x{301}|\x{338}){0,14}`)).Draw(t, "text")
		if !dublincore.IsTidy(text) {
			return
		}
		if long, _ := dublincore.CleanText("\x01" + text); long != text {
			t.Fatalf("%q became %q", text, long)
		}
	})
}
