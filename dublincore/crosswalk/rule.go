package crosswalk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// A node is a place in an original. Selectors search it, and conditions and templates look into it. Each family has
// node types of its own.
type node any

// An item is a value on its way through a rule.
type item struct {
	text     string
	lang     string   // BCP 47, of the text
	scheme   string   // encoding scheme, once a transform knows it
	original string   // what the source wrote, once a normalising transform made something else of it
	node     node     // where it was found
	changes  []change // what normalising did; noted if a value comes of it
	source   string   // the same, for people; only while explaining
	input    string   // its first text; only while explaining
}

// A change is a note that is made when the item becomes a value.
type change struct {
	kind dublincore.NoteKind
	text string
}

// A selector finds texts in an original.
type selector interface {
	// find appends the texts that it selects at from or below.
	find(r *run, from node, dst []item) []item
}

// A family reads one kind of original and knows its selectors.
type family interface {
	// selector compiles a selector after "from", or a relative one in a condition or a template.
	selector(c *compiler, text string, relative bool) (selector, error)
	// open parses an original within bounds.
	open(r *run, original []byte) (node, error)
	// label is the place of n in the words of the format ("245 $a", "mods/titleInfo[2]").
	label(n node) string
}

// A step is one transform of a rule with its arguments. It may work in place.
type step struct {
	name string
	run  func(r *run, in []item) []item
}

// A rule is one line of a mapping.
type rule struct {
	term      dublincore.Term
	file      string
	line      int
	text      string         // the line as written, for people
	depth     int            // 0 in the file itself, more in an included one
	each      *namedSelector // the things for each of which the rule, with its else lines, works by itself; nil: the record
	constant  *item          // of a rule with "is"
	selectors []namedSelector
	cond      cond
	steps     []step
	inside    []selector // of its condition and its transforms, which look into what it selects
	pieces    bool       // of what it selects, it takes only what its template names
	name      bool       // it takes only the parts of a name
	otherwise *rule      // the "else" below it
	dead      bool       // replaced or dropped
}

type namedSelector struct {
	selector
	name string
}

// at is the rule's place, for errors and explanations.
func (ru *rule) at() string { return fmt.Sprintf("%s:%d", ru.file, ru.line) }

// apply runs one rule on the record, or on each of the things that it names.
func (r *run) apply(ru *rule) error {
	r.at = r.root
	if ru.each == nil {
		return r.first(ru)
	}
	r.looking = true
	things := ru.each.find(r, r.root, nil)
	r.looking = false
	for _, thing := range things {
		r.at, r.thing = thing.node, thing
		if err := r.first(ru); err != nil {
			return err
		}
	}
	return nil
}

// itself selects the thing that a rule with "each" is for.
type itself struct{}

func (itself) find(r *run, _ node, dst []item) []item {
	if el, ok := r.thing.node.(*etree.Element); ok {
		r.saw(el)
	}
	return append(dst, r.thing)
}

// first runs a line, or the first of its else lines that gives something.
func (r *run) first(ru *rule) error {
	for ; ru != nil; ru = ru.otherwise {
		n, err := r.try(ru)
		if n > 0 || err != nil {
			return err
		}
	}
	return nil
}

// try runs one line of a rule, and returns how many values it gave.
func (r *run) try(ru *rule) (int, error) {
	r.rule, r.begin = ru, len(r.out.Values)
	items := r.items[:0]
	if ru.constant != nil {
		items = append(items, *ru.constant)
		items[0].node = r.at
		if ru.cond != nil && !ru.cond(r, &items[0]) {
			return 0, nil
		}
		if r.explain {
			items[0].source, items[0].input = "the rule itself", items[0].text
		}
	} else {
		for _, s := range ru.selectors {
			from := len(items)
			r.looking = ru.pieces || ru.name
			items = s.find(r, r.at, items)
			r.looking = false
			items = r.keep(items, from, ru.cond)
			if r.explain {
				for i := from; i < len(items); i++ {
					items[i].source, items[i].input = r.source(s, items[i].node), items[i].text
				}
			}
		}
	}
	if r.fault != nil {
		return 0, fmt.Errorf("%w: the rule at %s: %w", ErrTooLarge, ru.at(), r.fault)
	}
	r.items, r.used = items, max(r.used, len(items))
	for _, s := range ru.steps {
		if len(items) == 0 && s.name != "default" {
			continue
		}
		items = s.run(r, items)
		if err := r.charge(items); err != nil {
			return 0, err
		}
	}
	given := 0
	for i := range items {
		if r.emit(ru, &items[i]) {
			given++
		}
	}
	return given, nil
}

// keep removes the items from index from on for which c does not hold.
func (r *run) keep(items []item, from int, c cond) []item {
	if c == nil {
		return items
	}
	kept := items[:from]
	for i := from; i < len(items); i++ {
		if c(r, &items[i]) {
			kept = append(kept, items[i])
		}
	}
	return kept
}

func (r *run) source(s namedSelector, n node) string {
	if label := r.m.family.label(n); label != "" && label != s.name {
		return s.name + " at " + label
	}
	return s.name
}

// charge bounds how much text the transforms of one record make in all, because a chain of replacements can double a
// text at each step.
func (r *run) charge(items []item) error {
	n := 0
	for i := range items {
		n += len(items[i].text) + 1
	}
	r.spent += n
	if r.spent > maxMade {
		return fmt.Errorf("%w: the rule at %s made more than %d MiB of text of one record", ErrTooLarge, r.rule.at(), maxMade>>20)
	}
	return nil
}

// emit adds a finished item to the record. It reports whether the rule gave something, to which a duplicate counts.
func (r *run) emit(ru *rule, it *item) bool {
	text := tidy(it.text)
	if text == "" {
		return false
	}
	if dublincore.IsPlaceholder(ru.term, text) || it.original != "" && dublincore.IsPlaceholder(ru.term, it.original) {
		r.note(dublincore.PlaceholderDropped, it.text)
		r.trace(ru, it, -1, "it says only that there is no value")
		return false
	}
	if needsURL(ru.term) && !isWebURL(text) {
		r.note(dublincore.NotUnderstood, it.text)
		r.trace(ru, it, -1, "a "+ru.term.String()+" must be an http or https URL")
		return false
	}
	if ru.constant == nil {
		r.extracted = true
	}
	v := dublincore.Value{Term: ru.term, Text: text, Lang: r.lang(it.lang), Scheme: it.scheme}
	if it.original != "" && it.original != text {
		v.Original = it.original
	}
	if i := r.same(&v); i >= r.begin { // what two rules find says nothing about the source
		r.note(dublincore.DuplicateDropped, text)
		r.trace(ru, it, i, "the same value is there already")
		return true
	} else if i >= 0 {
		r.trace(ru, it, i, "the same value is there already")
		return true
	}
	if ru.term == dublincore.Alternative && r.isTitle(text) {
		r.note(dublincore.DuplicateDropped, text)
		r.trace(ru, it, -1, "the title says it already")
		return true
	}
	if len(r.out.Values) == maxValues {
		r.overflow = true
		return true
	}
	for _, c := range it.changes {
		if c.kind == dublincore.NotUnderstood && strings.ContainsAny(c.text, "\n\t") {
			c.text = strings.Join(strings.Fields(c.text), " ")
		}
		r.note(c.kind, c.text)
	}
	r.out.Values = append(r.out.Values, v)
	r.trace(ru, it, len(r.out.Values)-1, "")
	return true
}

// isTitle reports whether a title of the record says the text: an alternative title says something else.
func (r *run) isTitle(text string) bool {
	return slices.ContainsFunc(r.out.Values, func(v dublincore.Value) bool { return v.Term == dublincore.Title && v.Text == text })
}

// lang is a language tag in its usual form: sources write eng and EN_us for en and en-US. A text that is not a tag is
// left out, with a note.
func (r *run) lang(tag string) string {
	if tag == "" || len(tag) == 2 && tag[0] >= 'a' && tag[0] <= 'z' && tag[1] >= 'a' && tag[1] <= 'z' {
		return tag
	}
	known, err := languageTag(strings.ReplaceAll(strings.TrimSpace(tag), "_", "-"))
	if err != nil || known == "und" {
		r.note(dublincore.BadLanguageTag, tag)
		return ""
	}
	return known
}

// A saying is what two values must have in common to say the same, apart from their languages.
type saying struct {
	term dublincore.Term
	text string
}

// same finds the value that says the same as v; -1 if there is none. A value without a language, or a code, says no
// more than the same text with a language.
func (r *run) same(v *dublincore.Value) int {
	says := func(o *dublincore.Value) bool {
		return o.Term == v.Term && o.Text == v.Text && (o.Lang == v.Lang || v.Lang == "" || v.Scheme != "")
	}
	if len(r.out.Values) < 64 {
		for i := range r.out.Values {
			if says(&r.out.Values[i]) {
				return i
			}
		}
		return -1
	}
	if r.seen == nil { // records with thousands of values
		r.seen = make(map[saying]int, 256)
		for i := range r.out.Values {
			if o := &r.out.Values[i]; !r.has(o) {
				r.seen[saying{o.Term, o.Text}] = i
			}
		}
	}
	i, ok := r.seen[saying{v.Term, v.Text}]
	if !ok {
		r.seen[saying{v.Term, v.Text}] = len(r.out.Values)
		return -1
	}
	if says(&r.out.Values[i]) {
		return i
	}
	return -1
}

func (r *run) has(v *dublincore.Value) bool {
	_, ok := r.seen[saying{v.Term, v.Text}]
	return ok
}

func needsURL(t dublincore.Term) bool {
	return t == dublincore.Landing || t == dublincore.Object || t == dublincore.Thumbnail
}

func isWebURL(s string) bool {
	i := strings.Index(s, "://")
	if i != 4 && i != 5 || len(s) < i+4 || strings.ContainsAny(s, " \t\n<>\"") {
		return false
	}
	scheme := strings.ToLower(s[:i])
	return scheme == "http" || scheme == "https"
}
