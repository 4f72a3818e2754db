package crosswalk

import (
	"strings"

	"github.com/beevik/etree"
)

// nameTransforms do not change a text, but look into the thing that was selected.
var nameTransforms = []transform{
	{
		name: "name", doc: "writes the name of a person or a body from its parts, as catalogues do: Family, Given, additions, dates. It knows the parts of MODS, DataCite and schema.org; of anything else it takes the text.",
		example: sample{[]string{" Kadare, Ismail, "}, "name", []string{"Kadare, Ismail"}},
		build: func(*arguments) (stepFunc, error) {
			return func(r *run, in []item) []item {
				out := make([]item, 0, len(in))
				for _, it := range in {
					r.sawName(it.node)
					out = appendNames(out, it)
				}
				return out
			}, nil
		},
	},
	{
		name: "subtitled", args: "\"PATH\"", doc: "adds to each title, after a colon, the subtitles at the path (from the first title) that are in its language; one in a language that no title has stays a value of its own.",
		example: sample{[]string{"The forest"}, `subtitled "subtitle"`, []string{"The forest"}},
		build:   buildSubtitled,
	},
	{
		name: "without", args: "NAME", doc: "takes the text of the element selected without the elements of that name inside it (XML only; elsewhere the text stays).",
		example: sample{[]string{"A guide"}, "without num", []string{"A guide"}},
		build: func(a *arguments) (stepFunc, error) {
			name, err := a.text()
			return func(_ *run, in []item) []item {
				for i := range in {
					if el, ok := in[i].node.(*etree.Element); ok && el.SelectElement(name) != nil {
						in[i].text = textWithout(el, name)
					}
				}
				return in
			}, err
		},
	},
	{
		name: "rather", args: "\"PATH\"", doc: "takes what the path finds in the thing selected, if it finds something; otherwise the value stays.",
		example: sample{[]string{"Lyon"}, `rather "normal"`, []string{"Lyon"}},
		build: func(a *arguments) (stepFunc, error) {
			path, err := a.text()
			if err != nil {
				return nil, err
			}
			sel, err := a.c.within(path)
			return func(r *run, in []item) []item {
				for i := range in {
					found := sel.find(r, in[i].node, r.borrow())
					if len(found) > 0 && strings.TrimSpace(found[0].text) != "" {
						in[i].text = found[0].text
					}
					r.giveBack(found)
				}
				return in
			}, err
		},
	},
	{
		name: "parts", args: "\"MARK\"", doc: "joins the texts of the elements inside the element selected, except headings (head), with the mark between them, unless there is text beside them (XML only; elsewhere the text stays).",
		example: sample{[]string{"Albania"}, `parts " -- "`, []string{"Albania"}},
		build: func(a *arguments) (stepFunc, error) {
			mark, err := a.text()
			return func(_ *run, in []item) []item {
				for i := range in {
					if el, ok := in[i].node.(*etree.Element); ok {
						in[i].text = joinParts(el, mark)
					}
				}
				return in
			}, err
		},
	},
}

// textWithout is the text of an element without that of the elements of a name inside it.
func textWithout(el *etree.Element, name string) string {
	rest := &etree.Element{}
	for _, t := range el.Child {
		if child, ok := t.(*etree.Element); !ok || child.Tag != name {
			rest.Child = append(rest.Child, t)
		}
	}
	return stringValue(rest)
}

func joinParts(el *etree.Element, mark string) string {
	if hasText(el) { // they are words of a sentence
		return textWithout(el, "head")
	}
	var parts []string
	for _, child := range el.ChildElements() {
		if s := tidy(stringValue(child)); s != "" && child.Tag != "head" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return stringValue(el)
	}
	return strings.Join(parts, mark)
}

// appendNames appends the name of what was selected. A creator of DataCite who has several names whole is several: some
// repositories put all authors of a paper into one, and which of them is which in other letters nobody says.
func appendNames(out []item, it item) []item {
	el, _ := it.node.(*etree.Element)
	var whole []*etree.Element
	if el != nil {
		whole = append(el.SelectElements("creatorName"), el.SelectElements("contributorName")...)
	}
	if len(whole) < 2 {
		if it.text = nameOf(&it); it.text != "" {
			out = append(out, it)
		}
		return out
	}
	for _, name := range whole {
		one := it
		if one.text = trimName(stringValue(name)); one.text != "" {
			out = append(out, one)
		}
	}
	return out
}

// nameParts are the elements that name looks at.
var nameParts = map[string]bool{"familyName": true, "givenName": true, "namePart": true, "displayForm": true, "creatorName": true, "contributorName": true}

// sawName remembers what name takes of an element: the parts of a name that are in it, or else all of it.
func (r *run) sawName(n node) {
	el, ok := n.(*etree.Element)
	if !ok {
		return
	}
	parts := false
	for _, t := range el.Child {
		if child, ok := t.(*etree.Element); ok && nameParts[child.Tag] {
			r.saw(child)
			parts = true
		}
	}
	if !parts {
		r.saw(el)
	}
}

func nameOf(it *item) string {
	switch n := it.node.(type) {
	case *etree.Element:
		if s := xmlName(n); s != "" {
			return s
		}
	case map[string]any:
		if s := jsonName(n); s != "" && (it.text == "" || it.text == textAt(n, "name")) {
			return s
		}
	}
	return trimName(it.text)
}

func trimName(s string) string { return strings.Trim(tidy(s), " ,;") }

// xmlName reads the parts of a name in MODS (namePart) or DataCite (familyName, givenName beside the
// name as displayed).
func xmlName(el *etree.Element) string {
	var family, given, untyped, rest, display, whole string
	organisation := false
	for _, c := range el.ChildElements() {
		s := trimName(stringValue(c))
		if s == "" {
			continue
		}
		switch kind := c.SelectAttrValue("type", ""); {
		case c.Tag == "familyName", c.Tag == "namePart" && kind == "family":
			family = join(family, " ", s)
		case c.Tag == "givenName", c.Tag == "namePart" && kind == "given":
			given = join(given, " ", s)
		case c.Tag == "namePart" && (kind == "date" || kind == "termsOfAddress"):
			rest = join(rest, ", ", s)
		case c.Tag == "namePart" && kind == "":
			untyped = join(untyped, ", ", s)
		case c.Tag == "displayForm":
			display = s
		case c.Tag == "creatorName" || c.Tag == "contributorName":
			whole = s
			organisation = c.SelectAttrValue("nameType", "") == "Organizational"
		}
	}
	switch {
	case organisation: // whatever parts a program has guessed
		return whole
	case whole != "" && (strings.Contains(whole, ",") || family == ""):
		return whole
	case family != "":
		return join(join(family, ", ", given), ", ", rest)
	case untyped != "":
		return join(untyped, ", ", rest)
	case given != "":
		return join(given, ", ", rest)
	case whole != "":
		return whole
	}
	return display
}

// jsonName reads a person or an organisation of schema.org.
func jsonName(object map[string]any) string {
	given := join(textsAt(object, "givenName"), " ", textsAt(object, "additionalName"))
	if family := textsAt(object, "familyName"); family != "" {
		return trimName(join(family, ", ", given))
	}
	return trimName(textAt(object, "name"))
}

// textsAt are all texts at a key, with spaces between: a person has several given names.
func textsAt(object map[string]any, key string) (all string) {
	list, ok := object[key].([]any)
	if !ok {
		return textAt(object, key)
	}
	for _, v := range list {
		all = join(all, " ", textAt(map[string]any{key: v}, key))
	}
	return all
}

func textAt(object map[string]any, key string) string {
	v := object[key]
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	if inner, ok := v.(map[string]any); ok {
		v = inner["@value"]
	}
	s, _ := scalarText(v)
	return s
}

func join(a, mark, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + mark + b
}
