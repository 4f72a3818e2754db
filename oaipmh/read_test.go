package oaipmh_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

const readOpen = `<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><responseDate>2026-05-01T10:00:00Z</responseDate><request>http://example.org/oai</request>`

func listOf(records ...string) string {
	return readOpen + "<ListRecords>" + strings.Join(records, "\n") + "</ListRecords></OAI-PMH>"
}

func recordOf(id, title string) string {
	return `<record><header><identifier>` + id + `</identifier><datestamp>2026-01-01</datestamp><setSpec>a</setSpec></header><metadata><dc:dc xmlns:dc="u"><dc:title>` +
		title + `</dc:title></dc:dc></metadata></record>`
}

func mustRead(t *testing.T, doc string) *oaipmh.Response {
	t.Helper()
	r, err := oaipmh.ReadResponse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadWholeRecord(t *testing.T) {
	r := mustRead(t, readOpen+`<ListRecords>
		<record><header status=" DELETED "><identifier> oai:x:1
		</identifier><datestamp> 2026-01-01T00:00:00Z</datestamp><setSpec>a:b</setSpec><setSpec> c </setSpec></header></record>
		<record><header><identifier>oai:x:2</identifier><datestamp>2026-01-02</datestamp></header>
		<metadata>
		  <m xsi:type="x" xmlns="u"/>
		</metadata><about><p xmlns="v"/></about><about><q xmlns="w"/></about></record>
		<resumptionToken expirationDate="2026-05-02T00:00:00Z" completeListSize="12" cursor="0">
		  a+b/c|d
		</resumptionToken></ListRecords></OAI-PMH>`)
	want := []oaipmh.Record{
		{Identifier: "oai:x:1", Datestamp: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Received: oaipmh.Received{Datestamp: "2026-01-01T00:00:00Z"}, Sets: []string{"a:b", "c"}, Deleted: true},
		{Identifier: "oai:x:2", Datestamp: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Received: oaipmh.Received{Datestamp: "2026-01-02", Namespace: "u"},
			Metadata: []byte(`<m xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x" xmlns="u"/>`),
			About:    [][]byte{[]byte(`<p xmlns="v"/>`), []byte(`<q xmlns="w"/>`)}},
	}
	for i := range r.Records {
		if !bytes.HasPrefix(r.Records[i].Received.Raw, []byte("<record>")) || !bytes.HasSuffix(r.Records[i].Received.Raw, []byte("</record>")) {
			t.Errorf("raw: %q", r.Records[i].Received.Raw)
		}
		r.Records[i].Received.Raw = nil
	}
	if diff := cmp.Diff(want, r.Records); diff != "" {
		t.Error(diff)
	}
	token := &oaipmh.ResumptionToken{Value: "a+b/c|d", CompleteListSize: 12, Expires: time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff(token, r.Token); diff != "" {
		t.Error(diff)
	}
	if r.Verb != "ListRecords" || !r.Date.Equal(time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)) || len(r.Warnings) > 0 {
		t.Errorf("%+v", r)
	}
}

func TestReadOtherVerbs(t *testing.T) {
	r := mustRead(t, readOpen+`<Identify><repositoryName>N</repositoryName><baseURL>http://b</baseURL><protocolVersion>2.0</protocolVersion>
		<adminEmail>a@x</adminEmail><adminEmail>b@x</adminEmail><earliestDatestamp>1990-01-01</earliestDatestamp><deletedRecord>transient</deletedRecord>
		<granularity>YYYY-MM-DD</granularity><compression>gzip</compression><description><oai-identifier xmlns="http://www.openarchives.org/OAI/2.0/oai-identifier">
		<scheme>oai</scheme><repositoryIdentifier>x.org</repositoryIdentifier></oai-identifier></description></Identify></OAI-PMH>`)
	i := r.Identify
	if i.Name != "N" || len(i.AdminEmails) != 2 || i.Door.EarliestDatestamp != "1990-01-01" || i.EarliestDatestamp.Year() != 1990 || i.DeletedRecord != "transient" ||
		i.Door.Granularity != "YYYY-MM-DD" || i.Door.RepositoryIdentifier != "x.org" || len(i.Descriptions) != 1 {
		t.Errorf("%+v", i)
	}
	r = mustRead(t, readOpen+`<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix><schema>s</schema><metadataNamespace>n</metadataNamespace></metadataFormat></ListMetadataFormats></OAI-PMH>`)
	if diff := cmp.Diff([]oaipmh.Format{{Prefix: "oai_dc", Schema: "s", Namespace: "n"}}, r.Formats); diff != "" {
		t.Error(diff)
	}
	r = mustRead(t, readOpen+`<ListSets><set><setSpec>a:b</setSpec><setName>A &amp; B</setName><setDescription><d/></setDescription></set><resumptionToken>t</resumptionToken></ListSets></OAI-PMH>`)
	if len(r.Sets) != 1 || r.Sets[0].Spec != "a:b" || r.Sets[0].Name != "A & B" || len(r.Sets[0].Descriptions) != 1 || r.Token.Value != "t" {
		t.Errorf("%+v", r)
	}
	r = mustRead(t, readOpen+`<ListIdentifiers><header><identifier>1</identifier></header><header status="deleted"><identifier>2</identifier></header></ListIdentifiers></OAI-PMH>`)
	if len(r.Records) != 2 || r.Records[1].Identifier != "2" || !r.Records[1].Deleted || r.Token != nil {
		t.Errorf("%+v", r)
	}
	r = mustRead(t, readOpen+`<error code="badArgument">one</error><error code=" strange ">two</error></OAI-PMH>`)
	if len(r.Errors) != 2 || r.Error("strange").Error() != "strange: two" || r.Error("badVerb") != nil || r.Verb != "" {
		t.Errorf("%+v", r)
	}
}

// What is wrong in one record stays in that record.
func TestReadFaultInOneRecord(t *testing.T) {
	for name, c := range map[string]struct {
		title, want, note string // want empty: the record has a problem
	}{
		"control character":     {"a\x03b", "<dc:title>ab</dc:title>", "Characters"},
		"U+FFFE":                {"a\uFFFEb", "<dc:title>ab</dc:title>", "Characters"},
		"illegal reference":     {"a&#x3;b&#xfffe;&#65;", "<dc:title>ab&#65;</dc:title>", "References"},
		"unknown entity":        {"a&bogus;b", "<dc:title>a&amp;bogus;b</dc:title>", "Entities"},
		"HTML entity":           {"caf&eacute; &nbsp;&lt;", "<dc:title>café \u00a0&lt;</dc:title>", "Entities"},
		"not UTF-8":             {"caf\xe9 \x93x\x94", "<dc:title>café “x”</dc:title>", "Windows-1252"},
		"bare ampersand":        {"AT&T & p < 0.05", "<dc:title>AT&amp;T &amp; p &lt; 0.05</dc:title>", "Ampersands"},
		"in an attribute":       {`<a b="x & y < z"/>`, `<dc:title><a b="x &amp; y &lt; z"/></dc:title>`, "Ampersands"},
		"]]> in text":           {"a]]>b", "<dc:title>a]]&gt;b</dc:title>", "Ampersands"},
		"XML declaration":       {`<?xml version="1.0"?><a/>`, "<dc:title><a/></dc:title>", "declaration"},
		"control in CDATA":      {"<![CDATA[a\x03&b]]>", "<dc:title><![CDATA[a&b]]></dc:title>", "Characters"},
		"undeclared, known":     {`<dcterms:a/>`, `xmlns:dcterms="http://purl.org/dc/terms/"`, "Well-known"},
		"undeclared, unknown":   {`<zz:a/>`, "", ""},
		"attribute twice":       {`<a b="1" b="2"/>`, "", ""},
		"tags that don't match": {`<b>a</i>`, "", ""},
		"a tag not closed":      {`a<br>b`, "", ""},
		"a tag closed twice":    {`<b>a</b></b>`, "", ""},
		"a record inside":       {`<b><record>a</record>`, "", ""},
		"records inside":        {`<b><record>a</record> <record/></i>`, "", ""},
		"attribute without \"":  {`<a b=1/>`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			doc := listOf(recordOf("1", "one"), recordOf("2", c.title), recordOf("3", "three"),
				`<resumptionToken completeListSize="9">next</resumptionToken>`)
			r := mustRead(t, doc)
			if len(r.Records) != 3 || r.Token == nil || r.Token.Value != "next" || r.Token.CompleteListSize != 9 {
				t.Fatalf("%+v", r)
			}
			for _, i := range []int{0, 2} {
				if rec := r.Records[i]; rec.Received.Problem != "" || rec.Received.Repairs != nil || rec.Metadata == nil {
					t.Errorf("neighbour %d: %+v", i, rec)
				}
			}
			rec := r.Records[1]
			if rec.Identifier != "2" || rec.Sets[0] != "a" || string(rec.Received.Raw) != recordOf("2", c.title) {
				t.Errorf("header or bytes of the bad record: %+v", rec)
			}
			if c.want == "" {
				if rec.Received.Problem == "" || rec.Metadata != nil {
					t.Errorf("no problem: %+v", rec)
				}
				return
			}
			if rec.Received.Problem != "" || !bytes.Contains(rec.Metadata, []byte(c.want)) {
				t.Errorf("%q, problem %q; want %q", rec.Metadata, rec.Received.Problem, c.want)
			}
			if len(rec.Received.Repairs) != 1 || !strings.Contains(rec.Received.Repairs[0], c.note) {
				t.Errorf("notes %q, want one about %q", rec.Received.Repairs, c.note)
			}
			if _, err := xmlscan.AppendCanonical(nil, rec.Metadata); err != nil {
				t.Errorf("the repaired metadata is not XML: %v", err)
			}
		})
	}
}

// Where tags don't match, a record never hides another: what comes of a page is all its records, each as it was sent or
// with a problem, or an error.
func TestReadTagsThatDoNotMatch(t *testing.T) {
	piece := rapid.SampledFrom([]string{"<b>", "</b>", "</i>", "<record>", "</record>", "<record/>", "<metadata>", "</metadata>", "</dc:title>", "<header>", "</header>", "<!-- </record> -->", "<![CDATA[</record>]]>", "text", " ", `<a b="`, "<a "})
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		junk := strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "title"), "")
		end := rapid.SampledFrom([]int{0, 0, 0, 9, 20, 60}).Draw(t, "bytes that are missing at the end")
		second := recordOf("2", junk)
		second = second[:len(second)-min(end, len(second)-60)]
		r, err := oaipmh.ReadResponse([]byte(listOf(recordOf("1", "one"), second, recordOf("3", "three"), recordOf("4", "four"), "<resumptionToken>next</resumptionToken>")))
		if err != nil {
			if !errors.Is(err, oaipmh.ErrMalformed) && !errors.Is(err, oaipmh.ErrTruncated) {
				t.Fatal(err)
			}
			return
		}
		read++
		if r.Token == nil || r.Token.Value != "next" {
			t.Fatalf("token %+v of %s", r.Token, second)
		}
		sent := map[string]string{"1": recordOf("1", "one"), "2": second, "3": recordOf("3", "three"), "4": recordOf("4", "four")}
		for _, rec := range r.Records {
			if rec.Identifier != "" && rec.Identifier != "2" && rec.Received.Problem == "" && string(rec.Received.Raw) != sent[rec.Identifier] {
				t.Fatalf("%+v of %s", rec, second)
			}
			delete(sent, rec.Identifier)
		}
		if len(sent) > 0 {
			t.Fatalf("%v are not among %d records of %s", slices.Sorted(maps.Keys(sent)), len(r.Records), second)
		}
	})
	if read == 0 {
		t.Error("no page was read")
	}
}

func TestReadFaultOutsideRecords(t *testing.T) {
	r := mustRead(t, listOf(recordOf("1", "x"), "<resumptionToken>a&b=\x01c</resumptionToken>"))
	if r.Token.Value != "a&b=c" || len(r.Warnings) != 1 || len(r.Records) != 1 {
		t.Errorf("%+v %q", r.Token, r.Warnings)
	}
}

func TestReadNotAResponse(t *testing.T) {
	good := listOf(recordOf("1", "x"))
	for name, c := range map[string]struct {
		doc  string
		want error
	}{
		"empty":                      {"", oaipmh.ErrTruncated},
		"white space":                {" \r\n", oaipmh.ErrTruncated},
		"declaration only":           {`<?xml version="1.0"?>`, oaipmh.ErrTruncated},
		"web page":                   {"<!DOCTYPE html><html><body>Login</body></html>", oaipmh.ErrHTML},
		"XHTML page":                 {`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>`, oaipmh.ErrHTML},
		"another XML":                {`<?xml version="1.0"?><rss/>`, oaipmh.ErrNotOAI},
		"JSON":                       {`{"error": 1}`, oaipmh.ErrNotOAI},
		"static repository":          {`<Repository xmlns="http://www.openarchives.org/OAI/2.0/static-repository"/>`, oaipmh.ErrNotOAI},
		"all of a static repository": {`<Repository xmlns="http://www.openarchives.org/OAI/2.0/static-repository"><Identify></Identify></Repository>`, oaipmh.ErrNotOAI},
		"nothing said":               {readOpen + "</OAI-PMH>", oaipmh.ErrNotOAI},
		"mismatched":                 {listOf("<record><header></record></header>"), oaipmh.ErrMalformed},
		"mismatched, bad bytes":      {listOf("<record>\x03<header></record></header>"), oaipmh.ErrMalformed},
		"document type":              {strings.Replace(good, "<ListRecords>", "<!DOCTYPE x><ListRecords>", 1), oaipmh.ErrMalformed},
		"two documents":              {good + good, oaipmh.ErrMalformed},
		"unknown encoding":           {"<?xml version='1.0' encoding='klingon'?><OAI-PMH><error>\xff</error></OAI-PMH>", oaipmh.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := oaipmh.ReadResponse([]byte(c.doc))
			if !errors.Is(err, c.want) {
				t.Errorf("%+v, %v; want %v", r, err, c.want)
			}
		})
	}
}

// Cut anywhere, a page is an error; with a fault before the cut, too.
func TestReadTruncatedEverywhere(t *testing.T) {
	for _, doc := range []string{listOf(recordOf("1", "x"), recordOf("2", "é")), listOf(recordOf("1", "&bogus;\x03"), recordOf("2", "é"))} {
		for n := range len(doc) {
			r, err := oaipmh.ReadResponse([]byte(doc[:n]))
			if err == nil {
				t.Fatalf("cut to %d bytes: %+v", n, r)
			}
			if n > len(readOpen) && !errors.Is(err, oaipmh.ErrTruncated) {
				t.Fatalf("cut to %q: %v", doc[:n], err)
			}
		}
	}
}

func TestReadWarnings(t *testing.T) {
	good := listOf(recordOf("1", "x"))
	for name, c := range map[string]struct{ doc, want string }{
		"no namespace":    {strings.Replace(good, ` xmlns="http://www.openarchives.org/OAI/2.0/"`, "", 1), "no OAI-PMH namespace"},
		"https namespace": {strings.Replace(good, `"http://www.open`, `"https://www.open`, 1), "wrong OAI-PMH namespace"},
		"1.1 namespace":   {strings.Replace(good, `/OAI/2.0/"`, `/OAI/1.1/"`, 1), "version 1"},
		"version 1.1": {`<ListRecords xmlns="http://www.openarchives.org/OAI/1.1/OAI_ListRecords"><responseDate>2001-10-01T19:20:30-04:00</responseDate><requestURL>x</requestURL>` +
			recordOf("1", "x") + `</ListRecords>`, "version 1.1"},
		"notice before":   {"<br />\n<b>Notice</b>: Undefined index in /x.php\n" + good, "before the response"},
		"notice after":    {good + "<br />\n<b>Notice</b>: x", "after the response"},
		"notice between":  {listOf("<br/><b>Notice</b>", recordOf("1", "x")), "foreign elements"},
		"two tokens":      {listOf(recordOf("1", "x"), "<resumptionToken>t</resumptionToken><resumptionToken/>"), "more than one resumptionToken"},
		"token outside":   {strings.Replace(good, "</OAI-PMH>", "<resumptionToken>t</resumptionToken></OAI-PMH>", 1), "outside the list"},
		"size no number":  {listOf(recordOf("1", "x"), `<resumptionToken completeListSize="ssss">t</resumptionToken>`), "not a number"},
		"wrong encoding":  {strings.Replace(listOf(recordOf("1", "é")), "UTF-8", "ISO-8859-1", 1), "another encoding"},
		"undeclared xsi":  {strings.Replace(good, ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`, ` xsi:schemaLocation="a b"`, 1), "Well-known namespace prefixes"},
		"prefixed, space": {"\n" + strings.NewReplacer("<OAI-PMH xmlns=", "<o:OAI-PMH xmlns:o=", "</OAI-PMH", "</o:OAI-PMH").Replace(good), ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, c.doc)
			if len(r.Records) != 1 || r.Records[0].Metadata == nil {
				t.Errorf("records: %+v", r.Records)
			}
			if strings.Contains(c.doc, "<resumptionToken") && (r.Token == nil || r.Token.Value != "t") {
				t.Errorf("token: %+v", r.Token)
			}
			if got := strings.Join(r.Warnings, " "); !strings.Contains(got, c.want) || c.want != "" && len(r.Warnings) != 1 {
				t.Errorf("warnings %q, want one about %q", r.Warnings, c.want)
			}
		})
	}
}

func TestReadEncodings(t *testing.T) {
	doc := listOf(recordOf("1", "café – 東京"))
	for name, enc := range map[string]unicode.Endianness{"big": unicode.BigEndian, "little": unicode.LittleEndian} {
		for _, bom := range []unicode.BOMPolicy{unicode.UseBOM, unicode.IgnoreBOM} {
			data, err := unicode.UTF16(enc, bom).NewEncoder().Bytes([]byte(strings.Replace(doc, "UTF-8", "UTF-16", 1)))
			if err != nil {
				t.Fatal(err)
			}
			r := mustRead(t, string(data))
			if !bytes.Contains(r.Records[0].Metadata, []byte("café – 東京")) {
				t.Errorf("%s endian, %v: %q", name, bom, r.Records[0].Metadata)
			}
		}
	}
	for _, label := range []string{"ISO-8859-1", "windows-1252", "latin1"} {
		r := mustRead(t, strings.NewReplacer("UTF-8", label, "café – 東京", "caf\xe9").Replace(doc))
		if !bytes.Contains(r.Records[0].Metadata, []byte("café")) || r.Records[0].Received.Repairs != nil {
			t.Errorf("%s: %q", label, r.Records[0].Metadata)
		}
	}
	if r := mustRead(t, "\xef\xbb\xbf"+doc); len(r.Records) != 1 || len(r.Warnings) > 0 {
		t.Errorf("byte order mark: %+v", r)
	}
}

func TestParseDatestamp(t *testing.T) {
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Time{
		"2026-05-01T10:00:00Z": at, " 2026-05-01t10:00:00z ": at, "2026-05-01T12:00:00+02:00": at, "2026-05-01T10:00:00": at,
		"2026-05-01 10:00:00": at, "2026-05-01T10:00Z": at, "2026-05-01T10:00:00.25Z": at.Add(250 * time.Millisecond),
		"2026-05-01": at.Add(-10 * time.Hour), "aaaa-bb-cc": {}, "": {}, "0000-00-00T00:00:00Z": {},
	} {
		got, g, err := oaipmh.ParseDatestamp(v)
		if !got.Equal(want) {
			t.Errorf("%q: %v, want %v", v, got, want)
		}
		if legal := v == "2026-05-01T10:00:00Z" || v == "2026-05-01"; (err == nil) != legal || legal && v != g.Format(got) {
			t.Errorf("%q: granularity %v, error %v", v, g, err)
		}
	}
}

func TestReadCorpus(t *testing.T) {
	type want struct {
		verb    string
		records int
		deleted int
		token   string
		errCode string
	}
	for file, w := range map[string]want{
		"oai-spec/www_openarchives_org--ex-sec2.5.xml":                         {"ListRecords", 1, 0, "", ""},
		"oai/meresco-harvester--dcidentifierno.xml":                            {"ListRecords", 2, 0, "*", ""},
		"oai/metis-framework--oaiListIdentifiersIncorrectCompleteListSize.xml": {"ListIdentifiers", -1, 0, "*", ""},
		"oai/oai-pmh-client-js--response01.xml":                                {"ListRecords", -1, -1, "*", ""},
		"oai/phpoaipmh--BadResponseNonExistentVerb.xml":                        {"", 0, 0, "", "badVerb"},
		"oai/phpoaipmh--GoodResponseFourPage_1.xml":                            {"ListIdentifiers", -1, 0, "*", ""},
		"oai/phpoaipmh--GoodResponseFourPage_4.xml":                            {"ListIdentifiers", -1, 0, "", ""},
		"oai/pyoai--00000.xml":                                                 {"GetRecord", 1, 1, "", ""},
		"oai/pyoai--00002.xml":                                                 {"ListRecords", -1, 2, "", ""},
		"oai/pyoai--fake4--00001.xml":                                          {"Identify", 0, 0, "", ""},
		"oai/pyoai--fake5--00001.xml":                                          {"Identify", 0, 0, "", ""},
		"oai/reservoir--oai-response-1.xml":                                    {"ListRecords", -1, -1, "*", ""},
		"oai/reservoir--oai-response-3.xml":                                    {"ListRecords", 1, 1, "*", ""},
		"oai/sickle--GetRecord_utf8test.xml":                                   {"GetRecord", 1, 0, "", ""},
		"oai/sickle--ListRecords.xml":                                          {"ListRecords", -1, -1, "*", ""},
		"oai/sickle--undefinedError.xml":                                       {"", 0, 0, "", "*"},
		"oai/traject--oai-pmh-one-record-2.xml":                                {"ListRecords", 1, 0, "", ""},
		"oai/traject--oai-pmh-one-record-first.xml":                            {"ListRecords", 1, 0, "*", ""},
		"oai/traject--sample-oai-no-namespace.xml":                             {"ListRecords", -1, 0, "*", ""},
		"oai/viringo--oai_listrecords_dc.xml":                                  {"ListRecords", -1, 0, "*", ""},
		"oai/vufindharvest--arbitrary_error_response.xml":                      {"", 0, 0, "", "*"},
		"oai/xoai--oai_dc-CDATA.xml":                                           {"GetRecord", 1, 0, "", ""},
	} {
		t.Run(file, func(t *testing.T) {
			data := corpusFile(t, file)
			r, err := oaipmh.ReadResponse(data)
			if err != nil {
				t.Fatal(err)
			}
			deleted := 0
			for _, rec := range r.Records {
				if rec.Received.Problem != "" || rec.Identifier == "" {
					t.Errorf("%+v", rec)
				}
				if rec.Deleted {
					deleted++
					continue
				}
				if r.Verb == "ListIdentifiers" {
					continue
				}
				if _, err := xmlscan.AppendCanonical(nil, rec.Metadata); err != nil {
					t.Errorf("metadata of %s is not self-contained: %v", rec.Identifier, err)
				}
			}
			if r.Verb != w.verb || w.records >= 0 && len(r.Records) != w.records || w.records < 0 && len(r.Records) == 0 {
				t.Errorf("%s with %d records, want %+v", r.Verb, len(r.Records), w)
			}
			if w.deleted >= 0 && deleted != w.deleted || w.deleted < 0 && deleted == 0 {
				t.Errorf("%d deleted, want %d", deleted, w.deleted)
			}
			if (w.token != "") != (r.Token != nil && r.Token.Value != "") {
				t.Errorf("token %+v, want %q", r.Token, w.token)
			}
			if (w.errCode != "") != (len(r.Errors) > 0) || len(w.errCode) > 1 && r.Error(w.errCode) == nil {
				t.Errorf("errors %+v, want %q", r.Errors, w.errCode)
			}
		})
	}
	t.Run("mismatched tags", func(t *testing.T) {
		_, err := oaipmh.ReadResponse(corpusFile(t, "oai/reservoir--oai-response-5.xml"))
		if !errors.Is(err, oaipmh.ErrMalformed) {
			t.Error(err)
		}
	})
	t.Run("static repository", func(t *testing.T) {
		_, err := oaipmh.ReadResponse(corpusFile(t, "oai-spec/www_openarchives_org--static-repository-bad-resumptionToken.xml"))
		if err == nil {
			t.Error("accepted")
		}
	})
}

func corpusFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../shared/corpus", name))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the corpus is missing: ", err)
		}
		t.Skip("the corpus is missing: ", err)
	}
	return data
}

// FuzzReadResponse: nothing panics; what is well-formed by the standard library, and an OAI-PMH list, has
// the records that the standard library finds; metadata is always XML.
func FuzzReadResponse(f *testing.F) {
	f.Add([]byte(listOf(recordOf("1", "x"), recordOf("2", "&bogus;\x03\xe9"), "<resumptionToken>t</resumptionToken>")))
	f.Add([]byte(readOpen + `<ListIdentifiers><header status="deleted"><identifier>1</identifier></header></ListIdentifiers></OAI-PMH>`))
	f.Add([]byte("junk " + listOf("<record/>", recordOf("1", "<![CDATA[x]]><!-- y --><a:b/>")) + " junk"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := oaipmh.ReadResponse(data)
		if err != nil {
			for _, known := range []error{oaipmh.ErrHTML, oaipmh.ErrMalformed, oaipmh.ErrNotOAI, oaipmh.ErrTruncated} {
				if errors.Is(err, known) {
					return
				}
			}
			t.Fatalf("an error without a name: %v", err)
		}
		for _, rec := range r.Records {
			if rec.Received.Problem == "" && rec.Metadata != nil {
				if _, err := xmlscan.AppendCanonical(nil, rec.Metadata); err != nil {
					t.Fatalf("%q: %v", rec.Metadata, err)
				}
			}
		}
		var std struct {
			XMLName xml.Name
			List    struct {
				Records []struct {
					Header struct {
						Identifier string `xml:"identifier"`
					} `xml:"header"`
				} `xml:"record"`
			} `xml:"ListRecords"`
		}
		if xml.Unmarshal(data, &std) != nil || std.XMLName.Local != "OAI-PMH" || r.Verb != "ListRecords" ||
			bytes.Count(data, []byte("ListRecords")) != 2 || bytes.Count(data, []byte(":record")) > 0 || bytes.Contains(data, []byte("<!")) {
			return
		}
		plain := 0
		for _, rec := range r.Records {
			if bytes.HasPrefix(rec.Received.Raw, []byte("<record")) {
				plain++
			}
		}
		if plain != len(std.List.Records) {
			t.Fatalf("%d records, the standard library finds %d in %q", plain, len(std.List.Records), data)
		}
	})
}

func BenchmarkReadResponse(b *testing.B) {
	var records []string
	for i := range 200 {
		records = append(records, recordOf(fmt.Sprintf("oai:example.org:%d", i), strings.Repeat("A title of a usual length &amp; more. ", 20)))
	}
	clean := []byte(listOf(records...))
	records[100] = recordOf("bad", "a\x03b")
	for name, doc := range map[string][]byte{"clean": clean, "one bad record": []byte(listOf(records...))} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if r, err := oaipmh.ReadResponse(doc); err != nil || len(r.Records) != 200 {
					b.Fatal(err)
				}
			}
		})
	}
}
