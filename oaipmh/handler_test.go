package oaipmh_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

const base = "https://archive.example.org/oai"

var (
	testKey = []byte("a key for tests, 32 bytes long..")
	start   = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
)

// dc is a minimal oai_dc element.
func dc(title string) []byte {
	return fmt.Appendf(nil, `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd"><dc:title>%s</dc:title></oai_dc:dc>`, title)
}

// memory is a repository whose clock advances an hour with each look at it.
func memory() *oaitest.Memory {
	now := start
	return &oaitest.Memory{Now: func() time.Time { now = now.Add(time.Hour); return now }}
}

func id(i int) string { return fmt.Sprintf("oai:archive.example.org:%04d", i) }

// filled has n records, every tenth deleted, in the sets all:odd and all:even.
func filled(n int) *oaitest.Memory {
	m := memory()
	for i := range n {
		m.Put(oaitest.Item{
			Identifier: id(i),
			Sets:       []string{[]string{"all:even", "all:odd"}[i%2]},
			Metadata:   map[string][]byte{"oai_dc": dc(fmt.Sprintf("Title %d", i))},
		})
		if i%10 == 9 {
			m.Delete(id(i))
		}
	}
	return m
}

// serve makes a handler; options other than the URL and the key are the caller's.
func serve(t testing.TB, repo oaipmh.Repository, o oaipmh.Options) *oaipmh.Handler {
	t.Helper()
	o.BaseURL = base
	if o.Keys == nil {
		o.Keys = [][]byte{testKey}
	}
	h, err := oaipmh.NewHandler(repo, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// get asks with a query and gives the body, which must be an XML answer that the schema allows.
func get(t testing.TB, h http.Handler, query string) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/oai?"+query, nil))
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Fatalf("%s: %d %s\n%s", query, w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	body := w.Body.String()
	validate(t, body)
	return body
}

// validate checks an answer against the schemas. Without the schemas or xmllint it checks nothing; a
// test that is about validity calls needSchemas first.
func validate(t testing.TB, body string) {
	t.Helper()
	if lint, dir := schemas(); lint != "" {
		if out := lintWith(lint, dir, "oai-all.xsd", []byte(body)); out != "" {
			t.Fatalf("not valid: %s\n%s", out, body)
		}
	}
}

func lintWith(lint, dir, schema string, body []byte) string {
	cmd := exec.Command(lint, "--nonet", "--noout", "--schema", filepath.Join(dir, schema), "-")
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(dir, "catalog.xml"))
	cmd.Stdin = bytes.NewReader(body)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Sprintf("%v\n%s", err, out)
	}
	return ""
}

func schemas() (lint, dir string) {
	dir, err := filepath.Abs("../../shared/xsd")
	if err != nil {
		return "", ""
	}
	if _, err := os.Stat(filepath.Join(dir, "oai-all.xsd")); err != nil {
		return "", ""
	}
	lint, err = exec.LookPath("xmllint")
	if err != nil {
		return "", ""
	}
	return lint, dir
}

func needSchemas(t testing.TB) {
	t.Helper()
	if lint, _ := schemas(); lint == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("xmllint and ../shared/xsd are needed")
		}
		t.Skip("xmllint or ../shared/xsd is missing")
	}
}

func wantIn(t *testing.T, body string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(body, p) {
			t.Errorf("no %s in\n%s", p, body)
		}
	}
}

func wantNot(t *testing.T, body string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(body, p) {
			t.Errorf("%s in\n%s", p, body)
		}
	}
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}

// tokenOf gives the resumptionToken of an answer, empty if there is none.
func tokenOf(body string) string {
	_, rest, ok := strings.Cut(body, "<resumptionToken")
	if !ok || strings.HasPrefix(rest[strings.Index(rest, ">")-1:], "/>") {
		return ""
	}
	return between(rest, ">", "<")
}

func all(body, before, after string) (found []string) {
	for {
		_, rest, ok := strings.Cut(body, before)
		if !ok {
			return found
		}
		var s string
		s, body, _ = strings.Cut(rest, after)
		found = append(found, s)
	}
}

// walk follows a list to its end and gives its pages.
func walk(t testing.TB, h http.Handler, query string) (pages []string) {
	t.Helper()
	verb, _, _ := strings.Cut(query, "&")
	for range 10_000 {
		body := get(t, h, query)
		pages = append(pages, body)
		token := tokenOf(body)
		if token == "" {
			return pages
		}
		query = verb + "&resumptionToken=" + token
	}
	t.Fatal("the list has no end")
	return nil
}

func TestEveryVerbIsValid(t *testing.T) {
	needSchemas(t)
	h := serve(t, filled(25), oaipmh.Options{PageSize: 10})
	for _, query := range []string{
		"verb=Identify",
		"verb=ListMetadataFormats",
		"verb=ListMetadataFormats&identifier=" + id(3),
		"verb=ListSets",
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + id(3),
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + id(9),
		"verb=ListRecords&metadataPrefix=oai_dc",
		"verb=ListIdentifiers&metadataPrefix=oai_dc&set=all&from=2024-01-01&until=2030-01-01",
	} {
		body := get(t, h, query)
		wantNot(t, body, "<error")
		wantIn(t, body, "</"+between(query+"&", "verb=", "&")+">")
	}
}

func TestWalk(t *testing.T) {
	for _, verb := range []string{"ListRecords", "ListIdentifiers"} {
		pages := walk(t, serve(t, filled(25), oaipmh.Options{PageSize: 10}), "verb="+verb+"&metadataPrefix=oai_dc")
		if len(pages) != 3 {
			t.Fatalf("%d pages", len(pages))
		}
		ids := all(strings.Join(pages, ""), "<identifier>", "<")
		if len(ids) != 25 || ids[0] != id(0) || ids[24] != id(24) {
			t.Errorf("%s: %v", verb, ids)
		}
	}
}

// TestNothingGivenIsMissing: an argument that was given, though not well, has one error that says so, and
// is not called missing too.
func TestNothingGivenIsMissing(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	for query, codes := range map[string][]string{
		"verb=ListRecords&metadataPrefix=":                    {"badArgument"},
		"verb=ListRecords&resumptionToken=":                   {"badArgument"},
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=%00": {"badArgument"},
		"verb=GetRecord&metadataPrefix=&identifier=":          {"badArgument", "badArgument"},
		"verb=%EF%BF%BE":            {"badVerb"},
		"verb=Identify&identifier=": {"badArgument"},
		"verb=GetRecord&resumptionToken=&metadataPrefix=oai_dc":    {"badArgument", "badArgument"}, // the identifier is missing
		"verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x": {"badArgument", "badResumptionToken"},
	} {
		wantErrors(t, get(t, h, query), codes...)
	}
}
