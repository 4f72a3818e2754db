package files

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestJSONLists(t *testing.T) {
	one, two := `1: json {"id":1}`, `2: json {"id":2}`
	for name, test := range map[string]struct {
		path, content string
		want          []string
	}{
		"what stands beside it":    {"data.items", `{"a":{"data":[{}]},"data":{"n":[1,{"items":5}],"items":[{"id":1},{"id":2}],"next":{"x":[]}},"z":1}`, []string{one, two}},
		"a byte order mark":        {"items", "\ufeff" + ` {"items":[{"id":1}]}`, []string{one}},
		"an empty list":            {"items", `{"items":[]}`, nil},
		"broken behind a record":   {"items", `{"items":[{"id":1},{"id":]}`, []string{one, "file:f#2 rejected: malformed: the file is no JSON from here on: invalid character ']' looking for beginning of value (short)"}},
		"cut within the list":      {"items", `{"items":[{"id":1},`, []string{one, "file:f#2 rejected: malformed: the file is no JSON from here on: EOF (short)"}},
		"cut behind the list":      {"a.items", `{"a":{"items":[{"id":1}]`, []string{one, "file:f rejected: malformed: the file is cut behind the list: EOF (short)"}},
		"cut beside the list":      {"items", `{"items":[{"id":1}],"n":[1,`, []string{one, "file:f rejected: malformed: the file is no JSON behind the list: EOF (short)"}},
		"a second list":            {"a.items", `{"a":{"items":[{"id":1}]},"b":0,"a":{"items":[{"id":2}]}}`, []string{one, `file:f rejected: malformed: there is a second "a" in the file, which is not read (short)`}},
		"a second export":          {"items", `{"items":[{"id":1}]}{"items":[{"id":2}]}`, []string{one, "file:f rejected: malformed: something follows the list, and is not read; write one list a file, or an object a line (short)"}},
		"nothing there":            {"items", `{"item":[{"id":1}]}`, []string{`file:f rejected: malformed: there is nothing at "items" in the file, or it is no JSON; records: is the path to the list of records`}},
		"an object on the way":     {"a.items", `{"a":[{"items":[]}]}`, []string{`file:f rejected: malformed: there is nothing at "a.items" in the file, or it is no JSON; records: is the path to the list of records`}},
		"no list":                  {"items", `{"items":{"id":1}}`, []string{`file:f rejected: malformed: what is at "items" in the file is no list of records`}},
		"deep beside the list":     {"items", `{"a":` + strings.Repeat("[", 1_000_000), []string{`file:f rejected: malformed: there is nothing at "items" in the file, or it is no JSON; records: is the path to the list of records`}},
		"an element without bound": {"items", `{"items":[{"id":1},{"id":"` + strings.Repeat("x", maxElement+maxRecord) + `"}]}`, []string{one, "file:f#2 rejected: malformed: the file is no JSON from here on: a value has more than 32 MiB (short)"}},
		"an element too large":     {"items", `{"items":[{"id":1,"a":"` + strings.Repeat("x", maxRecord) + `"},{"id":2}]}`, []string{"1 rejected: too_large: the record has 8388623 bytes, more than 8388608", two}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, told(t, &Documents{Key: "id", Records: test.path}, test.content)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A file that can't be read any further is no broken list: its harvest ends, and nothing is rejected.
func TestJSONListFails(t *testing.T) {
	whole := `{"a":{"n":[1,2],"items":[{"id":1},{"id":2}],"z":[]},"b":"end"}`
	for at := range len(whole) {
		failed := errors.New("the disk fails")
		in := io.MultiReader(strings.NewReader(whole[:at]), iotest.ErrReader(failed))
		x := &reading{yield: func(m met) bool {
			if m.item.Rejected != nil {
				t.Errorf("after %q: %v", whole[:at], m.item.Rejected)
			}
			return true
		}}
		if err := (&Documents{Key: "id", Records: "a.items"}).list(x, "f", "a.items", nil, in); !errors.Is(err, failed) {
			t.Errorf("after %q: %v", whole[:at], err)
		}
	}
}

// What a probe takes for the list of records.
func TestListIn(t *testing.T) {
	for content, want := range map[string]string{
		`{"n":[1,2,3],"a":{"items":[{"x":[{},{},{}]},{}]},"b":[{}]}`: "a.items",
		`{"a":[{},{}]} {"a":[{},{}]}`:                                "", // an object a line
		`{"a":[{}]}`:                                                 "",
		`{"a":[{},{}]`:                                               "",
		`[[{},{}]]`:                                                  "",
	} {
		if got := new(DocumentsLook).listIn(strings.NewReader(content)); got != want {
			t.Errorf("%s: %q, want %q", content, got, want)
		}
	}
}

// A list may be larger than the memory: no more than a record of it is held.
func TestLongJSONList(t *testing.T) {
	record := `{"id":1,"a":"` + strings.Repeat("x", 1000) + `"}`
	const n = 40_000
	in := io.MultiReader(strings.NewReader(`{"items":[`), manyTimes(record+",", n), strings.NewReader(record+"]}"))
	var before, m runtime.MemStats
	runtime.ReadMemStats(&before)
	most, got := uint64(0), 0
	x := &reading{yield: func(met) bool {
		if got++; got%5_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return true
	}}
	if err := (&Documents{Key: "id", Records: "items"}).list(x, "f", "items", nil, in); err != nil || got != n+1 {
		t.Errorf("%d records, %v", got, err)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("%d MB of memory for a file of %d MB", grown>>20, n*len(record)>>20)
	}
}

// manyTimes is a text n times.
func manyTimes(text string, n int) io.Reader {
	many := strings.Repeat(text, 1000)
	parts := make([]io.Reader, n/1000)
	for i := range parts {
		parts[i] = strings.NewReader(many)
	}
	return io.MultiReader(parts...)
}
