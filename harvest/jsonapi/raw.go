package jsonapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// JSON is read here without being decoded: an item is kept byte for byte, and what is wrong inside of an item must not
// spoil the page around it. So brackets must match, strings must end, and commas and colons must stand where they
// belong on the way to a value; all else is looked at only where it is taken.

var (
	errCut   = errors.New("the JSON ends within a value")
	errShape = errors.New("it is not JSON")
)

// blank has the white space of JSON.
const blank = " \t\r\n"

func trim(data []byte) []byte { return bytes.TrimLeft(data, blank) }

// value cuts the value at the beginning of data off. depth is how deep it is nested.
func value(data []byte) (v, rest []byte, depth int, err error) {
	if len(data) == 0 {
		return nil, nil, 0, errCut
	}
	open := 0
	for i := 0; i < len(data); {
		switch data[i] {
		case '{', '[':
			open++
			depth = max(depth, open)
			i++
		case '}', ']':
			if open--; open < 0 {
				return nil, nil, 0, errShape
			}
			i++
		case '"':
			n := quoted(data[i:])
			if n < 0 {
				return nil, nil, 0, errCut
			}
			i += n
		default:
			n := bytes.IndexAny(data[i:], `{}[]",:`+blank)
			if open == 0 { // a number or a literal
				if n < 0 {
					n = len(data) - i
				}
				if n == 0 {
					return nil, nil, 0, errShape
				}
				i += n
			} else {
				i += max(n, 1)
			}
		}
		if open == 0 {
			return data[:i], data[i:], depth, nil
		}
	}
	return nil, nil, 0, errCut
}

// quoted is the length of the string at the beginning of data, with its quotes; -1 if it does not end.
func quoted(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// document is the one value that a body holds.
func document(body []byte) ([]byte, error) {
	v, rest, _, err := value(trim(bytes.TrimPrefix(body, []byte("\ufeff"))))
	if err == nil && len(trim(rest)) > 0 {
		err = errShape
	}
	return v, err
}

// elements calls f with each element of an array.
func elements(array []byte, f func(element []byte, depth int)) error {
	rest, ok := bytes.CutPrefix(array, []byte("["))
	if !ok {
		return errShape
	}
	for rest = trim(rest); !bytes.HasPrefix(rest, []byte("]")); {
		v, after, depth, err := value(rest)
		if err != nil {
			return err
		}
		f(v, depth)
		if rest, err = behind(after, ']'); err != nil {
			return err
		}
	}
	return nil
}

// members calls f with each member of an object.
func members(object []byte, f func(name string, member []byte)) error {
	rest, ok := bytes.CutPrefix(object, []byte("{"))
	if !ok {
		return errShape
	}
	for rest = trim(rest); !bytes.HasPrefix(rest, []byte("}")); {
		name, after, _, err := value(rest)
		if err != nil {
			return err
		}
		text, isText := str(name)
		after, colon := bytes.CutPrefix(trim(after), []byte(":"))
		if !isText || !colon {
			return errShape
		}
		v, after, _, err := value(trim(after))
		if err != nil {
			return err
		}
		f(text, v)
		if rest, err = behind(after, '}'); err != nil {
			return err
		}
	}
	return nil
}

// behind is what follows the comma behind a value, or the bracket that closes all.
func behind(rest []byte, closing byte) ([]byte, error) {
	rest = trim(rest)
	if len(rest) > 0 && rest[0] == closing {
		return rest, nil
	}
	if len(rest) == 0 || rest[0] != ',' {
		return nil, errShape
	}
	if rest = trim(rest[1:]); len(rest) == 0 || rest[0] == closing {
		return nil, errShape
	}
	return rest, nil
}

// str is a string.
func str(v []byte) (text string, ok bool) {
	if !bytes.HasPrefix(v, []byte(`"`)) || json.Unmarshal(v, &text) != nil {
		return "", false
	}
	return text, true
}

// scalar is a string, or a number as it is written.
func scalar(v []byte) (text string, ok bool) {
	if text, ok = str(v); ok {
		return strings.TrimSpace(text), true
	}
	if len(v) > 0 && (v[0] == '-' || '0' <= v[0] && v[0] <= '9') && json.Valid(v) {
		return string(v), true
	}
	return "", false
}

// number is a whole number from 0, which may be written as a string.
func number(v []byte) (n int, ok bool) {
	text, ok := scalar(v)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0
}

// is reports whether a value is this literal, or this in quotes.
func is(v []byte, literal string) bool {
	text, quoted := str(v)
	return string(v) == literal || quoted && text == literal
}
