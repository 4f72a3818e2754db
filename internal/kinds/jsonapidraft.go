package kinds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// JSON has no fields that are the same everywhere, so a mapping is drafted from the names that the items have. It is
// something to begin with: a person must look at it.

// drafts has the terms of Dublin Core and the names under which services have them, in lower case and without signs, the
// best first; and what is done with the values.
var drafts = []struct {
	term  string
	names []string
	then  string
}{
	{"title", []string{"title", "titles.title", "otitle", "dctermstitle.value", "title.rendered", "displaytitle", "displaystring", "headline", "name", "label"}, "clean"},
	{"alternative", []string{"subtitle", "alternativetitle", "dctermsalternative.value"}, "clean"},
	{"creator", []string{"creators.personororg.name", "creators.name", "creator.name", "authors.fullname", "authors.name", "author.name", "creators", "creator", "authors", "author", "dctermscreator.value"}, ""},
	{"contributor", []string{"contributors.personororg.name", "contributors.name", "contributors", "contributor", "dctermscontributor.value"}, ""},
	{"publisher", []string{"publisher", "publisher.name", "dctermspublisher.value"}, ""},
	{"issued", []string{"publicationdate", "publisheddate", "datepublished", "issued", "published", "publicationyear", "dctermsissued.value", "dctermsdate.value", "date", "year"}, "date"},
	{"abstract", []string{"abstract", "description", "descriptions.description", "summary", "dctermsabstract.value", "dctermsdescription.value"}, "clean"},
	{"subject", []string{"subjects.subject", "subjects", "subject", "keywords", "keyword", "tags.name", "tags", "dctermssubject.value"}, ""},
	{"language", []string{"languages.id", "languages", "language", "lang", "dctermslanguage.value"}, "language"},
	{"type", []string{"resourcetype.title.en", "types.resourcetypegeneral", "resourcetype", "definedtypename", "dctermstype.value", "type"}, ""},
	{"identifier", []string{"doi", "pids.doi.identifier", "handle", "isbn", "issn", "ark", "dctermsidentifier.value", "identifier"}, "identifier"},
	{"landing", []string{"links.selfhtml", "urlpublichtml", "landingpage", "htmlurl", "url", "link"}, "url only | first"},
	{"thumbnail", []string{"thumbnail", "thumb", "thumbnailurl", "thumbnaildisplayurls.medium"}, "url only | first"},
	{"rights", []string{"rightslist.rightsuri", "license.url", "licenses.url", "rights.id", "license", "licence", "rights", "dctermsrights.value"}, "rights"},
}

// wrappers are names around all that an item says.
var wrappers = []string{"attributes.", "metadata.", "source.", "fields.", "data."}

// draftMapping drafts a mapping for items in JSON that are known by what is at key.
func draftMapping(service, key string, items [][]byte) string {
	fields := fieldsOf(items)
	var b strings.Builder
	fmt.Fprintf(&b, "# Drafted from the names in the answers of %s. Please look at what each becomes.\nformat json\n\n", service)
	used := map[string]bool{}
	rule := func(term, selector, then string) {
		if then != "" {
			then = " | " + then
		}
		fmt.Fprintf(&b, "%-12s from %s%s\n", term, selector, then)
		used[selector] = true
	}
	for _, d := range drafts {
		switch selector := best(fields, d.names); {
		case selector != "":
			rule(d.term, selector, d.then)
		case d.term == "creator":
			if people := parted(fields); people != "" {
				rule(d.term, people, `text "{family}[, {given}]"`)
			}
		case d.term == "title" && key != "":
			rule(d.term, key, "")
		}
	}
	b.WriteString("\n# What else there is:\n")
	for _, selector := range slices.Sorted(maps.Keys(fields)) {
		if !used[selector] {
			fmt.Fprintf(&b, "# %s: %s\n", wording.ClipLine(selector, 100), wording.ClipLine(fields[selector], 60))
		}
	}
	return b.String()
}

// best is the selector of the first of the names that there is; empty if there is none.
func best(fields map[string]string, names []string) string {
	selectors := slices.Sorted(maps.Keys(fields))
	for _, name := range names {
		for _, selector := range selectors {
			folded := foldSelector(selector)
			for _, wrapper := range wrappers {
				folded = strings.TrimPrefix(folded, wrapper)
			}
			if folded == name {
				return selector
			}
		}
	}
	return ""
}

// parted is where people have a family name and a given name apart; empty if there is no such place.
func parted(fields map[string]string) string {
	for _, selector := range slices.Sorted(maps.Keys(fields)) {
		if people, ok := strings.CutSuffix(selector, ".family"); ok && fields[people+".given"] != "" {
			return people
		}
	}
	return ""
}

// foldSelector is a selector in lower case, without signs except for the dots between names.
func foldSelector(selector string) string {
	selector = strings.ReplaceAll(selector, `"]["`, ".")
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '.' {
			return r
		}
		return -1
	}, strings.ToLower(selector))
}

// Bounds of what is looked at of items.
const (
	maxDraftFields = 200
	maxDraftDepth  = 5
)

// plainName is a name that can stand in a selector as it is.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// fieldsOf are the selectors of the texts and numbers in items, with a value of each.
func fieldsOf(items [][]byte) map[string]string {
	out := map[string]string{}
	var walk func(v any, at string, depth int)
	walk = func(v any, at string, depth int) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x, at, depth)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if depth < maxDraftDepth && !strings.ContainsAny(name, "\"\\\n\r") && name != "" {
					walk(v[name], joinSelector(at, name), depth+1)
				}
			}
		case string, json.Number:
			if text := strings.TrimSpace(fmt.Sprint(v)); text != "" && out[at] == "" && len(out) < maxDraftFields {
				out[at] = text
			}
		}
	}
	for _, item := range items {
		var v any
		in := json.NewDecoder(bytes.NewReader(item))
		in.UseNumber()
		if in.Decode(&v) == nil {
			walk(v, "", 0)
		}
	}
	return out
}

// joinSelector adds a name to a selector.
func joinSelector(at, name string) string {
	switch {
	case !plainName.MatchString(name):
		return at + `["` + name + `"]`
	case at == "":
		return name
	}
	return at + "." + name
}
