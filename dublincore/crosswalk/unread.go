package crosswalk

import (
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// An Unread names fields of an original that no rule looks at, so that nothing of them is in the record.
type Unread struct {
	Field string `json:"field"` // in the words of the format: physdesc/physfacet, 591, 245$c
	Count int    `json:"count"` // how many there are
	Text  string `json:"text"`  // what the first of them says
}

// maxUnread bounds how many different fields are named.
const maxUnread = 100

// reads is what the rules of a mapping look at, in a family's own form. A condition counts as looking, and so does an else
// line that was not needed: the rules know of the field. What only the whole of something was selected for is looked at
// with all that is in it, unless a template or a name takes parts of it.
type reads interface {
	// unread tells of each field with a text that no rule looks at, in the order of the original. text is what the field says,
	// which is asked for only while r.explain.
	unread(r *run, tell func(field, text string))
}

// A surveyor is a family that can say what a mapping looks at. What is on a page, and where, nobody can say beforehand.
type surveyor interface{ reads(m *Mapping) reads }

// survey notes which fields no rule looks at. While explaining, it says what is in them too.
func (r *run) survey() {
	var names []string
	r.m.reads.unread(r, func(field, text string) {
		if len(field) > maxField {
			field = wording.Shorten(field, maxField)
		}
		switch i := slices.Index(names, field); {
		case i < 0 && len(names) < maxUnread:
			if names == nil {
				names = make([]string, 0, 8)
			}
			names = append(names, field)
			if r.explain {
				r.res.Unread = append(r.res.Unread, Unread{field, 1, wording.Shorten(text, maxNote)})
			}
		case i >= 0 && r.explain:
			r.res.Unread[i].Count++
		}
	})
	if len(names) > 0 {
		r.out.Notes = append(r.out.Notes, dublincore.NotMappedNote(names))
	}
}

// maxField bounds the name of a field, in bytes.
const maxField = 100

// ignoreStatement compiles "ignore SELECTOR…" and "ignore @NAME "VALUE"".
func (c *compiler) ignoreStatement(head word, args []word) {
	if c.family == nil {
		c.fail(head, "the format line comes before this line")
		return
	}
	_, isXML := c.family.(*xmlFamily)
	if isXML && strings.HasPrefix(args[0].text, "@") {
		if len(args) != 2 {
			c.fail(head, "write: ignore @NAME \"VALUE\"")
			return
		}
		c.ignored = append(c.ignored, attribute{args[0].text[1:], args[1].text})
		return
	}
	for _, a := range args {
		s, err := c.family.selector(c, a.text, false)
		if err != nil {
			c.failWith(a, err)
			return
		}
		c.omitted = append(c.omitted, s)
	}
}

// eachRead calls see for every selector of the rules, the warnings and the ignore lines of a mapping, as eachSelected does.
func (m *Mapping) eachRead(see func(each, s selector, ru *rule, within []selector)) {
	m.eachSelected(see)
	for _, s := range m.omitted {
		see(nil, s, &rule{}, nil)
	}
}

// eachSelected calls see for every selector of the rules and the warnings, with the rule that it is of. within are the
// selectors that look into what it finds.
func (m *Mapping) eachSelected(see func(each, s selector, ru *rule, within []selector)) {
	for _, first := range m.rules {
		var each selector
		if first.each != nil {
			each = first.each.selector
		}
		for ru := first; ru != nil; ru = ru.otherwise {
			for _, s := range ru.selectors {
				see(each, s.selector, ru, ru.inside)
			}
			if ru.constant != nil {
				see(each, nil, ru, ru.inside)
			}
		}
	}
	for _, w := range m.warnings {
		for _, s := range w.selectors {
			see(nil, s.selector, &rule{}, nil)
		}
	}
}
