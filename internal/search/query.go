package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// A Query is what a reader asks for. The zero Query finds everything.
type Query struct {
	// Text is what was typed: words, all of which must be there; "phrases"; field:word, where a field is one of title,
	// creator, subject, place, abstract and identifier, a facet, or date; -word for what must not be there. The last word
	// may be the beginning of one, unless many records have just that word.
	Text string
	// Chosen are values of facets, and of [PartOf]. A record has one of the values of each facet that is named.
	Chosen map[string][]string
	// From and To are dates of which a record's date may be one (a year, a month, a day); empty for no bound.
	From, To string
	Sort     Sort
	// Language is that of the reader, in whose order titles are sorted: a language tag.
	Language string
	// Before is the place of the stretch of hits that is wanted (see [Found.Next]); 0 for the first. Of a place of the log it is
	// the hits before it.
	Before int64
	// Offset and Limit cut a page out of the stretch.
	Offset, Limit int
	// Whole is a facet of which all values are wanted, up to MaxValues, and nothing of the others; empty for the most
	// frequent values of all facets.
	Whole string
}

// A Sort is an order of results.
type Sort string

// The orders.
const (
	Best   Sort = ""       // the best hits first (see rank.go); the newest in the gateway, if there are no words
	Newest Sort = "newest" // what came or changed last first
	Early  Sort = "early"  // by the first day that the date may mean; without a date at the end
	Late   Sort = "late"
	Title  Sort = "title"
)

// maxQuery bounds what is typed, in bytes, maxTerms in words.
const (
	maxQuery = 1000
	maxTerms = 32
)

// A plan is a query as the index understands it.
type plan struct {
	kept              kept // for who reads
	most, mostOrdered int  // hits of a stretch, and of an order of all
	shelfSize         int
	match             string // for FTS5; empty if no words are wanted
	// The last word may be the beginning of one (in match) or a word (in closed). open is the word, if that is not said.
	closed, open string
	words        []string
	tongues      tongueSet // in which words may have other forms
	chosen       map[string][]string
	filters      map[string]set // the records that have it, and those within the dates (see resolve)
	from, to     int64
	// near are the records of the decades around the dates that are chosen; nil if hits are not counted by year.
	near set
	// typedFrom and typedTo are the days to which the text alone narrows the search; ranged says that From or To does.
	typedFrom, typedTo int64
	ranged             bool
	name               string // an identifier, if the text may be one
	typed              string // the same as it was typed
	asWords            bool   // something in the text was not understood, and is taken for words
	nothing            bool   // no record can be meant
}

var fields = map[string]string{
	"title": "title", "creator": "creator", "author": "creator", "subject": "subject", "place": "place",
	"abstract": "abstract", "description": "abstract", "identifier": "identifier", "id": "identifier",
}

// plan works out what a query means. Whatever is typed means something.
func (x *Index) plan(q *Query) *plan {
	p := &plan{most: x.most, mostOrdered: x.mostOrdered, shelfSize: x.shelfSize, tongues: tongueSet(x.tongues.Load()), chosen: map[string][]string{}, from: math64min, to: math64max, typedFrom: math64min, typedTo: math64max}
	for facet, values := range q.Chosen {
		if len(values) > 0 {
			p.chosen[facet] = values
		}
	}
	for _, bound := range []struct {
		text  string
		start bool
	}{{q.From, true}, {q.To, false}} {
		if bound.text == "" {
			continue
		}
		d, ok := parseDay(bound.text)
		switch {
		case !ok:
			p.asWords = true
		case bound.start:
			p.from, p.ranged = dayOf(d.Start()), true
		default:
			p.to, p.ranged = dayOf(d.End()), true
		}
	}
	text := strings.ToValidUTF8(q.Text, " ")
	if len(text) > maxQuery {
		text, p.asWords = strings.ToValidUTF8(text[:maxQuery], ""), true
	}
	p.read(text)
	if trimmed := strings.TrimSpace(text); trimmed != "" && !strings.ContainsAny(trimmed, " \t\n\"") {
		p.name, p.typed = nameOf(trimmed), trimmed
	}
	return p
}

func parseDay(text string) (date.Date, bool) {
	text = strings.TrimSpace(text)
	d, err := date.ParseEDTF(text)
	if err != nil {
		d, err = date.Parse(text, date.AnyOrder)
	}
	return d, err == nil && !d.OpenStart() && !d.OpenEnd()
}

// read reads a typed text.
func (p *plan) read(text string) {
	var must, not []string
	beginning, terms := "", 0
	for rest := text; ; {
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		if rest == "" {
			break
		}
		if terms++; terms > maxTerms {
			p.asWords = true
			break
		}
		minus := len(rest) > 1 && rest[0] == '-' && rest[1] != ' ' && rest[1] != '-'
		if minus {
			rest = rest[1:]
		}
		field := ""
		if at := strings.IndexByte(rest, ':'); at > 0 && !strings.ContainsFunc(rest[:at], func(r rune) bool { return unicode.IsSpace(r) || r == '"' }) {
			field = strings.ToLower(rest[:at])
			if column, facet := fields[field], isFacet(field); column == "" && !facet && field != "date" || at+1 == len(rest) || rest[at+1] == ' ' {
				field = ""
				p.asWords = p.asWords || !named(rest)
			} else {
				rest = rest[at+1:]
			}
		}
		term, quoted := rest, false
		if rest[0] == '"' {
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 {
				p.asWords = true
				term, rest = rest[1:], ""
			} else {
				term, rest = rest[1:1+end], rest[end+2:]
			}
			quoted = true
		} else if at := strings.IndexFunc(rest, unicode.IsSpace); at >= 0 {
			term, rest = rest[:at], rest[at:]
		} else {
			rest = ""
		}
		switch m := ""; {
		case field == "date" && !minus:
			p.within(term)
		case isFacet(field) && fields[field] == "" && !minus:
			p.chosen[field] = append(p.chosen[field], term)
		default:
			if m = match(term); m == "" {
				continue
			}
			column := fields[field]
			if column != "" {
				column += " : "
			}
			if rest == "" && !quoted && !minus && !strings.HasSuffix(m, "*") && utf8.RuneCountInString(term) > 2 {
				p.open, beginning = column+m, column+p.tongues.stemmed(m+"*", term)
			}
			if !quoted && !minus {
				m = p.tongues.stemmed(m, term)
			}
			m = column + m
			if minus {
				not = append(not, m)
				continue
			}
			must = append(must, m)
			p.words = append(p.words, term)
		}
	}
	if len(must) == 0 && len(not) > 0 { // there is nothing from which it could be taken
		must, not, p.asWords = not, nil, true
	}
	join := func() string {
		all := strings.Join(must, " AND ")
		for _, m := range not {
			all = "(" + all + ") NOT " + m
		}
		return all
	}
	p.closed = join()
	if beginning != "" {
		must[len(must)-1] = beginning
	}
	p.match = join()
}

// named says whether a text begins with an identifier that has a colon.
func named(text string) bool {
	word, _, _ := strings.Cut(text, " ")
	_, known := dublincore.ParseIdentifier(word)
	return known || strings.Contains(word, "://") || strings.HasPrefix(word, "oai:")
}

// within narrows the days to those of a date.
func (p *plan) within(text string) {
	d, ok := parseDay(text)
	if !ok {
		p.asWords = true
		return
	}
	p.typedFrom, p.typedTo = max(p.typedFrom, dayOf(d.Start())), min(p.typedTo, dayOf(d.End()))
	p.from, p.to = max(p.from, p.typedFrom), min(p.to, p.typedTo)
	p.nothing = p.nothing || p.from > p.to
}

// match is a term for FTS5: its words one behind the other. It is empty if there is no word in it.
func match(term string) string {
	star := strings.HasSuffix(term, "*")
	var b strings.Builder
	addWords(&b, strings.Map(func(r rune) rune {
		if r == '"' || r == 0 || r == utf8.RuneError {
			return ' '
		}
		return r
	}, term))
	text := b.String()
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r) }) {
		return ""
	}
	out := `"` + text + `"`
	if star {
		out += "*"
	}
	return out
}

func isFacet(name string) bool {
	for _, f := range Facets {
		if f == name {
			return true
		}
	}
	return false
}
