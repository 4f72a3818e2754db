package quality

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// The limits of the problem patterns, in characters.
const (
	maxOdd         = 5  // P5: more odd characters than this
	tooShort       = 2  // P6: a title of this length or less
	maxShort       = 50 // P9: a description of this length or less
	maxTitle       = 70 // P12: a title longer than this
	minHeld        = 6  // P6: an identifier that a title holds has this length at least
	maxCompared    = 4  // P2, P3, P6: how many of each field are compared with each other
	maxLooked      = 4096
	maxFileNameLen = 120
)

// judgePatterns looks for the problem patterns that one record can show.
func (m *Meter) judgePatterns(f *facts) {
	if len(f.titles) == 0 {
		m.found(f, titleNone, "")
	} else {
		m.titles.add(f, f.titles[0].Text, f.titles[0].Text)
	}
	for _, v := range f.titles {
		m.judgeTitle(f, v.Text)
	}
	for _, t := range f.titles[:min(len(f.titles), maxCompared)] {
		for _, d := range f.descriptions[:min(len(f.descriptions), maxCompared)] {
			switch {
			case strings.EqualFold(t.Text, d.Text):
				m.found(f, titleIsDescription, t.Text)
			case m.similar.near(t.Text, d.Text):
				m.found(f, titleNearDescription, clip(t.Text)+" ↔ "+clip(d.Text))
			}
		}
	}
	if len(f.descriptions) == 0 {
		m.found(f, descriptionNone, first(f.titles))
	}
	for _, v := range f.descriptions {
		if !longerThan(v.Text, maxShort) {
			m.found(f, descriptionShort, v.Text)
		}
	}
	if f.firstDay != nil {
		m.days.add(f, f.firstDay.Text, f.firstDay.Text)
	}
	for i := range f.values {
		m.judgeText(f, f.values[i].Text)
	}
}

func (m *Meter) judgeTitle(f *facts, title string) {
	if countOdd(title) > maxOdd {
		m.found(f, titleOdd, title)
	}
	if !longerThan(title, tooShort) || isFileName(title) || f.isIdentifier(title) {
		m.found(f, titleIsIdentifier, title)
	}
	if longerThan(title, maxTitle) {
		m.found(f, titleLong, title)
	}
}

// judgeText looks for what no text should have.
func (m *Meter) judgeText(f *facts, text string) {
	if isDamaged(text) {
		m.found(f, textDamaged, text)
	}
	if strings.IndexByte(text, '<') >= 0 || strings.IndexByte(text, '&') >= 0 {
		_, notes := dc.CleanText(text[:min(len(text), maxLooked)])
		for _, n := range notes {
			if n == dc.HTMLStripped {
				m.found(f, markupLeft, text)
			}
		}
	}
}

// longerThan reports whether s has more than n characters, without counting them all.
func longerThan(s string, n int) bool {
	if len(s) <= n {
		return false
	}
	return len(s) > n*utf8.UTFMax || utf8.RuneCountInString(s) > n
}

// countOdd is how many characters of s are neither letters, marks, digits nor plain spaces.
func countOdd(s string) (odd int) {
	for _, r := range s {
		switch {
		case r == ' ', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		case r < utf8.RuneSelf, !unicode.In(r, unicode.L, unicode.M, unicode.Nd):
			odd++
		}
	}
	return odd
}

// isIdentifier reports whether a title is or holds an identifier of the record, as it is or as the
// source wrote it, or is a standard identifier.
func (f *facts) isIdentifier(title string) bool {
	title = title[:min(len(title), maxLooked)]
	for _, v := range f.identifiers[:min(len(f.identifiers), maxCompared)] {
		if title == v.Text || title == v.Original || holds(title, v.Text) || holds(title, v.Original) {
			return true
		}
	}
	if strings.IndexByte(title, ' ') >= 0 || !strings.ContainsAny(title, "0123456789") || !strings.ContainsAny(title, "/:-") {
		return false
	}
	_, ok := dc.ParseIdentifier(title)
	return ok
}

func holds(title, identifier string) bool {
	return len(identifier) >= minHeld && strings.Contains(title, identifier)
}

// isFileName tells names such as IMG_2034.tif.
func isFileName(title string) bool {
	if len(title) > maxFileNameLen || strings.IndexByte(title, ' ') >= 0 {
		return false
	}
	switch strings.ToLower(path.Ext(title)) {
	case ".tif", ".tiff", ".jpg", ".jpeg", ".png", ".gif", ".jp2", ".bmp", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".csv", ".txt",
		".xml", ".mp3", ".mp4", ".wav", ".avi", ".mov", ".zip":
		return true
	}
	return false
}

// isDamaged tells the traces of a wrong encoding: replacement characters, and UTF-8 that was read as
// Latin-1 or Windows-1252 ("Ã©", "â€™").
func isDamaged(s string) bool {
	for i := 0; i < len(s); {
		at := strings.IndexByte(s[i:], 0xc3)
		if at < 0 {
			break
		}
		i += at
		rest := s[i:]
		// "Ã" (or "Â") before what is a trailing byte there: U+0080 to U+00BF.
		if len(rest) >= 4 && (rest[1] == 0x83 || rest[1] == 0x82) && rest[2] == 0xc2 && rest[3] != 0xa0 {
			return true
		}
		if strings.HasPrefix(rest, "â€") || strings.HasPrefix(rest, "â\u0080") {
			return true
		}
		i += 2
	}
	return strings.Contains(s, "\ufffd")
}
