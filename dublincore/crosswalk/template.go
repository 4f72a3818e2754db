package crosswalk

import (
	"errors"
	"fmt"
	"strings"
)

// A template is the text of the transform "text": literal pieces, {placeholders}, and [parts] that are left out if a
// placeholder in them finds nothing.
type template []piece

type piece struct {
	literal string
	value   bool     // {value}: the item itself
	sel     selector // another placeholder
	part    template // [a part]
}

const maxTemplateParts = 64

func buildTemplate(a *arguments) (stepFunc, error) {
	s, err := a.text()
	if err != nil {
		return nil, err
	}
	if len(s) > maxPattern {
		return nil, fmt.Errorf("the template is longer than %d bytes", maxPattern)
	}
	t, rest, err := readTemplate(a.c, s, false)
	if err != nil {
		return nil, err
	}
	if rest != "" {
		return nil, errors.New("a ] in the template closes nothing; write \\] for the sign itself")
	}
	return func(r *run, in []item) []item {
		out := in[:0]
		for i := range in {
			it := in[i]
			text, found, _ := t.write(r, &it, nil)
			if it.text = strings.TrimSpace(string(text)); found && it.text != "" {
				out = append(out, it)
			}
			if r.spent += len(text); r.spent > maxMade {
				break
			}
		}
		return out
	}, nil
}

// readTemplate reads up to the end, or within a part up to its closing bracket.
func readTemplate(c *compiler, s string, inside bool) (t template, rest string, err error) {
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			t = append(t, piece{literal: literal.String()})
			literal.Reset()
		}
	}
	for s != "" {
		if len(t) > maxTemplateParts {
			return nil, "", fmt.Errorf("the template has more than %d pieces", maxTemplateParts)
		}
		switch s[0] {
		case '\\':
			if len(s) > 1 {
				s = s[1:]
			}
		case '{':
			flush()
			end := closing(s)
			if end < 0 {
				return nil, "", errors.New("a { in the template is never closed; write \\{ for the sign itself")
			}
			p := piece{value: s[1:end] == "value"}
			if !p.value {
				if p.sel, err = c.within(strings.TrimSpace(s[1:end])); err != nil {
					return nil, "", err
				}
			}
			t, s = append(t, p), s[end+1:]
			continue
		case '[':
			if inside {
				return nil, "", errors.New("a [part] of a template has no parts of its own")
			}
			flush()
			part, after, err := readTemplate(c, s[1:], true)
			if err != nil {
				return nil, "", err
			}
			if !strings.HasPrefix(after, "]") {
				return nil, "", errors.New("a [ in the template is never closed; write \\[ for the sign itself")
			}
			t, s = append(t, piece{part: part}), after[1:]
			continue
		case ']':
			flush()
			return t, s, nil
		}
		literal.WriteByte(s[0])
		s = s[1:]
	}
	flush()
	return t, "", nil
}

// closing is where the brace at the start of s is closed, brackets and quotes within respected.
func closing(s string) int {
	depth, quote := 0, byte(0)
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '}' && depth == 0:
			return i
		}
	}
	return -1
}

// write appends the text for an item. found is true if a placeholder has a value, or if there are no placeholders;
// complete is true if all of them have.
func (t template) write(r *run, it *item, dst []byte) (out []byte, found, complete bool) {
	complete = true
	placeholders := false
	for _, p := range t {
		switch {
		case p.part != nil:
			mark := len(dst)
			text, _, whole := p.part.write(r, it, dst)
			if whole {
				dst, found = text, true
			} else {
				dst = dst[:mark]
			}
			placeholders = true
		case p.value:
			dst = append(dst, it.text...)
			found, complete, placeholders = found || it.text != "", complete && it.text != "", true
		case p.sel != nil:
			n := len(dst)
			dst = p.find(r, it, dst)
			found, complete, placeholders = found || len(dst) > n, complete && len(dst) > n, true
		default:
			dst = append(dst, p.literal...)
		}
	}
	return dst, found || !placeholders, complete
}

// find appends all that a placeholder selects, with commas between.
func (p piece) find(r *run, it *item, dst []byte) []byte {
	n := len(dst)
	found := p.sel.find(r, it.node, r.borrow())
	for i := 0; i < len(found) && len(dst) < maxMatched; i++ {
		text := strings.TrimSpace(found[i].text)
		if text == "" {
			continue
		}
		if len(dst) > n {
			dst = append(dst, ", "...)
		}
		dst = append(dst, text...)
	}
	r.giveBack(found)
	return dst
}
