package site

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRecordPath(t *testing.T) {
	if got := recordPath(namespace, "oai:archive.example:s-1/a/b?c"); got != "/records/s-1/a/b%3Fc" {
		t.Error(got)
	}
	for _, id := range []string{"", "oai:other.example:s/1", "oai:archive.example:s", "oai:archive.example:s/", "oai:archive.example:/1"} {
		if got := recordPath(namespace, id); got != "" {
			t.Errorf("%q has the path %q", id, got)
		}
	}
}

// Whatever a source's identifiers are, the link to a record leads to that record, and nothing on the
// way has a reason to change it: no segment is empty or made of dots, and no slash is encoded.
func TestRecordPathLeadsBack(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"/", ".", "..", "%", "%2F", "%2E", "?", "#", ";", "a", "B-9", " ", "é", "\x00", "&", "+", "\\", "oai:x:1"})
	rapid.Check(t, func(rt *rapid.T) {
		local := strings.Join(rapid.SliceOfN(pieces, 1, 9).Draw(rt, "pieces"), "")
		m := &memory{epoch: 1}
		rec := m.add(t, "source-1", local, titled("Found"))
		path := recordPath(namespace, rec.Identifier)
		for segment := range strings.SplitSeq(path[1:], "/") {
			if plain, err := url.PathUnescape(segment); err != nil || plain == "" || plain == "." || plain == ".." {
				rt.Fatalf("%q has the segment %q in %s (%v)", local, segment, path, err)
			}
		}
		if strings.Contains(strings.ToUpper(path), "%2F") {
			rt.Fatalf("%q has an encoded slash in %s", local, path)
		}
		h := New(newSite(m).Options)
		if err := in("h1", hasText("Found"))(get(t, h, path, http.StatusOK).Selection); err != nil {
			rt.Fatal(err)
		}
		list := get(t, h, "/search", http.StatusOK)
		if got := list.Find("article h3 a").AttrOr("href", ""); got != path {
			rt.Fatalf("the list has the link %q, want %q", got, path)
		}
	})
}
