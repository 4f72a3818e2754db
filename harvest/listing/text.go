package listing

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWrapped is the longest line, in characters, of a page whose paragraphs are broken into lines.
const maxWrapped = 100

// maxHeader is how much of the text before the first record is searched for the count.
const maxHeader = 64 << 10

// A textReader takes a text page apart. A line that is a date begins a record. The first paragraph after it is the title,
// and all others up to the next date are the summary.
type textReader struct {
	text     string
	headings map[string]bool
	limit    int // of rows
	wrapped  bool

	out    content
	kind   string
	header []string // the lines before the first record
	open   bool
	rec    textRecord
}

// A textRecord is the record being read.
type textRecord struct {
	start, dateEnd int
	date           string
	paragraphs     []paragraph
}

// A paragraph has its text in one line.
type paragraph struct {
	text string
	end  int // offset of its end in the page
}

// readText takes a text page apart. It stops at one row more than limit.
func readText(text string, headings map[string]bool, limit int) content {
	t := textReader{text: text, headings: headings, limit: limit}
	t.wrapped = wrapped(text)
	t.lines()
	t.close()
	header := strings.Join(t.header, " ")
	if len(header) > maxHeader {
		header = header[len(header)-maxHeader:]
	}
	for _, c := range countsIn(header) {
		t.out.counts = addCount(t.out.counts, c)
	}
	return t.out
}

func (t *textReader) lines() {
	blank := true // the line before was
	for at := 0; at < len(t.text) && len(t.out.rows) <= t.limit; {
		line, next := nextLine(t.text, at)
		start := at
		at = next
		trimmed := strings.TrimFunc(line, isBlank)
		if trimmed == "" {
			blank = true
			continue
		}
		end := start + strings.Index(line, trimmed) + len(trimmed)
		if IsDateLine(trimmed) {
			t.close()
			t.open = true
			t.rec.start, t.rec.dateEnd, t.rec.date = end-len(trimmed), end, trimmed
		} else if t.open {
			t.body(trimmed, end, blank)
		} else {
			t.header = append(t.header, trimmed)
		}
		blank = false
	}
}

// body takes a line after a date line.
func (t *textReader) body(line string, end int, afterBlank bool) {
	if c, ok := countOfLine(line); ok {
		t.out.counts = addCount(t.out.counts, c)
		return
	}
	ps := t.rec.paragraphs
	if len(ps) > 0 && isNavigation(line) {
		return
	}
	if t.continues(afterBlank) {
		last := &ps[len(ps)-1]
		last.text, last.end = last.text+" "+oneLine(line), end
		return
	}
	t.rec.paragraphs = append(ps, paragraph{oneLine(line), end})
}

// continues reports whether a line continues the paragraph before it. If the title follows the date without a blank
// line, the title is that one line.
func (t *textReader) continues(afterBlank bool) bool {
	n := len(t.rec.paragraphs)
	if n == 0 || afterBlank || !t.wrapped {
		return false
	}
	return n > 1 || hasBlankLine(t.text[t.rec.dateEnd:t.rec.paragraphs[0].end])
}

// close ends the record being read. A heading at its end belongs to the records that follow.
func (t *textReader) close() {
	if !t.open {
		if n := len(t.header); n > 0 && t.headings[strings.ToLower(t.header[n-1])] {
			t.kind = t.header[n-1]
		}
		return
	}
	kind, ps := t.kind, t.rec.paragraphs
	for len(ps) > 1 && t.headings[strings.ToLower(ps[len(ps)-1].text)] {
		t.kind = ps[len(ps)-1].text
		ps = ps[:len(ps)-1]
	}
	r := row{date: oneLine(t.rec.date), kind: kind}
	end := t.rec.dateEnd
	if len(ps) > 0 {
		r.title = ps[0].text
		r.summary = joinParagraphs(ps[1:])
		end = ps[len(ps)-1].end
	}
	r.raw = t.text[t.rec.start:end]
	if !utf8.ValidString(r.raw) {
		r.bad = reject(reasonMalformed, "the row is not UTF-8; save the page as UTF-8")
	}
	t.out.rows = append(t.out.rows, r)
	t.open = false
	t.rec.paragraphs = t.rec.paragraphs[:0]
}

func joinParagraphs(ps []paragraph) string {
	if len(ps) == 1 {
		return ps[0].text
	}
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// wrapped reports whether the paragraphs of a page may be broken into lines, because no line is long.
func wrapped(text string) bool {
	for at := 0; at < len(text); {
		line, next := nextLine(text, at)
		if len(line) > maxWrapped && utf8.RuneCountInString(line) > maxWrapped {
			return false
		}
		at = next
	}
	return true
}

// nextLine returns the line at an offset, and the offset of the next one. Lines end with LF, CR LF or CR.
func nextLine(text string, at int) (line string, next int) {
	rest := text[at:]
	i := strings.IndexAny(rest, "\n\r")
	switch {
	case i < 0:
		return rest, len(text)
	case rest[i] == '\r' && i+1 < len(rest) && rest[i+1] == '\n':
		return rest[:i], at + i + 2
	}
	return rest[:i], at + i + 1
}

func hasBlankLine(text string) bool {
	_, at := nextLine(text, 0) // what is left of the first line
	for at < len(text) {
		line, next := nextLine(text, at)
		if strings.TrimFunc(line, isBlank) == "" {
			return true
		}
		at = next
	}
	return false
}

// isBlank reports whether r is white space in the widest sense: what nobody sees at the end of a line.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' || r >= '\u200b' && r <= '\u200f' || r == '\u2060'
}

// oneLine folds every run of white space and control characters into one space.
func oneLine(s string) string {
	if isOneLine(s) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

func isOneLine(s string) bool {
	after := ' '
	for _, r := range s {
		if r == ' ' && after == ' ' || r != ' ' && (unicode.IsSpace(r) || unicode.IsControl(r)) {
			return false
		}
		after = r
	}
	return after != ' '
}
