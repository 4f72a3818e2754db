package search

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/collation"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The facets.
const (
	Kind     = "kind"
	Source   = "source"
	Set      = "set"
	Language = "language"
	Place    = "place"
	Person   = "person"
	Subject  = "subject"
	Decade   = "decade" // "1950", "-50"; Undated
	Rights   = "rights"
	Provider = "provider"
)

// Facets are the names of all facets, in the order in which readers want them.
var Facets = []string{Kind, Source, Decade, Language, Place, Person, Subject, Provider, Rights, Set}

// numbered are the facets by the places that the numbers of their values say (see kinds).
var numbered = append(slices.Clone(Facets), PartOf)

// Undated is the decade of what has no date.
const Undated = "undated"

// Bounds of what of a record is found.
const (
	maxValue  = 200     // bytes of a facet's value, and of an identifier
	maxValues = 40      // of a facet in a record
	maxText   = 1 << 20 // bytes of a column of words
	maxNames  = 12
)

// The columns of words.
const (
	inTitle = iota // with its stems (see stems.go), as inSubject and inAbstract
	inCreator
	inSubject
	inPlace
	inAbstract
	inIdentifier
	inOther
	columns
)

// An entry is what of a record is found.
type entry struct {
	words         [columns]string
	tongues       tongueSet
	values        []facetValue
	names         []int64       // hashes of identifiers
	marks         []uint16      // see marksOf
	title         collation.Key // never nil, which would be NULL
	dated         bool
	begin, finish int64
}

type facetValue struct{ facet, text string }

// columnOf says in which column the words of a term are found.
var columnOf = map[dublincore.Term]int{
	dublincore.Title: inTitle, dublincore.Alternative: inTitle,
	dublincore.Creator: inCreator, dublincore.Contributor: inCreator,
	dublincore.Subject: inSubject,
	dublincore.Spatial: inPlace, dublincore.Coverage: inPlace,
	dublincore.Abstract: inAbstract, dublincore.Description: inAbstract, dublincore.TableOfContents: inAbstract,
	dublincore.Identifier: inIdentifier, dublincore.BibliographicCitation: inIdentifier,
}

// facetOf says of which facet the values of a term are.
var facetOf = map[dublincore.Term]string{
	dublincore.Language: Language, dublincore.Spatial: Place, dublincore.Creator: Person, dublincore.Contributor: Person,
	dublincore.Subject: Subject, dublincore.License: Rights, dublincore.Rights: Rights, dublincore.DataProvider: Provider,
}

// The terms for the date of a record; the first one that there is counts.
var dateTerms = []dublincore.Term{dublincore.Created, dublincore.Date, dublincore.Issued, dublincore.DateCopyrighted, dublincore.Available}

func (x *Index) entryOf(rec *pipeline.Record) (*entry, error) {
	var dc dublincore.Record
	if err := dc.UnmarshalJSON(rec.DC); err != nil {
		return nil, err
	}
	e := &entry{title: collation.Key{}}
	var words [columns]strings.Builder
	stems := [columns]map[string]bool{inTitle: {}, inSubject: {}, inAbstract: {}} // names have none, because they have no other forms
	for i := range dc.Values {
		v := &dc.Values[i]
		column, known := columnOf[v.Term]
		if !known {
			column = inOther
		}
		addWords(&words[column], v.Text)
		if stemmed := stems[column]; stemmed != nil {
			x.stemmer.add(stemmed, &e.tongues, v.Text, tonguesOf(v, &dc))
		}
		if v.Original != "" && v.Original != v.Text {
			addWords(&words[inOther], v.Original)
		}
		if v.Term == dublincore.Title && len(e.title) == 0 {
			e.title = append(e.title, collation.Of(v.Text)...)
		}
		if v.Term == dublincore.Identifier {
			e.name(v.Text)
		}
		e.mark(column, v.Text)
		e.value(facetOf[v.Term], v.Text)
	}
	for i := range words {
		for _, stem := range slices.Sorted(maps.Keys(stems[i])) {
			words[i].WriteByte(' ')
			words[i].WriteString(stem)
		}
		e.words[i] = words[i].String()
	}
	e.name(rec.Origin.Identifier)
	e.value(PartOf, WholesKey(Wholes(&dc)))
	e.value(Kind, x.Kind(&dc))
	source := rec.Source
	if minted := pipeline.SourceIn(rec.Identifier); minted != "" {
		source = minted
	}
	e.value(Source, source)
	for _, set := range rec.Sets {
		if set != source {
			e.value(Set, set)
		}
	}
	e.date(&dc)
	return e, nil
}

func (e *entry) value(facet, text string) {
	text = strings.TrimSpace(text)
	if facet == "" || text == "" {
		return
	}
	v, n := facetValue{facet, wording.Shorten(text, maxValue)}, 0
	for _, have := range e.values {
		if have == v {
			return
		}
		if have.facet == facet {
			n++
		}
	}
	if n < maxValues {
		e.values = append(e.values, v)
	}
}

// name adds an identifier under which the record is its own best hit.
func (e *entry) name(text string) {
	n := nameOf(text)
	if hash := hashOf(n); n != "" && len(e.names) < maxNames && !slices.Contains(e.names, hash) {
		e.names = append(e.names, hash)
	}
}

// nameOf is an identifier in the form in which identifiers are compared.
func nameOf(text string) string {
	text = strings.TrimSpace(text)
	if id, ok := dublincore.ParseIdentifier(text); ok && id.Kind != dublincore.URL {
		text = id.Value
	}
	text = strings.ToLower(text)
	if len(text) > maxValue {
		return ""
	}
	return text
}

func (e *entry) date(dc *dublincore.Record) {
	for _, t := range dateTerms {
		v, ok := dc.First(t)
		if !ok {
			continue
		}
		d, err := date.ParseEDTF(v.Text)
		if err != nil {
			d, err = date.Parse(v.Text, date.AnyOrder)
		}
		if err != nil || d.OpenStart() && d.OpenEnd() {
			continue
		}
		e.span(d)
		return
	}
	e.value(Decade, Undated)
}

// maxDecades bounds how many decades a record is counted in: what spans centuries is of none of them.
const maxDecades = 12

// span notes the days from the first to the last that a date may mean. A side that is open has no bound, and counts for
// the decade of the other.
func (e *entry) span(d date.Date) {
	e.dated, e.begin, e.finish = true, math64min, math64max
	first, last := d.Start(), d.End()
	if !d.OpenStart() {
		e.begin = dayOf(first)
	} else {
		first = last
	}
	if !d.OpenEnd() {
		e.finish = dayOf(last)
	} else {
		last = first
	}
	from, to := decadeOf(first.Year()), decadeOf(last.Year())
	for decade := from; decade <= to && (decade-from)/10 < maxDecades; decade += 10 {
		e.value(Decade, strconv.Itoa(decade))
	}
}

const (
	math64min = -1 << 62
	math64max = 1 << 62
)

// dayOf is a day as a number that sorts as days do: 19570423 is 23 April 1957.
func dayOf(t time.Time) int64 {
	return dayIn(t.Year(), int(t.Month()), t.Day())
}

func dayIn(year, month, day int) int64 { return int64(year)*10_000 + int64(month)*100 + int64(day) }

func decadeOf(year int) int {
	if year < 0 {
		return (year - 9) / 10 * 10
	}
	return year / 10 * 10
}

// addWords adds a text. Scripts that are written without spaces are found sign by sign.
func addWords(b *strings.Builder, text string) {
	if b.Len()+len(text) > maxText {
		return
	}
	if b.Len() > 0 {
		b.WriteString(" \n")
	}
	if !strings.ContainsFunc(text, signs) {
		b.WriteString(text)
		return
	}
	for _, r := range text {
		if signs(r) {
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		} else {
			b.WriteRune(r)
		}
	}
}

// signs says whether a script has no spaces between its words.
func signs(r rune) bool {
	return r > 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
