package files

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A jsonList reads a list of records in JSON, which may stand deep in an object, element by element: the file may be larger
// than the memory.
type jsonList struct {
	form  *Documents
	x     *reading
	place string
	names []string // the members that lead to the list
	in    *json.Decoder
	bound *jsonBound
}

// list reads the records of the list at a path of names with dots between; the empty path is the whole file.
func (d *Documents) list(x *reading, place, path string, start []byte, in io.Reader) error {
	bound := &jsonBound{in: in, left: maxElement}
	l := &jsonList{form: d, x: x, place: place, bound: bound, in: json.NewDecoder(bound)}
	if path != "" {
		l.names = strings.Split(path, ".")
	}
	if !l.descend() {
		if bound.err != nil {
			return bound.err
		}
		return x.notThis(place, start, fmt.Sprintf("there is nothing at %q in the file, or it is no JSON; records: is the path to the list of records", path))
	}
	if t, err := l.token(); err != nil || t != json.Delim('[') {
		if bound.err != nil {
			return bound.err
		}
		return x.notThis(place, start, fmt.Sprintf("what is at %q in the file is no list of records", path))
	}
	d.look.form("JSON")
	if whole, err := l.elements(); !whole || err != nil {
		return err
	}
	return l.rest()
}

// elements reads the elements of the list; whole is false if they can't be read to the end, of which it has told.
func (l *jsonList) elements() (whole bool, err error) {
	for n := 1; l.in.More(); n++ {
		at := fmt.Sprintf("%s#%d", l.place, n)
		var one json.RawMessage
		if err := l.in.Decode(&one); err != nil {
			return false, l.short(at, "the file is no JSON from here on: %v", err)
		}
		l.bound.left = maxElement
		if err := l.x.tell(l.form.object(at, one)); err != nil {
			return false, err
		}
	}
	if _, err := l.token(); err != nil {
		return false, l.short(l.place, "the file ends within the list")
	}
	return true, nil
}

// rest makes sure that the file ends as it should: what is cut or follows may hold other records.
func (l *jsonList) rest() error {
	for i := range slices.Backward(l.names) {
		for l.in.More() {
			switch name, err := l.token(); {
			case err != nil:
				return l.short(l.place, "the file is no JSON behind the list: %v", err)
			case name == l.names[i]:
				return l.short(l.place, "there is a second %q in the file, which is not read", strings.Join(l.names[:i+1], "."))
			}
			if err := l.skip(); err != nil {
				return l.short(l.place, "the file is no JSON behind the list: %v", err)
			}
		}
		if _, err := l.token(); err != nil {
			return l.short(l.place, "the file is cut behind the list: %v", err)
		}
	}
	if _, err := l.token(); !errors.Is(err, io.EOF) { // another export, appended to the same file
		return l.short(l.place, "something follows the list, and is not read; write one list a file, or an object a line")
	}
	return nil
}

// descend goes to the value that the names lead to, past what stands before it; false if there is none.
func (l *jsonList) descend() bool {
	for _, name := range l.names {
		if t, err := l.token(); err != nil || t != json.Delim('{') {
			return false
		}
		for {
			if !l.in.More() {
				return false
			}
			t, err := l.token()
			if err != nil {
				return false
			}
			if t == name {
				break
			}
			if l.skip() != nil {
				return false
			}
		}
	}
	return true
}

// skip goes past a value.
func (l *jsonList) skip() error {
	for depth := 0; ; {
		t, err := l.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxDepth {
				return errors.New("its values stand within each other too deeply")
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func (l *jsonList) token() (json.Token, error) {
	t, err := l.in.Token()
	l.bound.left = maxElement
	return t, err
}

// short tells that the file lacks records from here on. The error is that of the file, if it could not be read: there is
// nothing wrong with what it says then.
func (l *jsonList) short(at, format string, args ...any) error {
	if l.bound.err != nil {
		return l.bound.err
	}
	rest, _ := io.ReadAll(io.LimitReader(io.MultiReader(l.in.Buffered(), l.bound.in), keptBytes)) // what is kept for people, as far as it can be had
	m := unfit(jsonFormat, at, "", rest, reasonMalformed, format, args...)
	m.short = true
	return l.x.tell(m)
}

const (
	maxElement = 4 * maxRecord // bytes of an element of a list; what is larger ends the reading of its file
	maxDepth   = 10_000        // of what is passed over; what is read has the same bound
)

// A jsonBound gives so many bytes, until it may give more.
type jsonBound struct {
	in   io.Reader
	left int
	err  error // of in, if it is not its end
}

func (b *jsonBound) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a value has more than %d MiB", maxElement>>20)
	}
	n, err := b.in.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// listIn is the path in an object to the longest list of objects; empty if nobody looks, or there is none.
func (l *DocumentsLook) listIn(in io.Reader) string {
	if l == nil {
		return ""
	}
	s := &listSearch{in: &jsonList{in: json.NewDecoder(in), bound: &jsonBound{}}}
	if s.value("", 0) != nil || s.most < 2 {
		return ""
	}
	if _, err := s.in.token(); !errors.Is(err, io.EOF) { // an object a line
		return ""
	}
	l.List = s.best
	return s.best
}

// A listSearch looks for the longest list of objects.
type listSearch struct {
	in   *jsonList
	best string
	most int
}

// value goes past a value at a path.
func (s *listSearch) value(at string, depth int) error {
	t, err := s.in.token()
	if err != nil {
		return err
	}
	d, nested := t.(json.Delim)
	if !nested {
		return nil
	}
	n, objects := 0, true
	for ; s.in.in.More(); n++ {
		switch {
		case d == '{':
			name, err := s.in.token()
			if err != nil {
				return err
			}
			if text := name.(string); depth < 4 && !strings.Contains(text, ".") {
				err = s.value(strings.TrimPrefix(at+"."+text, "."), depth+1)
			} else {
				err = s.in.skip()
			}
			if err != nil {
				return err
			}
		default:
			var first json.RawMessage
			if n == 0 {
				if err := s.in.in.Decode(&first); err != nil {
					return err
				}
				objects = len(first) > 0 && first[0] == '{'
			} else if err := s.in.skip(); err != nil {
				return err
			}
		}
	}
	if d == '[' && objects && n > s.most {
		s.best, s.most = at, n
	}
	_, err = s.in.token()
	return err
}
