package site

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// shelfmarks are the sets of an endpoint, in order.
type shelfmarks []*oaipmh.Set

func (s shelfmarks) Set(_ context.Context, spec string) (*oaipmh.Set, error) {
	for _, set := range s {
		if set.Spec == spec {
			return set, nil
		}
	}
	return nil, nil
}

func (s shelfmarks) Sets(_ context.Context, after string, offer func(*oaipmh.Set) bool) (time.Time, error) {
	at, _ := slices.BinarySearchFunc(s, after, func(set *oaipmh.Set, spec string) int { return cmp.Compare(set.Spec, spec) })
	for _, set := range s[at:] {
		if set.Spec != after && !offer(set) {
			break
		}
	}
	return time.Time{}, nil
}

// describing is a description of a set in Dublin Core.
func describing(text string) []byte {
	var r dublincore.Record
	r.AddText(dublincore.Description, text)
	return r.AppendOAIDC(nil)
}

// boxes are a source of thirty records, every third of which is in its set.
func boxes(t testing.TB) http.Handler {
	t.Helper()
	_, _, h := shelved(t, 30, func(i int) ([]dublincore.Value, []string) {
		sets := []string{"old"}
		if i%3 == 0 {
			sets = append(sets, "old:box")
		}
		return []dublincore.Value{
			{Term: dublincore.Title, Text: fmt.Sprint("Letter ", i)}, {Term: dublincore.Type, Text: "Text"},
			{Term: dublincore.Subject, Text: fmt.Sprint("Subject ", i%7)}, {Term: dublincore.Created, Text: fmt.Sprint(1940 + i)},
		}, sets
	})
	return h
}

// The page of a source says how much of what it has, how fresh it is, what changed last, which sets it has, and where its
// doors are.
func TestPageOfSource(t *testing.T) {
	h := boxes(t)
	doc := see(t, h, "/sources/new", 200,
		in("head title", hasText("The Archive – Example Archive")), in("h1", hasText("The Archive")), in("p.lead", hasText("What the Archive <b>keeps</b>.")),
		texts("#holds ~ dl > dt", "Records", "Last changed", "Last complete harvest", "Kind", "Decade", "Subject"),
		texts(".held:first-child a", "Documents", "1940s", "1950s", "1960s", "Subject 0", "Subject 1", "Subject 2", "Subject 3", "Subject 4", "more: Subject"),
		times("#newest ~ ol > li", newestRecords), texts("#newest ~ ol li:first-child h3", "Letter 29"),
		in("#newest ~ p a", attr("href", "/below/search?source=new")),
		texts(".sets li", "The box old:box"), in(".sets a", attr("href", "/below/sets/old:box")),
		in("#doors ~ dl a[href*='/oai?']", attr("href", "https://gateway.example/below/oai?verb=ListRecords&metadataPrefix=oai_dc&set=old"), hasText("old")),
		in("#doors ~ dl a[href*=atom]", attr("href", "/below/feed.atom?source=new")),
		in("#doors ~ dl a[href*=sitemap]", attr("href", "/below/sitemaps/sources/new.xml")),
		in("head link[type='application/atom+xml']", attr("href", "/below/feed.atom?source=new")),
		in("head link[rel=canonical]", attr("href", "https://gateway.example/below/sources/new")),
		in(".find input[name=source]", attr("value", "new")))
	if linked := doc.Find("script").Text(); !strings.Contains(linked, `"collectionSize":30`) || !strings.Contains(linked, `"url":"https://gateway.example/below/sources/new"`) {
		t.Errorf("linked data: %s", linked)
	}
	if to := follow(t, doc, "#holds ~ dl a:contains('Subject 3')"); to != "/search?source=new&subject=Subject+3&sort=newest" {
		t.Errorf("a value leads to %s", to)
	}
	see(t, h, "/search?source=new", 200, in("h1 ~ p a", attr("href", "/below/sources/new"), hasText("About this source")))
	see(t, h, "/search", 200, none("h1 ~ p a"))
	see(t, h, "/sources/none", 404)
	if to := request(t, h, http.MethodGet, "/sources/old").Header().Get("Location"); to != "/below/sources/new" {
		t.Errorf("a former name leads to %q", to)
	}
	see(t, New(newSite(&memory{epoch: 1}).Options), "/sources/cold-war", 200,
		texts("#holds ~ dl dd", "0", "none yet"), texts("#newest ~ p", "There are no records in it at the moment."), none("#doors ~ dl a[href*=sitemap]"))
}

// The gateway's own page says what its records are, so that they can be browsed without a word, and what came last.
func TestBrowseFromTheStart(t *testing.T) {
	h := boxes(t)
	doc := see(t, h, "/", 200,
		texts("#holds ~ dl > dt", "Kind", "Decade", "Subject"),
		texts(".held:first-child a", "Documents", "1940s", "1950s", "1960s", "Subject 0", "Subject 1", "Subject 2", "Subject 3", "Subject 4", "more: Subject"),
		none("#holds ~ .note"), times("#newest ~ p time[datetime]", 1),
		times("#newest ~ ul > li", startNewest), texts("#newest ~ ul li:first-child h3", "Letter 29"))
	for value, want := range map[string]string{"Documents": "/search?kind=Documents", "1950s": "/search?decade=1950", "more": "/search/subject"} {
		to := follow(t, doc, "#holds ~ dl a:contains('"+value+"')")
		if to != want {
			t.Errorf("%s leads to %s, not to %s", value, to, want)
		}
		see(t, h, to, 200)
	}
	see(t, New(newSite(listing(t)).Options), "/", 200, none("#holds")) // without a search
}

// A set has the same, from its own records, and leads to its source.
func TestPageOfSet(t *testing.T) {
	h := boxes(t)
	doc := see(t, h, "/sets/old:box", 200,
		in("h1", hasText("The box")), texts(".crumbs a", "All records", "The Archive"),
		texts("#holds ~ dl > dt", "Records", "Source", "Last changed", "Last complete harvest", "Kind", "Decade", "Subject"),
		texts("#holds ~ dl > dt + dd:first-of-type", "10"),
		times("#newest ~ ol > li", 10), texts("#newest ~ ol li:first-child h3", "Letter 27"), texts("#newest ~ ol li:last-child h3", "Letter 0"),
		in("#newest ~ p a", attr("href", "/below/search?set=old%3Abox&sort=newest")),
		in("#doors ~ dl a[href*='/oai?']", attr("href", "https://gateway.example/below/oai?verb=ListRecords&metadataPrefix=oai_dc&set=old%3Abox")),
		in("#doors ~ dl a[href*=atom]", attr("href", "/below/feed.atom?set=old%3Abox")),
		in("#doors ~ dl a[href*=sitemap]", attr("href", "/below/sitemaps/sets/old:box.xml")),
		in("head link[rel=canonical]", attr("href", "https://gateway.example/below/sets/old:box")))
	see(t, h, follow(t, doc, "#newest ~ p a"), 200, texts("#results", "Results: 1 – 10 of 10"))
	// The record leads to it; the set of the whole source is the source's page.
	see(t, h, "/records/old/27", 200, texts("#about ~ dl dd a code", "old", "old:box"))
	if to := request(t, h, http.MethodGet, "/sets/old").Header().Get("Location"); to != "/below/sources/new" {
		t.Errorf("the set of the source leads to %q", to)
	}
	for _, path := range []string{"/sets/old:bo", "/sets/none", "/sets/%00", "/sets/old:box%2Fx", "/sets/" + strings.Repeat("x", 2000), "/sets/"} {
		see(t, h, path, 404)
	}
}

// What changed last is found behind what is gone.
func TestNewestBehindTombstones(t *testing.T) {
	m := &memory{epoch: 1}
	m.add(t, "a", "live", titled("The only one"))
	for i := range 30 {
		m.add(t, "a", fmt.Sprint(i), titled("Gone")).Deleted = pipeline.SourceDeleted
	}
	see(t, New(newSite(m).Options), "/sources/a", 200, texts("#newest ~ ol h3", "The only one"))
}
