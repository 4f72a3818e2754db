package collation

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"pgregory.net/rapid"
)

func TestOrder(t *testing.T) {
	for _, test := range []struct {
		language string
		want     []string
	}{
		{"de", []string{"1. Bericht", "Abend", "Ägypten", "Albanien", "[Zettel A]", "zettel b", "Ελλάδα", "Москва", "関東"}},
		{"fr", []string{"École", "écologie", "Œuvres", "ogre", "“Zola”"}},
		{"en", []string{"Cam", "Çam", "Can", "dhe", "dimension", "e", "ë", "Error", "the", "tiger"}},
		{"sq", []string{"Cam", "Cuk", "Çam", "Dimër", "Dhe", "Etj", "Ëndërr", "Guri", "Gjon", "Libra", "Llogari", "Ruga", "Rrugë", "Sot", "Shqipëria", "Tiranë", "Theth", "Xixë", "Xham", "Zog", "Zhurmë"}},
		{"", []string{"12", "a b", "a-b" + strings.Repeat("c", 300), "ab"}},
	} {
		got := slices.Clone(test.want)
		slices.Reverse(got)
		slices.SortStableFunc(got, func(a, b string) int { return Compare(Of(a).In(test.language), Of(b).In(test.language)) })
		if !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.language, got, test.want)
		}
	}
}

// Keys put texts of letters into the order in which the library puts them, for each language of the pages.
func TestAsTheLibrary(t *testing.T) {
	for _, tag := range []language.Tag{language.Und, language.English, language.German, language.French, language.Albanian} {
		library := collate.New(tag, collate.Loose)
		rapid.Check(t, func(rt *rapid.T) {
			text := rapid.StringOfN(rapid.SampledFrom([]rune("aAbcçÇdeëËfghjlnorstxz é1ß-Ωж字")), 0, 12, -1)
			a, b := "a"+text.Draw(rt, "a"), "a"+text.Draw(rt, "b") // what stands before the first letter does not count
			want := library.CompareString(a, b)
			got := Compare(Of(a).In(tag.String()), Of(b).In(tag.String()))
			if want != 0 && got != want {
				rt.Fatalf("%v: %q and %q: %d, want %d", tag, a, b, got, want)
			}
		})
	}
}

// A key takes about as many bytes as its text.
func TestKeysAreShort(t *testing.T) {
	for text, most := range map[string]int{
		"Memorandum of Conversation with Comrade Mao Zedong in Hangzhou": 62, "Shqipëria": 12, strings.Repeat("Ж", 500): maxKey + 4, strings.Repeat("ë", 500): 2*maxKey + 1,
	} {
		if got := len(Of(text)); got > most {
			t.Errorf("%.20q has a key of %d bytes, want at most %d", text, got, most)
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, text := range []string{"", "Çam", "\xff\x00", "関東", strings.Repeat("ë", 1000), "e\u0308", "²"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k := Of(text)
		if len(k) > 2*maxKey+8 || k.signs() > len(k) {
			t.Errorf("%q: a key of %d bytes", text, len(k))
		}
		k.In("sq")
	})
}
