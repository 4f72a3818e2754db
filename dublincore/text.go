package dublincore

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// maxMarkupLayers bounds how often CleanText looks for markup that appeared when other markup was removed.
const maxMarkupLayers = 8

// CleanText cleans a text, and says what it changed: it removes markup of HTML and JATS, of which the addresses of
// links, the words for pictures and raised numbers stay, and resolves character references (HTMLStripped), removes control characters and what XML forbids (ControlsRemoved), collapses and trims
// white space (WhitespaceCleaned), and makes NFC (Recomposed). Only known tags are markup: "<of>" and "a < b" stay.
func CleanText(text string) (string, []NoteKind) {
	if IsTidy(text) {
		return text, nil
	}
	var notes []NoteKind
	step := func(kind NoteKind, f func(string) string) {
		after := f(text)
		if after != text && !slices.Contains(notes, kind) {
			notes = append(notes, kind)
		}
		text = after
	}
	// One step may uncover work for another, so all are repeated until nothing changes.
	for range maxMarkupLayers {
		before := text
		step(ControlsRemoved, dropControls)
		step(HTMLStripped, func(s string) string { return stripTags(unescape(s)) })
		step(WhitespaceCleaned, collapseSpace)
		step(Recomposed, norm.NFC.String)
		if text == before {
			break
		}
	}
	return text, notes
}

// IsTidy reports whether one quick look shows that [CleanText] would leave text as it is. If it is false, CleanText
// may still change nothing. Most texts are tidy, and cleaning them would cost a copy and more.
func IsTidy(text string) bool {
	for i := 0; i < len(text); {
		c := text[i]
		if !looksTwice[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(text[i:])
			if !isPlain(r) {
				return false
			}
			i += n
			continue
		}
		i++
		switch {
		case c < ' ' || c == 0x7f:
			return false
		case c == ' ' && (i == 1 || text[i-2] == ' '):
			return false
		case c != ' ' && i < len(text) && text[i] != ' ': // "R & D" begins neither reference nor tag
			return false
		}
	}
	return text == "" || text[len(text)-1] != ' '
}

// looksTwice are the bytes that are tidy in some places only.
var looksTwice = func() (twice [256]bool) {
	for c := range twice {
		twice[c] = c <= ' ' || c == '&' || c == '<' || c >= 0x7f
	}
	return twice
}()

// isPlain reports whether a character above ASCII needs no closer look: it is neither white space nor a control
// character, is in NFC, and never combines with the character before it. That is so for most characters of most
// texts.
func isPlain(r rune) bool {
	switch {
	case r < 0x300:
		return r > 0xa0 // Latin
	case r < 0x530:
		return r >= 0x388 && r <= 0x482 || r >= 0x48a // Greek, Cyrillic
	case r < 0x3041:
		return r >= 0x2010 && r <= 0x2027 || r >= 0x2030 && r <= 0x205e // dashes, quotation marks
	}
	return r <= 0x3096 || r >= 0x30a0 && r <= 0x30ff || r >= 0x4e00 && r <= 0x9fff || r >= 0xac00 && r <= 0xd7a3
}

// dropControls removes control characters, noncharacters that XML forbids, byte order marks, and bytes that are not
// UTF-8. White space stays for collapseSpace.
func dropControls(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return r
		case unicode.IsControl(r), r == '\ufeff', !xmlscan.IsChar(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// collapseSpace replaces each run of white space by one blank, and removes it at the ends.
func collapseSpace(s string) string { return strings.Join(strings.Fields(s), " ") }

// maxEntity is how long a character reference can be, from & to semicolon.
const maxEntity = 34

// unescape resolves character references, also those of characters that were escaped several times
// (&amp;eacute;), in one pass.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	in := []byte(s)
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); {
		if in[i] != '&' {
			out = append(out, in[i])
			i++
			continue
		}
		window := in[i:min(len(in), i+maxEntity)]
		end := slices.Index(window, ';')
		if end < 0 {
			out = append(out, '&')
			i++
			continue
		}
		entity := string(window[:end+1])
		switch plain := html.UnescapeString(entity); {
		case plain == entity || strings.HasPrefix(plain, "&") && len(plain) > 1:
			out = append(out, '&')
			i++
		case plain == "&":
			i += end
			in[i] = '&' // with what follows it may be another reference
		default:
			out = append(out, plain...)
			i += end + 1
		}
	}
	return string(out)
}

// markup are the tags that are removed. It is true for those that stand between words.
var markup = func() map[string]bool {
	m := make(map[string]bool, 80)
	for tag := range strings.FieldsSeq("a abbr acronym b big bdi bdo cite code dfn em font i ins kbd del label mark q s samp small span " +
		"strike strong sub sup tt u var wbr jats:italic jats:bold jats:sub jats:sup jats:sc jats:ext-link jats:xref jats:monospace inline-formula") {
		m[tag] = false
	}
	for tag := range strings.FieldsSeq("address article aside blockquote body br center dd div dl dt figcaption figure footer form " +
		"h1 h2 h3 h4 h5 h6 head header hr html iframe img input li link main meta nav noscript object ol option p pre script section select style table " +
		"tbody td textarea tfoot th thead title tr ul jats:p jats:title jats:sec jats:list jats:list-item jats:label jats:disp-formula") {
		m[tag] = true
	}
	return m
}()

// stripTags removes known tags, comments, and the content of scripts and style sheets. What a tag alone says stays: where a link
// leads, what a picture shows, that a number is raised.
func stripTags(s string) string {
	at := strings.IndexByte(s, '<')
	if at < 0 {
		return s
	}
	p := plainText{out: make([]byte, 0, len(s))}
	for {
		p.out = append(p.out, s[:at]...)
		s = s[at:]
		n, parts := markupLength(s)
		switch {
		case n == 0:
			p.out = append(p.out, '<')
			n = 1
		case parts:
			p.out = append(p.out, ' ')
			fallthrough
		default:
			p.tag(s[:n])
		}
		s = s[n:]
		if at = strings.IndexByte(s, '<'); at < 0 {
			return string(append(p.out, s...))
		}
	}
}

// A plainText is what is left of a text with markup.
type plainText struct {
	out    []byte
	link   string // where the link leads that is open; empty if none is, or if it leads to no address
	linkAt int    // where its text begins in out
	supAt  int    // where the raised text begins, from 1; 0 if none is open
}

// tag takes what a tag says.
func (p *plainText) tag(tag string) {
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimRight(tag, "/>")), " ")
	switch name {
	case "<a", "<jats:ext-link":
		p.link, p.linkAt = "", len(p.out)
		if to := address.FindStringSubmatch(tag); to != nil {
			p.link = to[1]
		}
	case "</a", "</jats:ext-link":
		if p.link != "" && !strings.Contains(string(p.out[p.linkAt:]), strings.TrimSuffix(p.link, "/")) {
			p.out = append(append(append(p.out, " ("...), p.link...), ')')
		}
		p.link = ""
	case "<img":
		if shows := alternative.FindStringSubmatch(tag); shows != nil {
			p.out = append(append(p.out, shows[1]...), ' ')
		}
	case "<sup", "<jats:sup":
		p.supAt = len(p.out) + 1
	case "</sup", "</jats:sup":
		if p.supAt > 0 {
			if up, ok := raised(string(p.out[p.supAt-1:])); ok {
				p.out = append(p.out[:p.supAt-1], up...)
			}
		}
		p.supAt = 0
	}
}

var (
	address     = regexp.MustCompile(`(?i)\bhref\s*=\s*["']?(https?://[^"'\s<>]+)`)
	alternative = regexp.MustCompile(`(?i)\balt\s*=\s*["']([^"'<>]+)`)
)

// raised is a raised number, which is another one if it is not raised: 10<sup>6</sup> is not 106. It is false of other text.
func raised(s string) (string, bool) {
	for _, r := range s {
		if !strings.ContainsRune("0123456789+-−–", r) {
			return "", false
		}
	}
	return superscripts.Replace(s), s != ""
}

var superscripts = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹",
	"+", "⁺", "-", "⁻", "−", "⁻", "–", "⁻")

// maxTag bounds the length of a tag with its attributes.
const maxTag = 4096

// markupLength is the length of the markup at the start of s; 0 if there is none.
func markupLength(s string) (n int, parts bool) {
	if strings.HasPrefix(s, "<!--") {
		if end := strings.Index(s, "-->"); end >= 0 {
			return end + 3, false
		}
		return 0, false
	}
	name := strings.TrimPrefix(s[1:min(len(s), 40)], "/")
	end := 0
	for end < len(name) {
		r, size := utf8.DecodeRuneInString(name[end:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ':' && r != '-' {
			break
		}
		end += size
	}
	tag := strings.ToLower(name[:end])
	parts, known := markup[tag]
	if !known || end == len(name) || strings.IndexByte(" \t\n\r/>", name[end]) < 0 {
		return 0, false
	}
	window := s[:min(len(s), maxTag)]
	close := strings.IndexByte(window, '>')
	if close < 0 || strings.IndexByte(window[1:close], '<') >= 0 {
		return 0, false
	}
	if !isTag(window, tag, close) {
		return 0, false
	}
	if tag == "script" || tag == "style" {
		if i := strings.Index(strings.ToLower(window), "</"+tag+">"); i > close {
			return i + len(tag) + 3, true
		}
	}
	return close + 1, parts
}

// isTag reports whether what looks like a tag is one: what follows its name are attributes, or the tag is closed soon. In
// "a<b and c>d" neither is so.
func isTag(window, tag string, close int) bool {
	_, rest, _ := strings.Cut(strings.TrimRight(window[:close], " \t\r\n/"), " ")
	return strings.TrimSpace(rest) == "" || strings.Contains(rest, "=") || strings.Contains(strings.ToLower(window), "</"+tag)
}

// Clean cleans every text of the record with [CleanText], brings the languages of its texts into BCP 47, and then
// removes values that are empty or there twice. Each change leaves a note.
func (r *Record) Clean() {
	for i := range r.Values {
		v := &r.Values[i]
		text, changes := CleanText(v.Text)
		for _, kind := range changes {
			r.Note(v.Term, kind, wording.Shorten(v.Text, maxNoteText))
		}
		v.Text = text
		if v.Lang == "" {
			continue
		}
		l, ok := ParseLanguage(v.Lang)
		if !ok {
			r.Note(v.Term, BadLanguageTag, wording.Shorten(v.Lang, maxNoteText))
		}
		v.Lang = l.BCP47
	}
	r.Dedupe()
}
