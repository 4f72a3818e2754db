package dublincore

import (
	_ "embed" // the codes of ISO 639-2
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// iso6392Text has a line for each code of ISO 639-2, except the codes for local use (qaa-qtz): the terminological
// code, the bibliographic one if it differs, the code of ISO 639-1 or "group" for a group of languages, and the
// English names of the registration authorities (the Library of Congress, and SIL for ISO 639-3), as Debian's
// iso-codes 4.15 has them.
//
//go:embed iso639-2.txt
var iso6392Text string

// languageTable is the content of iso6392Text.
type languageTable struct {
	known         map[string]bool   // by terminological code; true is a group of languages
	bibliographic map[string]string // bibliographic codes, with the terminological ones
	names         map[string]string // folded names, with terminological codes; empty if it means two
}

var iso6392 = sync.OnceValue(func() *languageTable {
	t := &languageTable{make(map[string]bool, 500), make(map[string]string, 20), make(map[string]string, 1500)}
	for line := range strings.Lines(iso6392Text) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 4)
		code := parts[0]
		t.known[code] = parts[2] == "group"
		if parts[1] != "-" {
			t.bibliographic[parts[1]] = code
		}
		for name := range strings.SplitSeq(parts[3], ";") {
			t.addName(name, code)
		}
	}
	return t
})

// addName adds a name, and the forms that people write for it: "Norse, Old" is Old Norse, "Dutch, Middle (ca.
// 1050-1350)" is Middle Dutch, "Berber languages" is Berber.
func (t *languageTable) addName(name, code string) {
	name = date.Fold(name)
	for {
		t.addOne(name, code)
		if noun, kind, ok := strings.Cut(name, ", "); ok && !strings.Contains(kind, "(") {
			t.addOne(kind+" "+noun, code)
		}
		short, _, ok := strings.Cut(name, " (")
		if !ok {
			short, ok = strings.CutSuffix(name, " languages")
		}
		if !ok {
			return
		}
		name = short
	}
}

func (t *languageTable) addOne(name, code string) {
	if was, ok := t.names[name]; ok && was != code {
		code = "" // it means two languages: Tonga (Nyasa) and Tonga (Tonga Islands)
	}
	t.names[name] = code
}

// retired are codes that ISO 639 or MARC withdrew, and that mean no other language today. The other codes that MARC
// withdrew do: gag was Galician, and is Gagauz in ISO 639-3. Only a reader of MARC can tell them apart.
var retired = map[string]string{
	"scc": "srp", "scr": "hrv", "mol": "ron", "iw": "heb", "in": "ind", "ji": "yid", "mo": "ron",
	"esp": "epo", "fri": "fry", "snh": "sin", "swz": "ssw",
}

// today has the subtags of BCP 47 for which golang.org/x/text still gives those that were withdrawn in 1989.
var today = map[string]string{"iw": "he", "ji": "yi"}

// languageNames are the codes of languages by their names in the form of [date.Fold]. A name that means two languages
// has an empty code. The names of the standard come first, then those that library catalogues write otherwise, then
// the names of the Unicode CLDR: in the language itself, in two dozen others, and the English ones of ISO 639-3.
var languageNames = sync.OnceValue(func() map[string]string {
	table := iso6392()
	names := make(map[string]string, 16_000)
	add := func(name, code string) {
		name = date.Fold(name)
		if name == "" || len(name) == 3 && isISO6392(name) {
			return
		}
		if was, ok := names[name]; ok && was != code {
			code = ""
		}
		names[name] = code
	}
	for code := range table.known {
		tag, err := language.Raw.Parse(code)
		if err != nil || code == "und" || code == "mis" {
			continue
		}
		add(display.Self.Name(tag), code)
		for _, in := range namedIn {
			add(display.Languages(in).Name(tag), code)
		}
	}
	for code := range table.known {
		if tag, err := language.Raw.Parse(code); err == nil {
			add(display.English.Languages().Name(tag), code)
		}
	}
	addISO6393Names(names)
	for name, code := range table.names {
		if code != "und" && code != "mis" {
			names[name] = code
		}
	}
	for name, code := range otherLanguageNames {
		names[name] = code
	}
	return names
})

// namedIn are the languages whose names for languages are known.
var namedIn = []language.Tag{language.German, language.French, language.Spanish, language.Italian, language.Portuguese,
	language.Dutch, language.Russian, language.Polish, language.Albanian, language.Czech, language.Swedish, language.Danish,
	language.Norwegian, language.Finnish, language.Hungarian, language.Romanian, language.Slovak, language.Slovenian,
	language.Croatian, language.Serbian, language.Ukrainian, language.Bulgarian, language.Turkish, language.Greek}

// addISO6393Names adds the English names of languages that ISO 639-2 does not have, where there is none yet.
func addISO6393Names(names map[string]string) {
	var code [3]byte
	for i := range 26 * 26 * 26 {
		code = [3]byte{'a' + byte(i/676), 'a' + byte(i/26%26), 'a' + byte(i%26)}
		base, err := language.ParseBase(string(code[:]))
		if err != nil || base.ISO3() != string(code[:]) || isISO6392(base.ISO3()) {
			continue
		}
		tag, err := language.Raw.Compose(base)
		if err != nil {
			continue
		}
		if name := date.Fold(display.English.Languages().Name(tag)); name != "" && name != base.ISO3() {
			if _, known := names[name]; !known {
				names[name] = base.ISO3()
			}
		}
	}
}

// isISO6392 reports whether code is in ISO 639-2/T.
func isISO6392(code string) bool {
	_, ok := iso6392().known[code]
	return ok
}

// otherLanguageNames are names that library catalogues write otherwise than the standard and CLDR do.
var otherLanguageNames = map[string]string{
	"greek": "ell", "modern greek": "ell", "greek, ancient": "grc", "farsi": "fas", "dari": "prs",
	"mandarin": "zho", "chinese": "zho", "mandarin chinese": "zho", "simplified chinese": "zho", "traditional chinese": "zho",
	"chinese, simplified": "zho", "chinese, traditional": "zho", "cantonese": "yue",
	"serbo-croatian": "hbs", "serbocroatian": "hbs", "croato-serbian": "hbs", "church slavic": "chu", "old norse": "non",
	"multiple": "mul", "multilingual": "mul", "various": "mul", "various languages": "mul", "several languages": "mul",
	"mehrsprachig": "mul", "multilingue": "mul", "plurilingue": "mul", "verschiedene sprachen": "mul",
	"bahasa indonesia": "ind", "bahasa melayu": "msa", "irish gaelic": "gle", "gaelic": "gla", "scots gaelic": "gla",
	"panjabi": "pan", "shqip": "sqi", "shqipe": "sqi", "gjuha shqipe": "sqi", "frisian": "fry", "inuktitut": "iku",
	"burmese": "mya", "myanmar": "mya", "khmer": "khm", "cambodian": "khm", "kampuchean": "khm", "norwegian": "nor", "norsk": "nor",
	"bokmal": "nob", "nynorsk": "nno", "filipino": "fil", "tagalog": "tgl", "akan": "aka", "twi": "twi", "bhojpuri": "bho",
	"belorussian": "bel", "byelorussian": "bel", "white russian": "bel", "little russian": "ukr", "castellano": "spa", "valencian": "cat",
	"latine": "lat", "latina": "lat", "sami": "smi", "lappish": "smi", "lapp": "smi", "plattdeutsch": "nds", "niederdeutsch": "nds",
	"alsatian": "gsw", "osmanli": "ota", "turkish, ottoman": "ota", "ottoman": "ota", "old turkish": "otk", "gipsy": "rom", "romany": "rom",
	"sorani": "ckb", "kurmanji": "kmr", "tosk": "als", "tosk albanian": "als", "gheg": "aln", "aramaic": "arc", "syriac": "syr", "sorbian": "wen", "wendish": "wen",
	"vlaams": "nld", "brazilian portuguese": "por", "american english": "eng", "british english": "eng", "judeo-spanish": "lad",
	"judaeo-spanish": "lad", "judeo-german": "yid", "provencal (to 1500)": "pro", "hindustani": "", "ndebele": "", "sotho": "", "altai": "",
}
