package crosswalk

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// textTransforms change a text, whatever it means.
var textTransforms = []transform{
	{
		name: "trim", args: "[\"CHARACTERS\"]", doc: "takes spaces, or the given characters, from both ends.",
		example: sample{[]string{"*Notes*"}, `trim "*"`, []string{"Notes"}},
		build: func(a *arguments) (stepFunc, error) {
			chars := ""
			if len(a.words) > 0 {
				chars, _ = a.text()
			}
			return each(func(_ *run, s string) string {
				if chars != "" {
					return strings.TrimSpace(strings.Trim(strings.TrimSpace(s), chars))
				}
				return strings.TrimSpace(s)
			}), nil
		},
	},
	{
		name: "clean", doc: "takes out HTML tags, entities and control characters, and folds white space.",
		example: sample{[]string{"<p>Rock &amp; roll</p>"}, "clean", []string{"Rock & roll"}},
		build: func(*arguments) (stepFunc, error) {
			return func(_ *run, in []item) []item {
				n := 0
				for i := range in {
					if !clean(&in[i]) {
						continue
					}
					if n != i {
						in[n] = in[i]
					}
					n++
				}
				return in[:n]
			}, nil
		},
	},
	{
		name: "isbd", doc: "takes ISBD punctuation from the end ( / : ; , = and a full stop that ends no abbreviation), and the spaces before such marks inside.",
		example: sample{[]string{"Moby Dick, or, The whale : a novel /"}, "isbd", []string{"Moby Dick, or, The whale: a novel"}},
		build:   plain(isbd),
	},
	{
		name: "replace", args: "\"OLD\" \"NEW\"", doc: "puts NEW wherever OLD stands.",
		example: sample{[]string{"a_b_c"}, `replace "_" " "`, []string{"a b c"}},
		build: func(a *arguments) (stepFunc, error) {
			from, err := a.text()
			if err != nil {
				return nil, err
			}
			to, err := a.text()
			return each(func(r *run, s string) string {
				if from == "" || len(s) > r.left() {
					return s
				}
				return boundedReplace(r, s, from, to)
			}), err
		},
	},
	{
		name: "rewrite", args: "\"PATTERN\" \"NEW\"", doc: "puts NEW wherever the regular expression (RE2) matches; $1, $2 are its groups.",
		example: sample{[]string{"Vol. 12"}, `rewrite "Vol\. (\d+)" "volume $1"`, []string{"volume 12"}},
		build: func(a *arguments) (stepFunc, error) {
			from, err := a.text()
			if err != nil {
				return nil, err
			}
			to, err := a.text()
			if err != nil {
				return nil, err
			}
			re, err := pattern(from)
			if err != nil {
				return nil, err
			}
			if len(to) > maxPattern {
				return nil, fmt.Errorf("the new text is longer than %d bytes", maxPattern)
			}
			return each(func(r *run, s string) string {
				return boundedRewrite(r, s, re, to)
			}), nil
		},
	},
	{
		name: "extract", args: "\"PATTERN\"", doc: "keeps what the regular expression (RE2) matches, or its first group; a value without a match falls away.",
		example: sample{[]string{"printed 1957 in Tirana", "undated"}, `extract "\b(\d{4})\b"`, []string{"1957"}},
		build: func(a *arguments) (stepFunc, error) {
			s, err := a.text()
			if err != nil {
				return nil, err
			}
			re, err := pattern(s)
			if err != nil {
				return nil, err
			}
			return each(func(_ *run, s string) string {
				if len(s) > maxMatched {
					return ""
				}
				m := re.FindStringSubmatch(s)
				switch len(m) {
				case 0:
					return ""
				case 1:
					return m[0]
				}
				return m[1]
			}), nil
		},
	},
	{
		name: "text", args: "\"TEMPLATE\"", doc: "writes a text with {SELECTOR} replaced by what it finds in the thing selected, {value} by the value itself; a [part] falls away if nothing is found for it.",
		example: sample{[]string{"42"}, `text "no. {value}"`, []string{"no. 42"}},
		build:   buildTemplate,
	},
	{
		name: "prefix", args: "\"TEXT\"", doc: "puts a text before each value that does not begin with it.",
		example: sample{[]string{"12/34", "hdl:5/6"}, `prefix "hdl:"`, []string{"hdl:12/34", "hdl:5/6"}},
		build: func(a *arguments) (stepFunc, error) {
			p, err := a.text()
			return each(func(_ *run, s string) string {
				if strings.HasPrefix(s, p) {
					return s
				}
				return p + s
			}), err
		},
	},
	{
		name: "upper", doc: "writes everything in capitals.",
		example: sample{[]string{"gdr"}, "upper", []string{"GDR"}},
		build:   plain(strings.ToUpper),
	},
	{
		name: "lower", doc: "writes everything in small letters.",
		example: sample{[]string{"PDF"}, "lower", []string{"pdf"}},
		build:   plain(strings.ToLower),
	},
	{
		name: "capitalize", doc: "makes the first letter a capital and leaves the others.",
		example: sample{[]string{"speech in Tirana"}, "capitalize", []string{"Speech in Tirana"}},
		build: plain(func(s string) string {
			c, n := utf8.DecodeRuneInString(s)
			return string(unicode.ToTitle(c)) + s[n:]
		}),
	},
	{
		name: "lang", args: "TAG", doc: "says in which language the text is written (a BCP 47 tag), where the source does not say.",
		example: sample{[]string{"Notes"}, "lang en", []string{"Notes"}},
		build: func(a *arguments) (stepFunc, error) {
			tag, err := a.text()
			if err != nil {
				return nil, err
			}
			if tag, err = languageTag(tag); err != nil {
				return nil, err
			}
			return func(_ *run, in []item) []item {
				for i := range in {
					if in[i].lang == "" {
						in[i].lang = tag
					}
				}
				return in
			}, nil
		},
	},
	{
		name: "scheme", args: "NAME", doc: "says by which encoding scheme the value is to be read (LCSH, DDC, URI…).",
		example: sample{[]string{"641.5"}, "scheme DDC", []string{"641.5"}},
		build: func(a *arguments) (stepFunc, error) {
			name, err := a.text()
			return func(_ *run, in []item) []item {
				for i := range in {
					in[i].scheme = name
				}
				return in
			}, err
		},
	},
}

// left is how many bytes of text the record's rules may still make.
func (r *run) left() int { return maxMade - r.spent }

// boundedReplace is [strings.ReplaceAll], unless that would make more text than the record may have.
func boundedReplace(r *run, s, from, to string) string {
	if n := strings.Count(s, from); n*(len(to)-len(from))+len(s) > r.left() {
		r.spent = maxMade + 1
		return s
	}
	return strings.ReplaceAll(s, from, to)
}

// boundedRewrite is re.ReplaceAllString with the same bound.
func boundedRewrite(r *run, s string, re *regexp.Regexp, to string) string {
	if len(s) > maxMatched {
		return s
	}
	var out []byte
	last := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		out = append(out, s[last:m[0]]...)
		out = re.ExpandString(out, to, s, m)
		last = m[1]
		if len(out) > r.left() {
			r.spent = maxMade + 1
			return s
		}
	}
	return string(append(out, s[last:]...))
}

// clean removes markup and needless white space from an item, and keeps the notes for later. It reports whether there
// is any text left.
func clean(it *item) bool {
	text, kinds := dublincore.CleanText(it.text)
	if text == it.text {
		return text != ""
	}
	for _, k := range kinds {
		it.changes = append(it.changes, change{k, it.text})
	}
	if it.original == "" {
		it.original = it.text
	}
	it.text = text
	return text != ""
}

// isbd removes the punctuation of ISBD. It separates the areas of a description, and has no meaning after an area that
// stands alone. A full stop stays after an initial or a short abbreviation ("Inc.", "J.").
func isbd(s string) string {
	if strings.Contains(s, "<<") || strings.Contains(s, "<>") || strings.Contains(s, "¬") {
		s = sortingSigns.Replace(s)
	}
	s = strings.TrimSpace(s)
	for {
		t := strings.TrimRight(s, " /:;,=")
		if cut, ok := strings.CutSuffix(t, "."); ok && !strings.HasSuffix(cut, ".") && !endsAbbreviated(cut) {
			t = cut
		}
		if t = strings.TrimSpace(t); t == s {
			break
		}
		s = t
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && strings.Count(s, "[") == 1 {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	for _, mark := range []string{" :", " ;", " ,"} {
		s = strings.ReplaceAll(s, mark, mark[1:])
	}
	return s
}

// sortingSigns stand around an article that is passed over in sorting: <<Die>> Bäume, ¬The¬ trees. <> alone stands where the
// text is in another script only.
var sortingSigns = strings.NewReplacer("<<", "", ">>", "", "<>", "", "¬", "")

// abbreviations that keep their full stop, folded.
var abbreviations = map[string]bool{
	"inc": true, "ltd": true, "co": true, "corp": true, "jr": true, "sr": true, "etc": true, "ed": true, "eds": true,
	"vol": true, "no": true, "st": true, "dr": true, "dept": true, "bros": true, "cie": true, "ca": true, "cent": true,
	"usa": true, "rev": true, "fl": true, "b": true, "d": true, "comp": true, "arr": true, "univ": true, "assoc": true,
	"al": true, "mt": true, "ft": true, "bd": true, "hrsg": true, "aufl": true, "nr": true, "ill": true, "esq": true,
}

func endsAbbreviated(s string) bool {
	last := s[strings.LastIndexAny(s, " -,(.")+1:]
	if utf8.RuneCountInString(last) == 1 {
		r, _ := utf8.DecodeRuneInString(last)
		return unicode.IsUpper(r)
	}
	return abbreviations[strings.ToLower(last)]
}
