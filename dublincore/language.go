package dublincore

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// LanguageCodes are the codes of one language.
type LanguageCodes struct {
	ISO6393 string // "sqi"; empty for a group of languages, which ISO 639-3 has not
	ISO6392 string // the terminological code of ISO 639-2, "sqi"; empty if it has none
	BCP47   string // "sq", "zh-Hant"
}

// maxLanguageText bounds a language's text, in bytes.
const maxLanguageText = 100

// ParseLanguage recognises a language by its code in ISO 639-1, 639-2 (bibliographic or
// terminological), or 639-3, by its BCP 47 tag (also with underscores), or by its name: its own, or in
// English, German, French, Spanish, Italian, Portuguese, Dutch, Russian, Polish, Albanian, Czech,
// Swedish and others. It is false for what is none, and for "undetermined".
func ParseLanguage(text string) (LanguageCodes, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxLanguageText {
		return LanguageCodes{}, false
	}
	if l, ok := languageOfTag(strings.ReplaceAll(text, "_", "-")); ok {
		return l, true
	}
	name := fold(strings.TrimRight(text, "."))
	for _, prefix := range []string{"http://id.loc.gov/vocabulary/iso639-2/", "http://id.loc.gov/vocabulary/iso639-1/",
		"http://id.loc.gov/vocabulary/languages/", "http://lexvo.org/id/iso639-3/", "https://iso639-3.sil.org/code/",
		"http://publications.europa.eu/resource/authority/language/"} {
		if code, ok := strings.CutPrefix(name, prefix); ok {
			return languageOfTag(code)
		}
	}
	if before, _, ok := strings.Cut(name, "("); ok {
		name = strings.TrimSpace(before) // "Greek (modern)", "Albanian (sqi)"
	}
	if code, ok := languageNames()[name]; ok && code != "" {
		return languageOfTag(code)
	}
	return LanguageCodes{}, false
}

// languageOfTag reads a code or a BCP 47 tag.
func languageOfTag(tag string) (LanguageCodes, bool) {
	primary, rest, _ := strings.Cut(strings.ToLower(tag), "-")
	if len(primary) < 2 || len(primary) > 3 || !isXMLLang(tag) {
		return LanguageCodes{}, false
	}
	if t, ok := bibliographic[primary]; ok {
		primary = t
	}
	switch primary {
	case "und", "mis", "zzz", "xxx":
		return LanguageCodes{}, false
	}
	base, err := language.ParseBase(primary)
	if err != nil || base.IsPrivateUse() {
		return LanguageCodes{}, false
	}
	l := LanguageCodes{ISO6393: base.ISO3(), BCP47: base.String()}
	if isISO6392(l.ISO6393) {
		l.ISO6392 = l.ISO6393
	}
	if groups[l.ISO6393] {
		l.ISO6393 = ""
	}
	if rest != "" {
		full, err := language.Raw.Parse(base.String() + "-" + rest)
		if err != nil {
			return LanguageCodes{}, false
		}
		l.BCP47 = full.String()
	}
	return l, true
}

// bibliographic are the codes of ISO 639-2/B that differ from 639-2/T, and codes that MARC has given up.
var bibliographic = map[string]string{
	"alb": "sqi", "arm": "hye", "baq": "eus", "bur": "mya", "chi": "zho", "cze": "ces", "dut": "nld", "fre": "fra", "geo": "kat",
	"ger": "deu", "gre": "ell", "ice": "isl", "mac": "mkd", "mao": "mri", "may": "msa", "per": "fas", "rum": "ron", "slo": "slk",
	"tib": "bod", "wel": "cym", "scc": "srp", "scr": "hrv", "mol": "ron", "iw": "heb", "in": "ind", "ji": "yid", "mo": "ron",
	"esp": "epo", "fri": "fry", "gag": "glg", "gae": "gla", "iri": "gle", "lap": "smi", "max": "glv", "sao": "smo", "snh": "sin",
	"swz": "ssw", "tag": "tgl", "tar": "tat", "tsw": "tsn", "eth": "gez", "far": "fao", "gua": "grn", "int": "ina", "kus": "kos",
	"lan": "oci", "mla": "mlg", "sho": "sna", "sso": "sot", "taj": "tgk", "tru": "chk", "cam": "khm", "ajm": "ara",
}

// isISO6392 reports whether code is in ISO 639-2/T.
func isISO6392(code string) bool {
	return len(code) == 3 && !strings.Contains(code, " ") && strings.Contains(iso6392, " "+code+" ")
}

// iso6392 is every code of ISO 639-2/T.
const iso6392 = " aar abk ace ach ada ady afa afh afr ain aka akk ale alg alt amh ang anp apa ara arc arg arn arp art arw asm ast ath aus " +
	"ava ave awa aym aze bad bai bak bal bam ban bas bat bej bel bem ben ber bho bih bik bin bis bla bnt bod bos bra bre btk bua bug bul " +
	"byn cad cai car cat cau ceb cel ces cha chb che chg chk chm chn cho chp chr chu chv chy cmc cnr cop cor cos cpe cpf cpp cre crh crp " +
	"csb cus cym dak dan dar day del den deu dgr din div doi dra dsb dua dum dyu dzo efi egy eka ell elx eng enm epo est eus ewe ewo fan " +
	"fao fas fat fij fil fin fiu fon fra frm fro frr frs fry ful fur gaa gay gba gem gez gil gla gle glg glv gmh goh gon gor got grb grc " +
	"grn gsw guj gwi hai hat hau haw heb her hil him hin hit hmn hmo hrv hsb hun hup hye iba ibo ido iii ijo iku ile ilo ina inc ind ine " +
	"inh ipk ira iro isl ita jav jbo jpn jpr jrb kaa kab kac kal kam kan kar kas kat kau kaw kaz kbd kha khi khm kho kik kin kir kmb kok " +
	"kom kon kor kos kpe krc krl kro kru kua kum kur kut lad lah lam lao lat lav lez lim lin lit lol loz ltz lua lub lug lui lun luo lus " +
	"mad mag mah mai mak mal man map mar mas mdf mdr men mga mic min mis mkd mkh mlg mlt mnc mni mno moh mon mos mri msa mul mun mus mwl " +
	"mwr mya myn myv nah nai nap nau nav nbl nde ndo nds nep new nia nic niu nld nno nob nog non nor nqo nso nub nwc nya nym nyn nyo nzi " +
	"oci oji ori orm osa oss ota oto paa pag pal pam pan pap pau peo phi phn pli pol pon por pra pro pus que raj rap rar roa roh rom ron " +
	"run rup rus sad sag sah sai sal sam san sas sat scn sco sel sem sga sgn shn sid sin sio sit sla slk slv sma sme smi smj smn smo sms " +
	"sna snd snk sog som son sot spa sqi srd srn srp srr ssa ssw suk sun sus sux swa swe syc syr tah tai tam tat tel tem ter tet tgk tgl " +
	"tha tig tir tiv tkl tlh tli tmh tog ton tpi tsi tsn tso tuk tum tup tur tut tvl twi tyv udm uga uig ukr umb und urd uzb vai ven vie " +
	"vol vot wak wal war was wen wln wol xal xho yao yap yid yor ypk zap zbl zen zgh zha zho znd zul zun zxx zza "

// groups are the codes of ISO 639-2 for groups of languages.
var groups = func() map[string]bool {
	m := make(map[string]bool, 64)
	for code := range strings.FieldsSeq("afa alg apa art ath aus bad bai bat ber bih bnt btk cai cau cel cmc cpe cpf cpp crp cus day dra fiu " +
		"gem him ijo inc ine ira iro kar khi kro map mkh mno mun myn nah nai nic nub oto paa phi pra roa sai sal sem sgn sio sit sla smi son " +
		"ssa tai tup tut wak wen ypk znd") {
		m[code] = true
	}
	return m
}()

// languageNames are folded names of the languages of ISO 639-2, with their codes; a name that means
// two languages has an empty one. The names come from the Unicode CLDR.
var languageNames = sync.OnceValue(func() map[string]string {
	names := make(map[string]string, 16_000)
	add := func(name, code string) {
		name = fold(name)
		if name == "" || isISO6392(name) {
			return
		}
		if was, ok := names[name]; ok && was != code {
			code = ""
		}
		names[name] = code
	}
	for code := range strings.FieldsSeq(iso6392) {
		tag, err := language.Raw.Parse(code)
		if err != nil || code == "und" || code == "mis" {
			continue
		}
		add(display.Self.Name(tag), code)
		for _, in := range []language.Tag{language.German, language.French, language.Spanish, language.Italian, language.Portuguese,
			language.Dutch, language.Russian, language.Polish, language.Albanian, language.Czech, language.Swedish, language.Danish,
			language.Norwegian, language.Finnish, language.Hungarian, language.Romanian, language.Slovak, language.Slovenian,
			language.Croatian, language.Serbian, language.Ukrainian, language.Bulgarian, language.Turkish, language.Greek} {
			add(display.Languages(in).Name(tag), code)
		}
	}
	// English last, and with the last word: it names what the others may leave open.
	for code := range strings.FieldsSeq(iso6392) {
		if tag, err := language.Raw.Parse(code); err == nil && code != "und" && code != "mis" {
			if name := fold(display.English.Languages().Name(tag)); name != "" && !isISO6392(name) {
				names[name] = code
			}
		}
	}
	for name, code := range otherLanguageNames {
		names[name] = code
	}
	return names
})

// otherLanguageNames are names that library catalogues write otherwise than CLDR does.
var otherLanguageNames = map[string]string{
	"greek, modern": "ell", "modern greek": "ell", "greek": "ell", "greek, ancient": "grc", "english, old": "ang", "english, middle": "enm",
	"french, old": "fro", "french, middle": "frm", "german, middle high": "gmh", "german, old high": "goh", "farsi": "fas",
	"castilian": "spa", "spanish; castilian": "spa", "flemish": "nld", "dutch; flemish": "nld", "mandarin": "zho", "chinese": "zho",
	"mandarin chinese": "zho", "serbo-croatian": "hbs", "church slavic": "chu", "old church slavonic": "chu", "old norse": "non",
	"no linguistic content": "zxx", "not applicable": "zxx", "multiple languages": "mul", "multiple": "mul", "multilingual": "mul",
	"bahasa indonesia": "ind", "irish gaelic": "gle", "scots gaelic": "gla", "moldavian": "ron", "panjabi": "pan", "shqip": "sqi",
	"gjuha shqipe": "sqi", "slovene": "slv", "frisian": "fry", "inuktitut": "iku", "burmese": "mya", "myanmar": "mya", "khmer": "khm",
}
