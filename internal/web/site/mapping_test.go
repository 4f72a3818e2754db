package site

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// explained is a log with one record that has an original, and the rules that made it.
func explained(t *testing.T, original string) (*memorySite, *pipeline.Record, *rules.Rules) {
	t.Helper()
	own, err := rules.Open(&config.Config{Sources: map[string]*config.Source{"cold-war": {
		Mapping: config.Mapping{Name: "listing.map"}, Context: map[string][]string{"language": {"sqi"}},
	}}}, "cold-war", rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{epoch: 1}
	rec := m.add(t, "cold-war", "1", titled("Notes from talks"))
	rec.Original, rec.Rules, rec.Origin.Format = []byte(original), own.Version(), harvest.Format{Prefix: "listing"}
	site := newSite(m)
	site.Explain = own.Explain
	return site, rec, own
}

// The page has the original beside each value, with the field and the rule that it came from, as sheaf map has them.
func TestMapping(t *testing.T) {
	site, rec, own := explained(t, `{"title":"Notes from talks","date":"April 1957","call":"AQPPSH 14/1"}`)
	h := New(site.Options)
	doc := see(t, h, "/records/cold-war/1", 200, in(`section[aria-labelledby=about] a[href="/records/cold-war/1?as=mapping"][rel=nofollow]`))
	path := doc.Find(`a[href$="as=mapping"]`).AttrOr("href", "")
	doc = see(t, h, path, 200,
		in(`meta[name=robots][content=noindex]`),
		in("pre.bytes", hasText(`{ "title": "Notes from talks", "date": "April 1957", "call": "AQPPSH 14/1" }`)),
		texts(".made dt", "Title", "Date created", "Type", "Language"),
		texts(".made .value", "Notes from talks", "1957-04", "Text", "notes", "sqi"),
		texts(".made .original", "written April 1957"),
		texts(".left li", `call AQPPSH 14/1`),
		none(".note"),
	)
	whole := spaced(doc.Find(".made").Text())
	want := own.Explain(rec)
	for _, v := range want.Values {
		if v.From == dublincore.Context.String() {
			continue
		}
		for _, r := range v.Rules {
			if !strings.Contains(whole, spaced(r.Rule)) || !strings.Contains(whole, r.Place()) || !strings.Contains(whole, r.Field) {
				t.Errorf("%s: the rule %s (%s, %s) is not on the page: %s", v.Value, r.Rule, r.Place(), r.Field, whole)
			}
		}
	}
	if !strings.Contains(whole, "ISO639-3 true of every record of this source") {
		t.Errorf("the page doesn't say what comes from the context: %s", whole)
	}
	rec.Rules = "others"
	see(t, h, path, 200, texts(".note", "The rules have changed since this record was made. This is what they make of the original today."))
}

// A visitor who has the page is told so, and nothing is shown of what is gone.
func TestMappingKeptAndGone(t *testing.T) {
	site, rec, _ := explained(t, `{"title":"Notes from talks"}`)
	h := New(site.Options)
	const path = "/records/cold-war/1?as=mapping"
	again := httptest.NewRequest(http.MethodGet, path, nil)
	again.Header.Set("If-None-Match", request(t, h, http.MethodGet, path).Header().Get("ETag"))
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, again); w.Code != http.StatusNotModified {
		t.Errorf("the same page again: %d", w.Code)
	}
	for _, why := range []pipeline.Reason{pipeline.Takedown, pipeline.Withdrawn, pipeline.SourceDeleted} {
		rec.Deleted = why
		if text := see(t, h, path, 410).Text(); strings.Contains(text, "Notes") {
			t.Errorf("%s: the page says %q", why, spaced(text))
		}
	}
	rec.Deleted, rec.Original = pipeline.Live, nil
	see(t, h, path, 404)
	see(t, h, "/records/cold-war/1", 200, none(`a[href*="as=mapping"]`))
}

// An original that can't be mapped any more, or is too large, is still shown, and so is one of a source without rules.
func TestMappingWithoutRules(t *testing.T) {
	site, rec, _ := explained(t, `no JSON at all`)
	h := New(site.Options)
	const path = "/records/cold-war/1?as=mapping"
	see(t, h, path, 200, in("pre.bytes", hasText("no JSON at all")), in(".note"), none(".made dd"))
	rec.Original = []byte(strings.Repeat("long ", maxExplained))
	doc := see(t, h, path, 200, in(".note"), none(".made dd"))
	if n := len(doc.Find("pre.bytes").Text()); n > maxOriginalShown+10 {
		t.Errorf("%d bytes of the original are shown", n)
	}
	site.Explain = func(*pipeline.Record) *rules.Explained { return nil }
	rec.Original = []byte(`{"title":"Notes"}`)
	see(t, New(site.Options), path, 200, in("pre.bytes", hasText(`{ "title": "Notes" }`)), in(".note"), none(".made dd"))
}

// Whatever stands in an original, or in rules, is text; who corrected a record is nobody's business; the page is bounded.
func TestHostileMapping(t *testing.T) {
	for name, value := range hostile {
		site, rec, _ := explained(t, value)
		site.Explain = func(*pipeline.Record) *rules.Explained {
			r := rules.ExplainedRule{Term: dublincore.Title, File: "/etc/" + value, Line: 3, Rule: value, Field: value, Input: value, Reason: value}
			e := &rules.Explained{Original: value, Format: value}
			for range 600 {
				e.Values = append(e.Values, rules.ExplainedValue{Term: dublincore.Title, Value: value, Lang: value, Scheme: value, Original: value + "!", From: "extracted", Rules: []rules.ExplainedRule{r}})
				e.Unused, e.Unread = append(e.Unused, r), append(e.Unread, crosswalk.Unread{Field: value, Count: 2, Text: value})
			}
			e.Values[0].From, e.Values[0].Rules = "curated", []rules.ExplainedRule{{File: "corrections.yaml", Line: 2, Reason: "by Arta Dade: wrong"}}
			return e
		}
		rec.Origin.Format.Prefix = value
		doc := see(t, New(site.Options), "/records/cold-war/1?as=mapping", 200)
		harmless(t, doc, name)
		if text := doc.Text(); strings.Contains(text, "Arta Dade") || strings.Contains(text, "/etc/") || !strings.Contains(text, "corrected by a person") {
			t.Errorf("%s: the page tells who corrected a record, or where rules stand", name)
		}
	}
}
