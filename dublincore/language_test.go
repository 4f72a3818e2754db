package dublincore_test

import (
	"maps"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// TestISO6392 holds the table to what is known of the standard: its size, its twenty pairs, its groups, and
// the codes of ISO 639-1, which golang.org/x/text has from the registry of BCP 47.
func TestISO6392(t *testing.T) {
	text, err := os.ReadFile("iso639-2.txt")
	if err != nil {
		t.Fatal(err)
	}
	codes, groups, pairs := map[string]bool{}, 0, map[string]string{}
	for line := range strings.Lines(string(text)) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 4)
		if len(f) != 4 || len(f[0]) != 3 || f[3] == "" || codes[f[0]] {
			t.Fatalf("line %q", line)
		}
		codes[f[0]] = true
		l, ok := dublincore.ParseLanguage(f[0])
		switch {
		case f[0] == "und" || f[0] == "mis":
			if ok {
				t.Errorf("%s is a language: %+v", f[0], l)
			}
			continue
		case f[2] == "group":
			groups++
			if !ok || l.ISO6393 != "" || l.ISO6392 != f[0] {
				t.Errorf("the group %s: %+v", f[0], l)
			}
		default:
			if !ok || l.ISO6393 != f[0] || l.ISO6392 != f[0] {
				t.Errorf("%s: %+v", f[0], l)
			}
			if want := f[2]; want != "-" && l.BCP47 != want || want == "-" && l.BCP47 != f[0] {
				t.Errorf("%s is %s in BCP 47, want %s", f[0], l.BCP47, want)
			}
		}
		if f[1] != "-" {
			pairs[f[1]] = f[0]
			if b, ok := dublincore.ParseLanguage(f[1]); !ok || b != l {
				t.Errorf("%s: %+v, want what %s is", f[1], b, f[0])
			}
		}
		for name := range strings.SplitSeq(f[3], ";") {
			if name == "Ga" || name == "Ndebele" {
				continue // Ga is a code
			}
			if named, ok := dublincore.ParseLanguage(name); !ok || named.ISO6392 != f[0] {
				t.Errorf("%q is %+v, want %s", name, named, f[0])
			}
		}
	}
	want := map[string]string{"alb": "sqi", "arm": "hye", "baq": "eus", "bur": "mya", "chi": "zho", "cze": "ces", "dut": "nld",
		"fre": "fra", "geo": "kat", "ger": "deu", "gre": "ell", "ice": "isl", "mac": "mkd", "mao": "mri", "may": "msa", "per": "fas",
		"rum": "ron", "slo": "slk", "tib": "bod", "wel": "cym"}
	if len(codes) != 486 || groups != 66 || !maps.Equal(pairs, want) {
		t.Errorf("%d codes, %d groups, pairs %v", len(codes), groups, pairs)
	}
	for b := range want {
		if codes[b] {
			t.Errorf("the bibliographic code %s is a terminological one as well", b)
		}
	}
}

// reserved are codes that ISO 639-3 leaves out, as they meant something in ISO 639-2 or the registry of BCP 47.
const reserved = "alb arm baq bur chi cze dut fre geo ger gre ice mac mao may mol per rum slo snh tib wel"

// TestISO6393: each code of ISO 639-3 is itself, also where MARC once used it for something else.
func TestISO6393(t *testing.T) {
	n := 0
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			for c := 'a'; c <= 'z'; c++ {
				code := string([]rune{a, b, c})
				base, err := language.ParseBase(code)
				if err != nil || base.ISO3() != code || base.IsPrivateUse() || code == "und" || code == "mis" {
					continue
				}
				if l, _ := dublincore.ParseLanguage(code); strings.Contains(reserved, code) && l.ISO6393 != code && l.ISO6393 != "" {
					continue
				}
				n++
				if l, ok := dublincore.ParseLanguage(code); !ok || l.ISO6393 != code && (l.ISO6393 != "" || l.ISO6392 != code) {
					t.Errorf("%s: %+v", code, l)
				}
			}
		}
	}
	if n < 7900 {
		t.Errorf("%d codes", n)
	}
}

func TestParseLanguageNames(t *testing.T) {
	for want, texts := range map[string][]string{
		"eng": {"English", "english.", "[English]", "English language", "englisch", "anglais", "inglés", "eng.", "[eng]", "British English", "en_GB",
			"https://id.loc.gov/vocabulary/languages/eng", "English (United States)"},
		"sqi": {"Shqip", "gjuha shqipe", "shqipe", "Albanian", "albanais", "alb", "sq-AL", "Albanisch", "албанский", "албанский язык", "język albański"},
		"nor": {"Norwegian", "norsk", "no"}, "nob": {"Norwegian Bokmål", "Bokmål", "nb"}, "fil": {"Filipino", "Pilipino"}, "tgl": {"Tagalog"},
		"ota": {"Turkish, Ottoman (1500-1928)", "Ottoman Turkish", "Osmanlı"}, "non": {"Norse, Old", "Old Norse"}, "pro": {"Provençal (to 1500)", "Old Provençal"},
		"gag": {"gag", "Gagauz"}, "glg": {"Galician", "glg", "galego"}, "yue": {"Cantonese"}, "ase": {"American Sign Language"}, "aln": {"Gheg Albanian", "Gheg"},
		"heb": {"Hebrew", "iw", "he", "עברית"}, "rus": {"русский", "русский язык", "Russisch", "Russian."}, "pol": {"język polski", "polski"},
		"zho": {"Chinese", "中文", "Simplified Chinese", "Mandarin"}, "mul": {"Multiple languages", "various"}, "zxx": {"No linguistic content"},
	} {
		for _, text := range texts {
			if l, ok := dublincore.ParseLanguage(text); !ok || l.ISO6393 != want {
				t.Errorf("%q is %+v, want %s", text, l, want)
			}
		}
	}
	for _, text := range []string{"", "?", "n/a", "none", "other", "no language", "in language", "English and French", "engfre", "Klingonish", "qaa", "und", "Undetermined",
		"Uncoded languages", "Ndebele", "Sotho", "ancient", "language", "German Democratic Republic", "123"} {
		if l, ok := dublincore.ParseLanguage(text); ok {
			t.Errorf("%q is taken for %+v", text, l)
		}
	}
	if l, _ := dublincore.ParseLanguage("iw"); l.BCP47 != "he" {
		t.Errorf("Hebrew is %s in BCP 47", l.BCP47)
	}
	if l, _ := dublincore.ParseLanguage("heb-Latn"); l.BCP47 != "he-Latn" {
		t.Errorf("Hebrew in Latin letters is %s in BCP 47", l.BCP47)
	}
}
