package follow

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A gateway writes the members of a change in one order and without spaces. Reading them with that in mind takes a
// fraction of the time that encoding/json takes, and that time is most of what a bootstrap costs.

// readChange reads a line as gateways write it. It says no to everything else, such as a line with members that this
// package doesn't know or one that is no JSON, and leaves it to encoding/json. What it reads, encoding/json reads as the
// same.
//
// Most strings of the change are parts of the line, so that they need no memory of their own. Those by which consumers
// remember a record are copies, so that they don't keep the line.
func readChange(line string) (ch Change, ok bool) {
	if hasControl(strings.TrimSuffix(line, "\n")) || !utf8.ValidString(line) {
		return Change{}, false
	}
	l := lineReader{rest: line}
	ch.Identifier = strings.Clone(l.text(`{"identifier":"`))
	ch.Source = strings.Clone(l.text(`,"source":"`))
	ch.Epoch = l.number(`,"epoch":"`)
	ch.Seq = l.number(`","seq":"`)
	ch.Prev = l.number(`","prev":"`)
	ch.Version = l.number(`","version":`)
	ch.Operation = l.operation(`,"operation":"`)
	ch.Reason = strings.Clone(l.optional(`,"reason":"`))
	if ch.Datestamp.UnmarshalText([]byte(l.plain(`,"datestamp":"`))) != nil {
		return Change{}, false
	}
	ch.Hash = strings.Clone(l.text(`,"hash":"`))
	ch.Links.OAI = l.text(`,"links":{"oai":"`)
	ch.Links.Page = l.text(`,"page":"`)
	l.must(`}`)
	ch.Sets = l.texts(`,"sets":[`)
	ch.Formats = l.texts(`,"formats":[`)
	if l.next(`,"record":{`) {
		ch.Record = l.record()
	}
	ch.Title = l.optional(`,"title":"`)
	ch.Date = l.optional(`,"date":"`)
	ch.OAIDC = l.optional(`,"oai_dc":"`)
	if l.next(`,"seen":"`) {
		ch.Seen = l.number(``)
		l.must(`"`)
	}
	l.must(`}`)
	l.next("\n")
	if l.failed || l.rest != "" {
		return Change{}, false
	}
	return ch, true
}

// hasControl says whether there is a control character, which no JSON string may have. It looks at eight bytes at once.
func hasControl(s string) bool {
	const every = 0x0101010101010101
	for ; len(s) >= 8; s = s[8:] {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if (w-' '*every)&^w&(0x80*every) != 0 {
			return true
		}
	}
	for i := range len(s) {
		if s[i] < ' ' {
			return true
		}
	}
	return false
}

// A lineReader reads a line from its beginning. After something unexpected it gives nothing more.
type lineReader struct {
	rest   string
	failed bool
}

func (l *lineReader) fail() { l.rest, l.failed = "", true }

// next passes over s, if that stands here.
func (l *lineReader) next(s string) (is bool) {
	l.rest, is = strings.CutPrefix(l.rest, s)
	return is
}

// must passes over s, which has to stand here.
func (l *lineReader) must(s string) {
	if !l.next(s) {
		l.fail()
	}
}

// text reads the string that begins with before.
func (l *lineReader) text(before string) string {
	l.must(before)
	return l.inString()
}

// optional reads the string that begins with before, if there is one.
func (l *lineReader) optional(before string) string {
	if !l.next(before) {
		return ""
	}
	return l.inString()
}

// plain is text in which nothing is escaped.
func (l *lineReader) plain(before string) string {
	l.must(before)
	s, escapes := l.quoted()
	if escapes {
		l.fail()
	}
	return s
}

// inString reads a string behind its first quotation mark.
func (l *lineReader) inString() string {
	s, escapes := l.quoted()
	if escapes {
		return l.unescape(s)
	}
	return s
}

// quoted reads up to the quotation mark that ends a string, and says whether something is escaped in it.
func (l *lineReader) quoted() (s string, escapes bool) {
	quote := -1
	for i := 0; ; {
		if quote < i { // the last one was escaped
			n := strings.IndexByte(l.rest[i:], '"')
			if n < 0 {
				l.fail()
				return "", false
			}
			quote = i + n
		}
		n := strings.IndexByte(l.rest[i:quote], '\\')
		if n < 0 {
			s, l.rest = l.rest[:quote], l.rest[quote+1:]
			return s, i > 0
		}
		i += n + 2
	}
}

func (l *lineReader) unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		r, n := escaped(s[i:])
		if n == 0 {
			l.fail()
			return ""
		}
		b.WriteRune(r)
		s = s[i+n:]
	}
}

// escaped reads the escape at the beginning of s, which is n bytes long; 0 if it is none, or half of a pair.
func escaped(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case '"', '\\', '/':
		return rune(s[1]), 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		if len(s) < 6 {
			return 0, 0
		}
		for _, c := range []byte(s[2:6]) {
			switch {
			case '0' <= c && c <= '9':
				c -= '0'
			case 'a' <= c && c <= 'f':
				c -= 'a' - 10
			case 'A' <= c && c <= 'F':
				c -= 'A' - 10
			default:
				return 0, 0
			}
			r = r<<4 | rune(c)
		}
		if utf8.ValidRune(r) {
			return r, 6
		}
	}
	return 0, 0
}

// number reads a number that is not negative, behind before.
func (l *lineReader) number(before string) (n int64) {
	l.must(before)
	i := 0
	for ; i < len(l.rest) && '0' <= l.rest[i] && l.rest[i] <= '9'; i++ {
		n = n*10 + int64(l.rest[i]-'0')
	}
	if i == 0 || i > 18 || i > 1 && l.rest[0] == '0' {
		l.fail()
		return 0
	}
	l.rest = l.rest[i:]
	return n
}

func (l *lineReader) operation(before string) Operation {
	switch op := Operation(l.text(before)); op {
	case Upserted: // the constants don't keep the line
		return Upserted
	case Deleted:
		return Deleted
	}
	l.fail()
	return ""
}

// texts reads a list of strings that begins with before, if there is one.
func (l *lineReader) texts(before string) []string {
	if !l.next(before) {
		return nil
	}
	all := make([]string, 0, 2)
	for first := true; !l.failed && !l.next(`]`); first = false {
		if !first {
			l.must(`,`)
		}
		all = append(all, l.text(`"`))
	}
	return all
}

// record reads a record behind its bracket. All of its values share one piece of memory.
func (l *lineReader) record() Record {
	type term struct {
		name     string
		from, to int // its values
	}
	terms, values := make([]term, 0, 16), make([]Value, 0, 24)
	for !l.failed && !l.next(`}`) {
		if len(terms) > 0 {
			l.must(`,`)
		}
		t := term{name: l.text(`"`), from: len(values)}
		l.must(`:[`)
		for ok := true; ok; ok = l.next(`,`) {
			values = append(values, l.value())
		}
		l.must(`]`)
		t.to = len(values)
		terms = append(terms, t)
	}
	all, rec := slices.Clone(values), make(Record, len(terms))
	for _, t := range terms {
		rec[t.name] = all[t.from:t.to:t.to]
	}
	if len(rec) < len(terms) { // one term twice
		l.fail()
	}
	return rec
}

func (l *lineReader) value() (v Value) {
	v.Value = l.text(`{"value":"`)
	v.Lang = l.optional(`,"lang":"`)
	v.Scheme = l.optional(`,"scheme":"`)
	v.Original = l.optional(`,"original":"`)
	v.From = l.optional(`,"from":"`)
	l.must(`}`)
	return v
}
