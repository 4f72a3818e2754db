package files

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/harvest"
)

var jsonFormat = harvest.Format{Prefix: "json"}

// maxJSON bounds a file that is one record, or some that follow each other, in bytes: it is held in memory.
const maxJSON = 256 << 20

// json reads a list, a list within an object, or an object a line. text is the beginning.
func (d *Documents) json(x *reading, place string, text []byte, e entry) error {
	if text[0] == '{' && d.Records == "" {
		return d.lines(x, place, e)
	}
	return d.list(x, place, d.Records, text, withoutMark(e.in))
}

// withoutMark is a stream behind the byte order mark that it may begin with.
func withoutMark(in *bufio.Reader) io.Reader {
	if start, _ := in.Peek(3); string(start) == "\ufeff" {
		_, _ = in.Discard(3) // they are there
	}
	return in
}

// lines reads an object a line. One that stretches over lines is the one record of its file.
func (d *Documents) lines(x *reading, place string, e entry) error {
	head, err := peek(e.in)
	if err != nil {
		return err
	}
	first, rest, _ := bytes.Cut(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("\n"))
	unknown := d.look != nil && len(first) == len(bytes.TrimLeft(head, "\ufeff \t\r\n")) // a first line that is longer may be anything
	if alone := len(head) < peeked && len(bytes.TrimSpace(rest)) == 0; alone || unknown || !json.Valid(first) && len(first) < peeked/2 && !areLines(rest) {
		return d.whole(x, place, e)
	}
	d.look.form("JSON Lines")
	for n := 1; ; n++ {
		line, long, err := readLine(e.in, maxRecord)
		if len(line) == 0 && err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff"))); len(line) == 0 {
			continue
		}
		at := fmt.Sprintf("%s#%d", place, n)
		m := d.object(at, line)
		if long {
			m = unfit(jsonFormat, at, "", line, reasonTooLarge, "the line has more than %d bytes", maxRecord)
		}
		if err := x.tell(m); err != nil {
			return err
		}
	}
}

// areLines says whether what follows a line that is no JSON is an object a line all the same.
func areLines(rest []byte) bool {
	second, rest, _ := bytes.Cut(rest, []byte("\n"))
	third, _, whole := bytes.Cut(rest, []byte("\n"))
	third = bytes.TrimSpace(third)
	return bytes.HasPrefix(second, []byte("{")) && json.Valid(second) && (len(third) == 0 || json.Valid(third) || !whole && third[0] == '{')
}

// whole reads a file that is one record, or some that follow each other.
func (d *Documents) whole(x *reading, place string, e entry) error {
	body, err := harvest.ReadWhole(e.in, e.size, maxJSON)
	if err != nil && !errors.Is(err, harvest.ErrTooLong) {
		return err
	}
	d.look.form("JSON")
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if path := d.look.listIn(bytes.NewReader(body)); path != "" {
		return d.list(x, place, path, body, bytes.NewReader(body))
	}
	all := json.NewDecoder(bytes.NewReader(body))
	for n := 1; ; n++ {
		var one json.RawMessage
		at := fmt.Sprintf("%s#%d", place, n)
		switch err := all.Decode(&one); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			m := unfit(jsonFormat, at, "", body[min(int(all.InputOffset()), len(body)):], reasonMalformed, "the file is no JSON from here on: %v", err)
			m.short = true
			return x.tell(m)
		}
		if err := x.tell(d.object(at, one)); err != nil {
			return err
		}
	}
}

// readLine reads a line of at most so many bytes; what is longer is passed over.
func readLine(in *bufio.Reader, most int) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > most {
			long = true
			part = part[:max(0, most-len(line))]
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

// object makes an item of an object.
func (d *Documents) object(at string, data []byte) met {
	if len(data) == 0 || data[0] != '{' || !json.Valid(data) {
		return unfit(jsonFormat, at, "", data, reasonMalformed, "the record is no JSON object")
	}
	if !utf8.Valid(data) {
		return unfit(jsonFormat, at, "", data, reasonMalformed, "the record is not UTF-8, as JSON must be")
	}
	if d.look != nil {
		return met{item: harvest.Item{Key: at, Format: jsonFormat, Original: bytes.Clone(data)}}
	}
	key := ""
	if d.Key != "" {
		key = jsonText(jsonAt(data, d.Key))
	}
	if err := d.checkKey(key); err != nil {
		return unfit(jsonFormat, at, "", data, reasonNoIdentifier, "%v", err)
	}
	if len(data) > maxRecord {
		return unfit(jsonFormat, at, key, data, reasonTooLarge, "the record has %d bytes, more than %d", len(data), maxRecord)
	}
	item := harvest.Item{Key: key, Format: jsonFormat, Original: bytes.Clone(data)}
	var compact bytes.Buffer
	if json.Compact(&compact, data) == nil {
		item.Canonical = compact.Bytes()
	}
	return met{item: item}
}

// jsonAt is the value at a path of names with dots between; nil if there is none. The empty path is the whole.
func jsonAt(data []byte, path string) []byte {
	for path != "" {
		var name string
		name, path, _ = strings.Cut(path, ".")
		var members map[string]json.RawMessage
		if json.Unmarshal(data, &members) != nil || members[name] == nil {
			return nil
		}
		data = members[name]
	}
	return data
}

// jsonText is a text, or a number as it is written; empty if the value is neither.
func jsonText(v []byte) string {
	var text string
	var number json.Number
	switch {
	case len(v) == 0:
	case json.Unmarshal(v, &text) == nil:
	case json.Unmarshal(v, &number) == nil:
		text = number.String()
	}
	return strings.TrimSpace(text)
}
