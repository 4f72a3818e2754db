package site

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An address that is understood has one form, and means the same in it.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{
		"", "source=cold-war&order=newest&size=50&after=7.100&start=51", "before=1.2", "order=oldest&size=25",
		"source=&after=", "size=-1", "after=1.9223372036854775808", "start=%31", "q=x&source=a&source=B", "after=1.2&before=1.3", "a;b", "after=+1.+2",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		v, _ := url.ParseQuery(raw)
		q, err := parseQuery(v)
		if err != nil {
			return
		}
		if n := q.limit(); n < 1 || n > 100 {
			t.Fatalf("%q asks for %d results", raw, n)
		}
		u, err := url.Parse(q.path())
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseQuery(u.Query())
		if err != nil {
			t.Fatalf("%q: its form %q: %v", raw, q.path(), err)
		}
		if q.size = again.size; q.start < 2 { // a size and a start that go without saying are left out
			q.start = again.start
		}
		if diff := cmp.Diff(q, again, cmp.AllowUnexported(query{})); diff != "" || again.path() != u.String() {
			t.Fatalf("%q: its form %q means something else:\n%s", raw, u, diff)
		}
	})
}
