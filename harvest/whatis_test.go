package harvest_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
)

func TestWhatIs(t *testing.T) {
	var gz, xlsx bytes.Buffer
	gzip.NewWriter(&gz).Close()
	z := zip.NewWriter(&xlsx)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml"} {
		if _, err := z.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	const oai = `<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate/><request/>`
	for want, body := range map[string]string{
		"empty": " \n", "a gzip archive": gz.String(), "a spreadsheet (.xlsx)": xlsx.String(), "a PDF document": "%PDF-1.7\n",
		"a web page":           "\n<!DOCTYPE html><title>x</title>",
		"an OAI-PMH response":  oai + "<Identify/></OAI-PMH>",
		"an Atom feed":         `<feed xmlns="http://www.w3.org/2005/Atom"/>`,
		"an RSS feed":          `<?xml version="1.0"?><!-- x --><rss version="2.0"/>`,
		"a sitemap":            `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>`,
		"an index of sitemaps": `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>`,
		"an OAI-PMH response that reports an error (badVerb)": `<oai:OAI-PMH xmlns:oai="http://www.openarchives.org/OAI/2.0/"><oai:error code="badVerb">no</oai:error></oai:OAI-PMH>`,
		"a static repository of OAI-PMH, which is a file":     `<Repository xmlns="http://www.openarchives.org/OAI/2.0/static-repository"/>`,
		"a file of MARC records (MARCXML)":                    `<collection xmlns="http://www.loc.gov/MARC21/slim"/>`,
		"a file of MARC records (ISO 2709)":                   "00050nam a2200037   4500001000200000\x1ex\x1e\x1d",
		"a file of MARC records (lines of MarcEdit)":          "=LDR  00000nam\n=245  10$aX",
		"XML with the root pressemitteilung":                  "<p:pressemitteilung xmlns:p='u'/>",
		"broken XML":                                          "<<<",
		"JSON":                                                `{"items": [1, 2]}`,
		"JSON, a value a line":                                "{\"a\":1}\n{\"a\":2}\n",
		"a table (CSV)":                                       "id;title;year\n1;\"a; b\";1900\n2;c;1901\n",
		"a table (TSV)":                                       "id\ttitle, and more\n1\tx, y\n",
		"text":                                                "[see the manual]\nNothing is here.\n",
		"text in an old encoding":                             "Gr\xfc\xdfe\naus Wien\n",
		"":                                                    "\x00\x01\x02\x03",
	} {
		if got := harvest.WhatIs([]byte(body)); got != want {
			t.Errorf("%.60q is %q, not %q", body, got, want)
		}
	}
	for _, table := range []string{"id;note\n1;\"two\nlines\"\n", "id,note\n1,\"a\nb\nc\"\n2,d\n"} {
		if got := harvest.WhatIs([]byte(table)); got != "a table (CSV)" {
			t.Errorf("a table with a cell of several lines is %q", got)
		}
	}
}

func FuzzWhatIs(f *testing.F) {
	f.Add([]byte("id;title\n1;x"))
	f.Add([]byte("<!DOCTYPE OAI-PMH [<!ENTITY a 'b'>]><OAI-PMH/>"))
	f.Add([]byte(`{"a":`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if what := harvest.WhatIs(body); len(what) > 120 || strings.ContainsAny(what, "\n\x1b") {
			t.Errorf("%q", what)
		}
	})
}
