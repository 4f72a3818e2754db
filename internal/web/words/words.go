// Package words has the texts of the public pages in the languages of their readers.
//
// A text is written in English where it is used: {{t "See all records"}} in a template, l.T("See all records") in Go. The
// English text is the key under which texts/<language>.yaml has it in another language, a file for each. So to add a text,
// write it in English, and add a line to each of the files; the tests say which line is missing, and where.
//
//   - Numbers and other parts are verbs of [fmt], written as the language writes them: {{t "Version %d" .Version}}. A
//     translation that needs another order counts them: "%[2]s, %[1]d". A percent sign beside verbs is %%. Years, and whatever
//     else has no thousands, are strings.
//   - What depends on a number has the number as its first part, and a form for each of the language's plural forms:
//     "%d records": {one: "%d Datensatz", other: "%d Datensätze"}. English needs such a line too (texts/en.yaml).
//   - One English word that is two in another language says behind a bar which it is: {{t "Search|verb"}}. English needs
//     a line for this too.
//   - A table in Go may keep texts in English, for a template to translate: {{t .Kind}}. What is not in the files comes out as
//     it is, so a text that a source or the operator wrote is left alone; but such a text must not have parts.
//
// Markup stays in the template; no text has any.
package words

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

//go:embed texts/*.yaml
var texts embed.FS

// A Language is one in which pages are written.
type Language struct {
	Code string // a language tag: "de"
	Name string // in the language itself: "Deutsch"

	known   map[string]bool // the texts that it has
	printer *message.Printer
}

// codes are the languages, in the order in which a page offers them. The first is that of the keys.
var codes = []string{"en", "de", "fr", "sq"}

// All are the languages, English first. It panics if one of the files is broken.
var All = sync.OnceValue(func() []*Language {
	c := catalog.NewBuilder(catalog.Fallback(language.English))
	var all []*Language
	for _, code := range codes {
		tag := language.MustParse(code)
		l := &Language{Code: code, known: map[string]bool{}, printer: message.NewPrinter(tag, message.Catalog(c))}
		entries, err := read(l.Code)
		for key, e := range entries {
			l.known[key] = true
			err = cmp.Or(err, c.Set(tag, key, e.message()))
		}
		if err != nil {
			panic(fmt.Sprintf("the texts of language %s: %v", l.Code, err))
		}
		l.Name = l.T("English") // each calls itself so
		all = append(all, l)
	}
	return all
})

// An entry is what a file has for a key: one text, or a text for each plural form.
type entry struct {
	text  string
	forms map[string]string
}

// UnmarshalYAML implements [yaml.BytesUnmarshaler].
func (e *entry) UnmarshalYAML(b []byte) error {
	if err := yaml.Unmarshal(b, &e.forms); err == nil {
		return nil
	}
	return yaml.Unmarshal(b, &e.text)
}

func read(code string) (entries map[string]entry, err error) {
	b, err := texts.ReadFile("texts/" + code + ".yaml")
	if err != nil {
		return nil, err
	}
	return entries, yaml.Unmarshal(b, &entries)
}

// forms are the plural forms, in the order in which a number is tried: "=1" is the number alone, and "other" takes the rest.
var forms = []string{"=1", "zero", "one", "two", "few", "many", "other"}

func (e *entry) message() catalog.Message {
	if e.forms == nil {
		return catalog.String(e.text)
	}
	var cases []any
	for _, form := range forms {
		if text, has := e.forms[form]; has {
			cases = append(cases, form, text)
		}
	}
	return plural.Selectf(1, "%d", cases...)
}

// English is the language of what is not written for a certain reader.
func English() *Language { return All()[0] }

// Named is the language with a code; nil if there is none.
func Named(code string) *Language {
	i := slices.IndexFunc(All(), func(l *Language) bool { return l.Code == code })
	if i < 0 {
		return nil
	}
	return All()[i]
}

// maxAccept bounds an Accept-Language header, in bytes.
const maxAccept = 500

// Accepted is that of some languages which a reader prefers, by the Accept-Language header of a request; the first of them if
// the header names none of them.
func Accepted(of []*Language, header string) *Language {
	if header == "" || len(header) > maxAccept || len(of) == 1 {
		return of[0]
	}
	var tags []language.Tag
	for _, l := range of {
		tags = append(tags, language.Make(l.Code))
	}
	_, at := language.MatchStrings(language.NewMatcher(tags), header)
	return of[at]
}

// T is a text in the language, with its parts. The key is the text in English.
func (l *Language) T(key string, parts ...any) string {
	if len(parts) == 0 && !l.known[key] {
		return key
	}
	return l.printer.Sprintf(key, parts...)
}

// Has says whether the language has a text, and Texts are all that it has.
func (l *Language) Has(key string) bool { return l.known[key] }

func (l *Language) Texts() []string { return slices.Sorted(maps.Keys(l.known)) }

// Count writes a number as the language does.
func (l *Language) Count(n int64) string { return l.printer.Sprintf("%d", n) }

// Decimal writes a number with one digit behind the point.
func (l *Language) Decimal(x float64) string { return l.printer.Sprintf("%.1f", x) }

// Day writes a date, and Moment a time to the second.
func (l *Language) Day(t time.Time) string {
	t = t.UTC()
	return l.T("%[1]d %[2]s %[3]s", t.Day(), l.T(t.Month().String()), t.Format("2006"))
}

func (l *Language) Moment(t time.Time) string {
	return l.T("%s, %s UTC", l.Day(t), t.UTC().Format("15:04:05"))
}

// Funcs are what templates call.
func (l *Language) Funcs() template.FuncMap {
	return template.FuncMap{
		"t": l.T, "count": l.Count, "count64": func(n int) string { return l.Count(int64(n)) }, "day": l.Day, "moment": l.Moment,
		"tongue": func(code string) string { return cmp.Or(l.Tongue(code), code) },
	}
}

type key struct{}

// With makes a context of a request whose reader reads a language, and Of gives that language; English if there is none.
func With(ctx context.Context, l *Language) context.Context { return context.WithValue(ctx, key{}, l) }

// Of is the other half of [With].
func Of(ctx context.Context) *Language {
	if l, has := ctx.Value(key{}).(*Language); has {
		return l
	}
	return English()
}
