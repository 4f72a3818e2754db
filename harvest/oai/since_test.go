package oai_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
)

// One question after a full pass tells whether a repository can be asked by date: the newest record that is known must be
// on a list that begins with its datestamp.
func TestQuirkFromReadWrongly(t *testing.T) {
	const (
		newest = "2026-04-30T00:00:00Z"
		asked  = "from=2026-04-30T00%3A00%3A00Z&metadataPrefix=oai_dc"
		before = "from=2026-04-29T00%3A00%3A00Z&metadataPrefix=oai_dc"
	)
	for name, c := range map[string]struct {
		hides    string // a from after which the newest record is not listed any more, though it should be
		headless bool
		listed   []string // what is asked of headers
		from     string   // what is asked of records
		warned   string
	}{
		"rightly":                   {"2026-05-01", false, []string{asked}, "from=2026-05-01T09%3A55%3A00Z&metadataPrefix=oai_dc", ""},
		"too late":                  {"2026-04-29T12:00:00Z", false, []string{asked, before}, "from=2026-04-30T09%3A55%3A00Z&metadataPrefix=oai_dc", "local time, or too late"},
		"so that nothing is listed": {"0", false, []string{asked, before}, "metadataPrefix=oai_dc", "does not list by date what it has"},
		"not to be asked":           {"0", true, []string{asked}, "from=2026-05-01T09%3A55%3A00Z&metadataPrefix=oai_dc", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, base := newRepository(t, func(q url.Values) string {
				if q.Get("from") > c.hides {
					return reported("noRecordsMatch", "")
				}
				return records("", record("1"), stamped("2", "2026-01-01T00:00:00Z"), stamped("3", "2030-01-01T00:00:00Z"))
			})
			s := newSource(t, oai.Config{BaseURL: base})
			first := mustRun(t, s, "")
			r.identifiers = func(q url.Values) string {
				switch {
				case c.headless:
					return reported("badVerb", "")
				case q.Get("from") > c.hides:
					return reported("noRecordsMatch", "")
				}
				return strings.ReplaceAll(records("", `<header><identifier>1</identifier><datestamp>`+newest+`</datestamp></header>`), "ListRecords", "ListIdentifiers")
			}
			r.requests()
			r.listed = nil
			at, err := s.Page(t.Context(), first.next)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.listed, c.listed) {
				t.Errorf("asked of headers %q, want %q", r.listed, c.listed)
			}
			wantRequests(t, r, c.from)
			if got := strings.Join(at.Warnings, "\n"); !strings.Contains(got, c.warned) || c.warned == "" && got != "" {
				t.Errorf("warnings %q, want %q", got, c.warned)
			}
			// The question is asked once after each full pass.
			r.listed = nil
			if _, err := s.Page(t.Context(), at.Next); err != nil {
				t.Fatal(err)
			}
			if again := len(r.listed) > 0; again != strings.HasPrefix(c.from, "metadata") {
				t.Errorf("asked again: %v", r.listed)
			}
		})
	}
}

// A set that a repository does not have is an error, though it answers as if the set were empty. An empty set is one.
func TestQuirkSetThatIsNotThere(t *testing.T) {
	for name, c := range map[string]struct {
		sets []string
		set  string
		says string // empty if it is no error
	}{
		"not there":     {[]string{"a", "b"}, "c", "there is no set c; there are 2, such as a, b"},
		"no sets":       {[]string{}, "c", "it has no sets"},
		"there":         {[]string{"a", "c"}, "c", ""},
		"its part is":   {[]string{"a", "c:d"}, "c", ""},
		"who can tell?": {nil, "c", ""},
	} {
		for _, empty := range []string{reported("noRecordsMatch", ""), records("")} {
			t.Run(name, func(t *testing.T) {
				r, base := newRepository(t, func(q url.Values) string { return empty })
				r.sets = c.sets
				p, err := run(t, newSource(t, oai.Config{BaseURL: base, Sets: []string{c.set}}), "")
				if c.says != "" {
					if e := wantKind(t, err, harvest.Config); !strings.Contains(e.Error(), c.says) {
						t.Errorf("%q does not say %q", e, c.says)
					}
					return
				}
				if err != nil || !p.incomplete {
					t.Errorf("%+v, %v", p, err)
				}
			})
		}
	}
}

// A repository that ignores the set is told by its headers, which name other sets, and by the size of the list. One sign
// alone may be a fault of the headers.
func TestQuirkSetIgnored(t *testing.T) {
	for name, c := range map[string]struct {
		set    string
		whole  int // what the list of everything announces
		err    bool
		warned bool
	}{
		"ignored":                   {"other", 2, true, false},
		"headers lack it":           {"other", 9, false, true},
		"obeyed":                    {"s", 2, false, false},
		"no size of the whole":      {"other", 0, false, true},
		"a set of which it is part": {"s:t", 9, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			r, base := newRepository(t, func(q url.Values) string {
				if q.Has("resumptionToken") {
					return records("", record("2"))
				}
				return sized(2, records("t", record("1")))
			})
			r.identifiers = func(q url.Values) string {
				page := strings.ReplaceAll(records("t", `<header><identifier>1</identifier></header>`), "ListRecords", "ListIdentifiers")
				if c.whole == 0 {
					return page
				}
				return sized(c.whole, page)
			}
			p, err := run(t, newSource(t, oai.Config{BaseURL: base, Sets: []string{c.set}}), "")
			if c.err {
				wantKind(t, err, harvest.Config)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			p.want(t, "1", "2")
			if warned := strings.Contains(strings.Join(p.warnings, "\n"), "may ignore sets"); warned != c.warned {
				t.Errorf("warnings %q", p.warnings)
			}
		})
	}
}
