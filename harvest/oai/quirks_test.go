package oai_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
)

// Each test plays one or more rows of the list of quirks that repositories in the field have.

// What is wrong with bytes and XML of one record stays with the record, or is mended.
func TestQuirkBytesOfOneRecord(t *testing.T) {
	title := func(v string) string {
		return strings.Replace(record("2"), "<title>2<", "<title>"+v+"<", 1)
	}
	for name, c := range map[string]struct {
		second string
		keys   string
		warned string
		reason string
	}{
		"control characters":         {title("a\x03b"), "1 2 3", "left out", ""},
		"invalid UTF-8":              {title("caf\xe9"), "1 2 3", "Windows-1252", ""},
		"reference to no character":  {title("&#x3;&#xfffe;"), "1 2 3", "References", ""},
		"unknown entity":             {title("&bogus;"), "1 2 3", "Entities", ""},
		"declaration inside":         {title(`<?xml version="1.0"?>`), "1 2 3", "declaration", ""},
		"tags that don't match":      {title("<b>x</i>"), "1 !2 3", "", "malformed"},
		"beyond repair":              {title("<x:y/>"), "1 !2 3", "", "malformed"},
		"no header":                  {"<record><metadata><a/></metadata></record>", "1 !unidentified- 3", "", "no_identifier"},
		"no identifier":              {strings.Replace(record("2"), "<identifier>2</identifier>", "", 1), "1 !unidentified- 3", "", "no_identifier"},
		"no metadata":                {"<record><header><identifier>2</identifier></header></record>", "1 !2 3", "", "no_metadata"},
		"empty metadata":             {"<record><header><identifier>2</identifier></header><metadata> </metadata></record>", "1 !2 3", "", "no_metadata"},
		"empty record":               {"<record/>", "1 !unidentified- 3", "", "no_identifier"},
		"no setSpec, no datestamp":   {"<record><header><identifier>2</identifier></header><metadata><a/></metadata></record>", "1 2 3", "", ""},
		"DELETED in upper case":      {strings.Replace(deleted("2"), "deleted", "DELETED", 1), "1 -2 3", "", ""},
		"deleted with metadata":      {strings.Replace(record("2"), "<header>", `<header status="deleted">`, 1), "1 -2 3", "", ""},
		"twice, the later last":      {stamped("2", "2026-01-01") + stamped("2", "2026-01-02"), "1 2 3", "more than once", ""},
		"deleted, then live":         {deleted("2") + stamped("2", "2026-05-01T00:00:00Z"), "1 2 3", "more than once", ""},
		"live, then deleted":         {record("2") + deleted("2"), "1 -2 3", "more than once", ""},
		"later live before deleted":  {stamped("2", "2026-05-01T00:00:00Z") + deleted("2"), "1 2 3", "more than once", ""},
		"records outside the window": {stamped("2", "1999-01-01"), "1 2 3", "", ""},
		"markup in values":           {title("<b>x</b> &lt;i&gt;"), "1 2 3", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, base := newRepository(t, func(q url.Values) string { return records("", record("1"), c.second, record("3")) })
			p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
			got := strings.Join(p.keys, " ")
			if i := strings.Index(got, "unidentified-"); i >= 0 {
				got = got[:i+13] + got[strings.LastIndex(got, " "):]
			}
			if got != c.keys {
				t.Fatalf("items %q, want %q", got, c.keys)
			}
			p.warned(t, c.warned)
			if c.reason != "" {
				item := p.items[1]
				if item.Rejected.Reason != c.reason || string(item.Original) != c.second || item.Rejected.Detail == "" {
					t.Errorf("%+v with %q, want reason %s and the bytes as they came", item.Rejected, item.Original, c.reason)
				}
			}
		})
	}
}

// The whole page is refused, under its name, and the cursor stays.
func TestQuirkWholePageRefused(t *testing.T) {
	good := records("next", record("1"), record("2"))
	for name, c := range map[string]struct {
		page string
		kind harvest.Kind
	}{
		"cut short":         {good[:len(good)-30], harvest.Truncated},
		"cut after records": {strings.TrimSuffix(good, "</ListRecords></OAI-PMH>"), harvest.Truncated},
		"200, empty":        {"", harvest.Truncated},
		"mismatched tags":   {strings.Replace(good, "</ListRecords>", "</ListRecord>", 1), harvest.Malformed},
		"web page":          {"<html><body>Please log in</body></html>", harvest.HTML},
		"other XML":         {"<rss/>", harvest.Malformed},
		"bot wall":          {"<html><title>Just a moment...</title></html>", harvest.Challenged},
		"403":               {"403 <html>no</html>", harvest.Forbidden},
		"500":               {"500 oops", harvest.HTTP5xx},
		"429":               {"429 slow down", harvest.RateLimited},
		"another verb":      {head + "<ListIdentifiers/></OAI-PMH>", harvest.Protocol},
		"unknown error":     {reported("weird", "a\nb"), harvest.Protocol},
		"error with 500":    {"500 " + reported("badVerb", "x"), harvest.Protocol},
		"format gone":       {"422 " + reported("cannotDisseminateFormat", ""), harvest.Config},
		"no sets":           {reported("noSetHierarchy", ""), harvest.Config},
		"huge token":        {records(strings.Repeat("x", 40<<10), record("1")), harvest.Protocol},
	} {
		for _, first := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, first page %v", name, first), func(t *testing.T) {
				_, base := newRepository(t, func(q url.Values) string {
					if first || q.Has("resumptionToken") {
						return c.page
					}
					return records("t", record("0"))
				})
				p, err := run(t, newSource(t, oai.Config{BaseURL: base}), "")
				e := wantKind(t, err, c.kind)
				if e.URL == "" || strings.Contains(e.Error(), "\n") {
					t.Errorf("%q", e)
				}
				if first && len(p.items) > 0 || !first && len(p.items) != 1 {
					t.Errorf("items %q", p.keys)
				}
			})
		}
	}
}

// An OAI-PMH document is an answer, whatever the HTTP status.
func TestQuirkErrorDocumentWithHTTPError(t *testing.T) {
	for _, status := range []string{"400", "404", "422", "500"} {
		r, base := newRepository(t, func(q url.Values) string {
			if q.Has("from") {
				return status + " " + reported("noRecordsMatch", "")
			}
			return records("", record("1"))
		})
		s := newSource(t, oai.Config{BaseURL: base})
		p := mustRun(t, s, "")
		r.requests()
		if p = mustRun(t, s, p.next); len(p.items) > 0 || p.full {
			t.Errorf("%s: %+v", status, p)
		}
		if n := len(r.requests()); n != 1 {
			t.Errorf("%s: asked %d times", status, n)
		}
	}
}

func TestQuirkNoisyServers(t *testing.T) {
	good := records("", record("1"))
	for name, c := range map[string]struct{ page, warned string }{
		"notice before":  {"<br />\n<b>Notice</b>: Undefined variable\n" + good, "before the response"},
		"notice after":   {good + "\n<b>Warning</b>: x", "after the response"},
		"no namespace":   {strings.Replace(good, ` xmlns="http://www.openarchives.org/OAI/2.0/"`, "", 1), "no OAI-PMH namespace"},
		"https":          {strings.Replace(good, `"http://www`, `"https://www`, 1), "wrong OAI-PMH namespace"},
		"two tokens":     {records("", record("1"), "<resumptionToken/><resumptionToken> </resumptionToken>"), "more than one"},
		"size no number": {records("", record("1"), `<resumptionToken completeListSize="many"/>`), "not a number"},
	} {
		t.Run(name, func(t *testing.T) {
			_, base := newRepository(t, func(q url.Values) string { return c.page })
			p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
			p.want(t, "1")
			p.warned(t, c.warned)
		})
	}
}

func TestQuirkAncestorsDeclarePrefixes(t *testing.T) {
	_, base := newRepository(t, func(q url.Values) string {
		page := strings.Replace(records("", record("1")), "<OAI-PMH ", `<OAI-PMH xmlns:p="urn:p" xmlns:unused="urn:q" `, 1)
		return strings.Replace(page, `<dc xmlns="u"><title>1</title></dc>`, `<p:dc><p:title/></p:dc>`, 1)
	})
	p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
	if got := string(p.items[0].Original); got != `<p:dc xmlns:p="urn:p"><p:title/></p:dc>` || p.items[0].Format.Namespace != "urn:p" {
		t.Errorf("%s in %s", got, p.items[0].Format.Namespace)
	}
}

// A token that is lost is never the end: the window is asked again, from its beginning.
func TestQuirkExpiredToken(t *testing.T) {
	for name, refusal := range map[string]string{
		"badResumptionToken": reported("badResumptionToken", "expired"),
		"with 422":           "422 " + reported("badResumptionToken", "expired"),
		"noRecordsMatch":     reported("noRecordsMatch", ""),
		"404":                "404 <html>gone</html>",
	} {
		t.Run(name, func(t *testing.T) {
			expire := 1
			r, base := newRepository(t, func(q url.Values) string {
				switch q.Get("resumptionToken") {
				case "":
					return records("t2", record("1"))
				case "t2":
					return records("t3", record("2"))
				}
				if expire > 0 {
					expire--
					return refusal
				}
				return records("", record("3"))
			})
			s := newSource(t, oai.Config{BaseURL: base})
			p := mustRun(t, s, "")
			p.want(t, "1", "2", "1", "2", "3")
			p.warned(t, "from its beginning")
			wantRequests(t, r, "metadataPrefix=oai_dc", "resumptionToken=t2", "resumptionToken=t3",
				"metadataPrefix=oai_dc", "resumptionToken=t2", "resumptionToken=t3")

			expire = 1000
			_, err := run(t, s, "")
			if e := wantKind(t, err, harvest.ExpiredToken); !e.Resumable() {
				t.Error("a later run must go on")
			}
			if n := len(r.requests()); n != 4*3 {
				t.Errorf("%d requests, want the list once and three times again", n)
			}
		})
	}
}

// After hours, a list that was given up may be begun again: the source does not stay broken.
func TestQuirkExpiredTokenNextRun(t *testing.T) {
	broken := true
	_, base := newRepository(t, func(q url.Values) string {
		if !q.Has("resumptionToken") {
			return records("t", record("1"))
		}
		if broken {
			return reported("badResumptionToken", "")
		}
		return records("", record("2"))
	})
	now := today
	s := newSource(t, oai.Config{BaseURL: base, Now: func() time.Time { return now }})
	p, err := run(t, s, "")
	wantKind(t, err, harvest.ExpiredToken)
	if _, err = run(t, s, p.next); harvest.KindOf(err) != harvest.ExpiredToken {
		t.Fatal(err)
	}
	now = now.Add(24 * time.Hour)
	// The token is still lost, but the window is open again.
	_, err = s.Page(t.Context(), p.next)
	if err != nil {
		t.Fatal(err)
	}
	broken = false
	mustRun(t, s, p.next).want(t, "2", "?1") // the headers have what came before
}

func TestQuirkListsThatDoNotEnd(t *testing.T) {
	n := 0
	for name, c := range map[string]struct {
		list func(q url.Values) string
		kind harvest.Kind
	}{
		"the same token": {func(q url.Values) string { return records("t", record("1")) }, harvest.RepeatedToken},
		"a circle": {func(q url.Values) string {
			return records(map[string]string{"": "a", "a": "b", "b": "c", "c": "a"}[q.Get("resumptionToken")], record("1"))
		}, harvest.RepeatedToken},
		"empty page with token": {func(q url.Values) string {
			if q.Has("resumptionToken") {
				return records("u")
			}
			return records("t", record("1"))
		}, harvest.EmptyPage},
		"ever new tokens": {func(q url.Values) string { n++; return records(fmt.Sprint(n), record(fmt.Sprint(n))) }, harvest.RepeatedToken},
		"far over its size": {func(q url.Values) string {
			n++
			return sized(5, records(fmt.Sprint(n), record(fmt.Sprint(n)), strings.Repeat(record("1"), 1000)))
		}, harvest.RepeatedToken},
	} {
		t.Run(name, func(t *testing.T) {
			_, base := newRepository(t, c.list)
			p, err := run(t, newSource(t, oai.Config{BaseURL: base, MaxPages: 20}), "")
			e := wantKind(t, err, c.kind)
			if !e.Resumable() || p.pages == 0 {
				t.Errorf("%+v, %v", p, e)
			}
		})
	}
}

// A last page that is repeated past the end, with ever new tokens, ends a list whose size is known. Without a size it may
// be a token that is ignored, so that it is an error.
func TestQuirkLastPageRepeated(t *testing.T) {
	for _, size := range []int{3, 0} {
		n := 0
		_, base := newRepository(t, func(q url.Values) string {
			n++
			if q.Has("resumptionToken") {
				return records(fmt.Sprint("t", n), record("3"))
			}
			page := records("t", record("1"), record("2"))
			if size > 0 {
				page = sized(size, page)
			}
			return page
		})
		s := newSource(t, oai.Config{BaseURL: base})
		p, err := run(t, s, "")
		if size == 0 {
			wantKind(t, err, harvest.RepeatedToken)
			continue
		}
		if err != nil || p.incomplete {
			t.Fatalf("%+v, %v", p, err)
		}
		p.want(t, "1", "2", "3", "3")
		p.warned(t, "repeats the last page")
	}
}

// A page that comes twice in the middle of a list is no end, and counts once.
func TestQuirkPageTwice(t *testing.T) {
	_, base := newRepository(t, func(q url.Values) string {
		switch q.Get("resumptionToken") {
		case "":
			return sized(3, records("a", record("1")))
		case "a":
			return sized(3, records("b", record("2")))
		case "b":
			return sized(3, records("c", record("2")))
		}
		return records("", record("3"))
	})
	p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
	p.want(t, "1", "2", "2", "3")
	if p.incomplete {
		t.Error("the list is whole")
	}
}

// Two signs together are taken for the end: everything that was announced came, and nothing more matches.
func TestQuirkNoRecordsMatchInsteadOfLastPage(t *testing.T) {
	list := func(q url.Values) string {
		if q.Has("resumptionToken") {
			return reported("noRecordsMatch", "")
		}
		return sized(2, records("t", record("1"), record("2")))
	}
	_, base := newRepository(t, list)
	p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
	p.want(t, "1", "2")
	p.warned(t, "ends its list with noRecordsMatch")
}

func TestQuirkListSizes(t *testing.T) {
	for name, c := range map[string]struct {
		size       int
		incomplete bool
		lists      int // that it takes: what lacks is looked for in windows of time too
	}{"too small": {1, false, 1}, "right": {3, false, 1}, "too large": {4, true, 3}} {
		t.Run(name, func(t *testing.T) {
			_, base := newRepository(t, func(q url.Values) string {
				if q.Has("resumptionToken") {
					return records("", record("3"))
				}
				return sized(c.size, records("t", record("1"), record("2")))
			})
			p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
			p.want(t, slices.Repeat([]string{"1", "2", "3"}, c.lists)...)
			if p.incomplete != c.incomplete {
				t.Errorf("incomplete is %v", p.incomplete)
			}
		})
	}
}

// Nothing at all where there should be everything proves nothing, and the next pass is full again.
func TestQuirkEmptyRepository(t *testing.T) {
	for name, page := range map[string]string{"noRecordsMatch": reported("noRecordsMatch", ""), "empty list": head + "<ListRecords/></OAI-PMH>"} {
		t.Run(name, func(t *testing.T) {
			answer := page
			r, base := newRepository(t, func(q url.Values) string { return answer })
			s := newSource(t, oai.Config{BaseURL: base})
			p := mustRun(t, s, "")
			if !p.full || !p.incomplete || len(p.items) > 0 {
				t.Errorf("%+v", p)
			}
			p.warned(t, "proves nothing")
			r.requests()
			answer = records("", record("1"))
			p = mustRun(t, s, p.next)
			p.want(t, "1")
			if !p.full || p.incomplete {
				t.Errorf("%+v", p)
			}
			wantRequests(t, r, "metadataPrefix=oai_dc")
		})
	}
}

// An unknown set says noRecordsMatch as an empty one does.
func TestQuirkUnknownSet(t *testing.T) {
	_, base := newRepository(t, func(q url.Values) string {
		if q.Get("set") == "unknown" {
			return reported("noRecordsMatch", "")
		}
		return records("", record("1"))
	})
	s := newSource(t, oai.Config{BaseURL: base, Sets: []string{"unknown", "a"}})
	p := mustRun(t, s, "")
	p.want(t, "1")
	if !p.incomplete {
		t.Error("the pass must not prove that anything is absent")
	}
	p.warned(t, "none in the set")
}

func TestQuirkPrefixDemandedWithToken(t *testing.T) {
	r, base := newRepository(t, func(q url.Values) string {
		switch {
		case !q.Has("metadataPrefix"):
			return reported("badArgument", "metadataPrefix is missing")
		case q.Get("resumptionToken") == "t":
			return records("u", record("2"))
		case q.Get("resumptionToken") == "u":
			return records("", record("3"))
		}
		return records("t", record("1"))
	})
	mustRun(t, newSource(t, oai.Config{BaseURL: base}), "").want(t, "1", "2", "3")
	wantRequests(t, r, "metadataPrefix=oai_dc", "resumptionToken=t", "metadataPrefix=oai_dc&resumptionToken=t", "metadataPrefix=oai_dc&resumptionToken=u")
}

func TestQuirkFromIgnored(t *testing.T) {
	_, base := newRepository(t, func(q url.Values) string { return records("", stamped("1", "2001-01-01T00:00:00Z")) })
	s := newSource(t, oai.Config{BaseURL: base})
	p := mustRun(t, s, "")
	if len(p.warnings) > 0 {
		t.Error(p.warnings)
	}
	p = mustRun(t, s, p.next)
	p.want(t, "1")
	p.warned(t, "ignores from")
}

// Where dates are refused in the middle of several sets, the sets before are listed in full, too.
func TestQuirkDatesRefusedByOneSet(t *testing.T) {
	_, base := newRepository(t, func(q url.Values) string {
		if q.Get("set") == "b" && q.Has("from") {
			return reported("badArgument", "")
		}
		if q.Has("from") {
			return reported("noRecordsMatch", "")
		}
		return records("", record("in "+q.Get("set")))
	})
	s := newSource(t, oai.Config{BaseURL: base, Sets: []string{"a", "b"}})
	p := mustRun(t, s, "")
	p = mustRun(t, s, p.next)
	p.want(t, "in a", "in b")
	if !p.full {
		t.Error("everything was listed")
	}
}

// Unsorted lists, and records that are dated in the future, don't move from.
func TestQuirkFromIsNotTheLargestDatestamp(t *testing.T) {
	r, base := newRepository(t, func(q url.Values) string {
		return records("", stamped("1", "2030-01-01T00:00:00Z"), stamped("2", "2001-01-01T00:00:00Z"))
	})
	s := newSource(t, oai.Config{BaseURL: base})
	p := mustRun(t, s, "")
	r.requests()
	mustRun(t, s, p.next)
	wantRequests(t, r, "from=2026-05-01T09%3A55%3A00Z&metadataPrefix=oai_dc")
}

func TestQuirkIdentifyRefused(t *testing.T) {
	r, _ := newRepository(t, func(q url.Values) string { return records("", record("1")) })
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		if hr.FormValue("verb") == "Identify" {
			w.Write([]byte(reported("badVerb", "")))
			return
		}
		r.ServeHTTP(w, hr)
	}))
	t.Cleanup(s.Close)
	p := mustRun(t, newSource(t, oai.Config{BaseURL: s.URL}), "")
	p.want(t, "1")
	p.warned(t, "Identify")
}

// A page of many megabytes, and a text of more than ten, are a page and a text.
func TestQuirkLargePages(t *testing.T) {
	text := strings.Repeat("long ", 11<<20/5)
	_, base := newRepository(t, func(q url.Values) string {
		return records("", record("1"), strings.Replace(record("2"), "<title>2<", "<title>"+text+"<", 1))
	})
	p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
	p.want(t, "1", "2")
	if len(p.items[1].Original) < len(text) {
		t.Errorf("%d bytes", len(p.items[1].Original))
	}
}
