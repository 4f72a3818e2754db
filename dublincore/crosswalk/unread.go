package crosswalk

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// An Unread names fields of an original that no rule has looked at, so that nothing of them is in the record.
type Unread struct {
	Field string `json:"field"` // in the words of the format: physdesc/physfacet, 591
	Count int    `json:"count"` // how many there are
	Text  string `json:"text"`  // what the first of them says
}

// maxUnread bounds how many different fields are named.
const maxUnread = 100

// A surveyor is a family that can say which fields of an original were not read. While run.read is not nil, its selectors
// put what they find in there.
type surveyor interface {
	// unread tells of each field that is not in run.read, in the order of the original.
	unread(r *run, tell func(field, text string))
}

// survey fills Result.Unread.
func (r *run) survey(s surveyor) {
	at := map[string]int{} // places in Unread
	s.unread(r, func(field, text string) {
		i, known := at[field]
		switch {
		case known:
			r.res.Unread[i].Count++
		case len(at) < maxUnread:
			at[field] = len(r.res.Unread)
			r.res.Unread = append(r.res.Unread, Unread{field, 1, wording.Shorten(text, maxNote)})
		}
	})
}

// unread tells of elements with a text of their own. What a rule has selected is read with all that is in it.
func (*xmlFamily) unread(r *run, tell func(field, text string)) {
	if root, ok := r.root.(*etree.Element); ok && !r.read[root] {
		unreadBelow(r, root, "", tell)
	}
}

func unreadBelow(r *run, el *etree.Element, path string, tell func(field, text string)) {
	for _, t := range el.Child {
		child, ok := t.(*etree.Element)
		if !ok || r.read[child] {
			continue
		}
		name := path + child.Tag
		if strings.TrimSpace(child.Text()) != "" {
			tell(name, stringValue(child))
			continue // what is in it is part of its text
		}
		unreadBelow(r, child, name+"/", tell)
	}
}

// unread tells of fields with subfields. Control fields are full of codes, of which a mapping wants a few.
func (marcFamily) unread(r *run, tell func(field, text string)) {
	m, ok := r.root.(*marcRecord)
	if !ok {
		return
	}
	for i := range m.fields {
		f := &m.fields[i]
		if f.control || r.read[f] {
			continue
		}
		var b strings.Builder
		for _, sub := range f.Subfields {
			b.WriteString("$" + string(sub.Code) + sub.Text)
		}
		tell(f.Tag, b.String())
	}
}
