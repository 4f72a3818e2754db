package jsonapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
)

// FuzzItems: whatever a service answers, items are parts of it as they came, and of what is JSON they are all that there
// are.
func FuzzItems(f *testing.F) {
	for _, body := range []string{`[{"id": "1", "x": [1, {"y": "]\""}]}, {"id": 2}]`, `{"items": [{}], "items": [null, -1e5]}`, `[{"id": "1",}]`, "\ufeff[ ]", `{"items": null}`, `[1 2]`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, at := range []string{"", "items"} {
			s, err := New(Config{From: "https://api.example.org/", Items: at, Key: "id"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			items, err := s.Items(body)
			want, valid := expected(body, at)
			if valid && (err != nil || len(items) != len(want)) {
				t.Fatalf("%d items of %d: %v", len(items), len(want), err)
			}
			for i, item := range items {
				if item.Rejected == nil && (item.Key == "" || !json.Valid(item.Original)) || !bytes.Contains(body, item.Original) {
					t.Errorf("an item of nothing: %+v", item)
				}
				if valid && !bytes.Equal(item.Original, bytes.Trim(want[i], blank)) {
					t.Errorf("item %d is %q, want %q", i, item.Original, want[i])
				}
			}
		}
	})
}

// expected is what another reader finds; valid is false if it finds no list.
func expected(body []byte, at string) (list []json.RawMessage, valid bool) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if at != "" {
		var object map[string]json.RawMessage
		if json.Unmarshal(body, &object) != nil || object[at] == nil {
			return nil, false
		}
		body = object[at]
	} else if bytes.Equal(bytes.Trim(body, blank), []byte("null")) {
		return nil, false
	}
	return list, json.Unmarshal(body, &list) == nil && len(list) <= maxItems
}

// FuzzPath: a path that can be read is written so that it means the same.
func FuzzPath(f *testing.F) {
	for _, text := range []string{"a.b[2].c", `["dc:title"]`, `a["b c"][3]`, "a..b", "a[", `x["`, "o:id"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePath(text)
		if err != nil {
			return
		}
		again, err := parsePath(p.String())
		if err != nil || again.String() != p.String() || len(again) != len(p) {
			t.Errorf("%q becomes %q: %v", text, p, err)
		}
		p.find([]byte(`{"a": {"b": [1, 2, {"c": 3}]}}`))
	})
}

// FuzzLink: a header that is not one gives no link, and reading it has an end.
func FuzzLink(f *testing.F) {
	f.Add(`<https://a.example/?page=2>; rel="next", <https://a.example/?page=9>; rel="last"`)
	f.Add(`</x,y>; title="a, b; c"; rel=prev, <?2>;rel="start next"`)
	f.Fuzz(func(t *testing.T, line string) {
		link := nextLink(http.Header{"Link": {line}})
		if !bytes.Contains([]byte(line), []byte(link)) {
			t.Errorf("%q gives %q", line, link)
		}
	})
}

// TestNextLink: the header is read as RFC 8288 has it.
func TestNextLink(t *testing.T) {
	for line, want := range map[string]string{
		`<https://a.example/?page=2>; rel="next"`:                            "https://a.example/?page=2",
		`<?1>; rel="first", <?2>; rel=next`:                                  "?2",
		`<?1>; rel="next prev", <?2>`:                                        "?1",
		`</x,y;z>; title="a, <b>; c"; REL="Next"`:                            "/x,y;z",
		`<?1>; rel="prev"; rel="next"`:                                       "",
		`<?1>; rev=next, <?2>; rel="nextish"`:                                "",
		`<?1; rel="next"`:                                                    "",
		`<?1>; title="\"next\""; rel="up",<?2>;rel="next";type="a/b", <?3>;`: "?2",
		``: "",
	} {
		if got := nextLink(http.Header{"Link": {line}}); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if got := nextLink(http.Header{"Link": {`<?1>; rel="first"`, `<?2>; rel="next"`}}); got != "?2" {
		t.Errorf("of two lines: %q", got)
	}
}
