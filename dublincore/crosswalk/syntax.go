package crosswalk

import (
	"strings"
	"unicode/utf8"
)

// Bounds of a mapping's text, before it is parsed.
const (
	maxFile     = 1 << 20 // bytes of one mapping file
	maxLines    = 20_000
	maxLine     = 8 << 10 // bytes of one line
	maxWords    = 256     // words of one line
	maxRules    = 5_000   // rules of a mapping with its includes
	maxSteps    = 32      // transforms of one rule
	maxIncludes = 16      // files that include each other
	maxPattern  = 1_000   // bytes of a regular expression or template
)

// A word is a text between spaces: a name, a selector, a "quoted text", a (group).
type word struct {
	text   string // without its quotes, if quoted
	quoted bool
	line   int
	col    int // in characters, from 1
}

// is reports whether w is the keyword s. A quoted word never is.
func (w word) is(s string) bool { return !w.quoted && w.text == s }

// A line is one line of a mapping that says something.
type line struct {
	num      int
	indented bool
	words    []word
	verbatim string // for a line that begins with ">": what follows it, as written
}

// readLines splits a mapping into lines and words. Comments and blank lines are left out.
func readLines(file, src string) ([]line, Errors) {
	if len(src) > maxFile {
		return nil, Errors{{File: file, Msg: "the file is larger than 1 MiB; move long tables to CSV files"}}
	}
	if !utf8.ValidString(src) {
		return nil, Errors{{File: file, Msg: "the file is not UTF-8; save it as UTF-8"}}
	}
	src = strings.TrimPrefix(src, "\ufeff")
	var out []line
	var errs Errors
	num := 0
	for raw := range strings.Lines(src) {
		num++
		if num > maxLines || len(errs) >= maxErrors {
			errs = append(errs, &Error{File: file, Line: num, Msg: "the file has too many lines; split it with include"})
			break
		}
		raw = strings.TrimRight(raw, "\r\n")
		if len(raw) > maxLine {
			errs = append(errs, &Error{File: file, Line: num, Msg: "the line is longer than 8 KiB"})
			continue
		}
		l := line{num: num, indented: raw != "" && (raw[0] == ' ' || raw[0] == '\t')}
		text := strings.TrimLeft(raw, " \t")
		if l.indented && strings.HasPrefix(text, ">") {
			l.verbatim = strings.TrimPrefix(strings.TrimPrefix(text, ">"), " ")
			l.words = []word{{text: ">", line: num, col: len(raw) - len(text) + 1}}
			out = append(out, l)
			continue
		}
		if strings.HasPrefix(text, "#") {
			continue
		}
		words, err := splitWords(raw, num)
		if err != nil {
			err.File = file
			errs = append(errs, err)
			continue
		}
		if len(words) > 0 {
			l.words = words
			out = append(out, l)
		}
	}
	return out, errs
}

// splitWords splits one line. Quotes and brackets keep spaces together; a # that stands before a
// space (or at the end) begins a comment, so the CSS selector #main does not.
func splitWords(s string, num int) ([]word, *Error) {
	var words []word
	col, pos := 1, 0
	next := func(n int) { // n bytes on
		col += utf8.RuneCountInString(s[pos : pos+n])
		pos += n
	}
	for {
		for pos < len(s) && (s[pos] == ' ' || s[pos] == '\t') {
			next(1)
		}
		if pos == len(s) || s[pos] == '#' && (pos+1 == len(s) || s[pos+1] == ' ' || s[pos+1] == '\t') {
			return words, nil
		}
		if len(words) == maxWords {
			return nil, &Error{Line: num, Col: col, Msg: "the line has more than 256 words"}
		}
		w := word{line: num, col: col}
		var size int
		var problem string
		if s[pos] == '"' {
			w.quoted = true
			w.text, size, problem = readQuoted(s[pos:])
		} else {
			size, problem = bareLen(s[pos:])
			w.text = s[pos : pos+size]
		}
		if problem == "" && !w.quoted {
			problem = mistyped(w.text)
		}
		if problem != "" {
			return nil, &Error{Line: num, Col: col, Msg: problem}
		}
		words = append(words, w)
		next(size)
		if w.quoted && pos < len(s) && s[pos] != ' ' && s[pos] != '\t' {
			return nil, &Error{Line: num, Col: col, Msg: "put a space after the closing quote"}
		}
	}
}

// mistyped recognises words that can only be mistakes, because they would select nothing: signs without spaces around
// them, and the quotes that word processors make.
func mistyped(s string) string {
	if strings.HasPrefix(s, "“") || strings.HasPrefix(s, "”") || strings.HasPrefix(s, "„") || strings.HasPrefix(s, "«") {
		return `write texts in straight quotes: "…"`
	}
	if s != "|" && outsideBrackets(s, '|') {
		return `put a space before and behind |; one that belongs to a text stands in "quotes"`
	}
	return ""
}

// outsideBrackets reports whether s has c outside of all brackets.
func outsideBrackets(s string, c byte) bool {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case c:
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

// readQuoted reads a text in quotes at the start of s, and returns how many bytes it has.
// Inside, \" \\ \n and \t are a quote, a backslash, a line's end and a tab; any other backslash stays,
// so that regular expressions need no doubling.
func readQuoted(s string) (text string, size int, problem string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; c {
		case '"':
			return b.String(), i + 1, ""
		case '\\':
			if i+1 < len(s) {
				switch s[i+1] {
				case '"', '\\':
					i++
					b.WriteByte(s[i])
					continue
				case 'n':
					i++
					b.WriteByte('\n')
					continue
				case 't':
					i++
					b.WriteByte('\t')
					continue
				}
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, "this quote is never closed"
}

// bareLen is the length of the bare word at the start of s: up to a space outside brackets and the
// quotes within brackets.
func bareLen(s string) (size int, problem string) {
	var open []byte
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case len(open) > 0 && (c == '"' || c == '\''):
			quote = c
		case c == '(' || c == '[' || c == '{':
			if len(open) == 32 {
				return 0, "the brackets are nested deeper than 32"
			}
			open = append(open, c)
		case c == ')' || c == ']' || c == '}':
			if len(open) == 0 || open[len(open)-1] != opening(c) {
				return 0, "this bracket closes nothing: " + string(rune(c))
			}
			open = open[:len(open)-1]
		case (c == ' ' || c == '\t') && len(open) == 0:
			return i, ""
		}
	}
	if quote != 0 {
		return 0, "a quote inside the brackets is never closed"
	}
	if len(open) > 0 {
		return 0, "this bracket is never closed: " + string(rune(open[len(open)-1]))
	}
	return len(s), ""
}

func opening(c byte) byte {
	switch c {
	case ')':
		return '('
	case ']':
		return '['
	}
	return '{'
}
