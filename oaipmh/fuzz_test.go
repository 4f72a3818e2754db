package oaipmh_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"pgregory.net/rapid"
)

// plausible checks what every answer must be: well-formed XML of the protocol's shape, or plain text.
func plausible(t interface{ Fatalf(string, ...any) }, w *httptest.ResponseRecorder) {
	body := w.Body.String()
	if w.Code != 200 {
		if w.Code < 400 || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || strings.ContainsAny(body, "<>") {
			t.Fatalf("%d %v %s", w.Code, w.Header(), body)
		}
		return
	}
	if !strings.HasPrefix(body, "<?xml") || !strings.Contains(body, ">"+base+"</request>") {
		t.Fatalf("not an answer: %s", body)
	}
	d := xml.NewDecoder(strings.NewReader(body))
	depth, path := 0, ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; depth == 2 {
				path += "/" + e.Name.Local
			}
		case xml.EndElement:
			depth--
		}
	}
	rest, ok := strings.CutPrefix(path, "/responseDate/request/")
	if rest = strings.ReplaceAll(rest, "error/", ""); !ok || strings.Contains(rest, "/") {
		t.Fatalf("%s in %s", path, body)
	}
}

func FuzzRequest(f *testing.F) {
	for _, s := range []string{"verb=Identify", records, records + "&from=2024-01-01&until=2024-01-01T00:00:00Z", "verb=%00", "verb=a&verb=b", "&&=&",
		"verb=GetRecord&identifier=%ff&metadataPrefix=a", "verb=ListRecords&resumptionToken=AQAA", records + "&set=a:b", ";", "verb=ListSets%"} {
		f.Add(s)
	}
	h := serve(f, filled(15), oaipmh.Options{PageSize: 10})
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("POST", "/oai", strings.NewReader(query))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		plausible(t, w)
		p := httptest.NewRequest("GET", "/oai", nil)
		p.URL.RawQuery = query
		p.Header.Set("Accept", chrome)
		w = httptest.NewRecorder()
		h.ServeHTTP(w, p)
		if body := w.Body.String(); w.Code < 400 && (strings.Contains(body, "<script") || !strings.HasSuffix(body, "</html>\n")) {
			t.Fatalf("%d %s", w.Code, body)
		}
	})
}

func TestRandomRequests(t *testing.T) {
	h := serve(t, filled(30), oaipmh.Options{PageSize: 7})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/oai?"+records, nil))
	token := tokenOf(w.Body.String())
	name := rapid.OneOf(rapid.SampledFrom([]string{"verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"}), rapid.String())
	value := rapid.OneOf(
		rapid.SampledFrom([]string{"Identify", "ListRecords", "ListIdentifiers", "ListSets", "GetRecord", "ListMetadataFormats",
			"oai_dc", "2024-05-06", "2024-05-06T08:08:09Z", "all", "all:odd", id(1), token, `"><script>`, "]]>", "\x00", "\uFFFE"}),
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		query := "verb=" + rapid.SampledFrom([]string{"ListRecords", "ListIdentifiers", "GetRecord", "ListSets", "x"}).Draw(t, "verb")
		for range rapid.IntRange(0, 5).Draw(t, "arguments") {
			query += "&" + url.QueryEscape(name.Draw(t, "name")) + "=" + url.QueryEscape(value.Draw(t, "value"))
		}
		r := httptest.NewRequest("GET", "/oai", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		plausible(t, w)
	})
}

// A marker that must never come back as it was sent.
const marker = `<sheaf a="b">&'`

// Whatever is asked, in whatever way, the answer is what the schema allows, or a plain HTTP error; nothing of the
// request comes back unescaped.
func TestWhateverIsAskedTheAnswerIsValid(t *testing.T) {
	needSchemas(t)
	h := serve(t, filled(30), oaipmh.Options{PageSize: 7})
	names := []string{"verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"}
	odd := []string{marker, "]]>" + marker, "\x00", "\uFFFE", "\xff\xfe", "\xed\xa0\x80", strings.Repeat("a", 9000), strings.Repeat(marker, 500), "a:b:c", "2024-05-06", "oai_dc", id(1), "all", " ", "\r\n\r\n", "%00"}
	good := []string{"Identify", "ListRecords", "ListIdentifiers", "ListSets", "GetRecord", "ListMetadataFormats"}
	var answers []string
	rapid.Check(t, func(rt *rapid.T) {
		var arguments []string
		if rapid.Bool().Draw(rt, "a legal verb") {
			arguments = append(arguments, "verb="+rapid.SampledFrom(good).Draw(rt, "verb"))
		}
		for range rapid.IntRange(0, 6).Draw(rt, "arguments") {
			name := rapid.OneOf(rapid.SampledFrom(names), rapid.SampledFrom(odd)).Draw(rt, "name")
			value := rapid.OneOf(rapid.SampledFrom(odd), rapid.SampledFrom(good), rapid.String()).Draw(rt, "value")
			pair := url.QueryEscape(name) + "=" + url.QueryEscape(value)
			if rapid.IntRange(0, 9).Draw(rt, "unescaped") == 0 {
				pair = name + "=" + value
			}
			arguments = append(arguments, pair)
			for range rapid.SampledFrom([]int{0, 0, 0, 1, 40}).Draw(rt, "repeated") {
				arguments = append(arguments, pair)
			}
		}
		query := strings.Join(arguments, "&")
		r := httptest.NewRequest("GET", "/oai", nil)
		if rapid.Bool().Draw(rt, "posted") {
			r = httptest.NewRequest("POST", "/oai", strings.NewReader(query))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		} else {
			r.URL.RawQuery = query
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		plausible(rt, w)
		if body := w.Body.String(); strings.Contains(body, "<sheaf") || strings.Contains(body, `a="b"`) {
			rt.Fatalf("%q comes back in\n%s", query, body)
		}
		if w.Code == 200 {
			answers = append(answers, w.Body.String())
		}
	})
	lintAll(t, answers[:min(len(answers), 200)])
}

// lintAll validates answers by one call of xmllint.
func lintAll(t *testing.T, answers []string) {
	t.Helper()
	least := 20
	if testing.Short() {
		least = 10 // a fifth of the cases are generated
	}
	if len(answers) < least {
		t.Errorf("only %d answers to validate", len(answers))
	}
	lint, dir := schemas()
	args := []string{"--nonet", "--noout", "--schema", filepath.Join(dir, "oai-all.xsd")}
	for i, body := range answers {
		file := filepath.Join(t.TempDir(), fmt.Sprint(i, ".xml"))
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	cmd := exec.CommandContext(t.Context(), lint, args...)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(dir, "catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%.3000s", err, out)
	}
}
