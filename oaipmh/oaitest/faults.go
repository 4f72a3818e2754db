package oaitest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

func zip(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(s)) // into memory: it can't go wrong
	z.Close()
	return b.Bytes()
}

// swap is a fault that changes a text in the answers to some verbs; all verbs if none are named.
func swap(old, new string, verbs ...string) func(*Hostile, *exchange) {
	return func(_ *Hostile, x *exchange) {
		if of(x, verbs) {
			x.replace(old, new)
		}
	}
}

// swapAll is swap for every occurrence, by a pattern.
func swapAll(pattern, new string, verbs ...string) func(*Hostile, *exchange) {
	p := regexp.MustCompile(pattern)
	return func(_ *Hostile, x *exchange) {
		if of(x, verbs) {
			x.ask()
			x.body = p.ReplaceAllString(x.body, new)
		}
	}
}

func of(x *exchange, verbs []string) bool {
	for _, v := range verbs {
		if v == x.verb() {
			return true
		}
	}
	return len(verbs) == 0
}

// lists is for the answers to both verbs that list records.
var lists = []string{"ListRecords", "ListIdentifiers"}

// forget is a fault that loses an argument of a request.
func forget(names ...string) func(*Hostile, *exchange) {
	return func(_ *Hostile, x *exchange) {
		for _, n := range names {
			x.args.Del(n)
		}
	}
}

// header is a fault that sets a header, or removes it.
func header(name, value string) func(*Hostile, *exchange) {
	return func(_ *Hostile, x *exchange) {
		x.ask()
		if value == "" {
			x.header.Del(name)
			return
		}
		x.header.Set(name, value)
	}
}

// instead is a fault that answers one error by another.
func instead(code, by string) func(*Hostile, *exchange) {
	return swapAll(`<error code="`+code+`">`, `<error code="`+by+`">`)
}

// faults are the faults of HTTP, XML and the envelope, and those of the parts in other files.
var faults = join(
	[]Fault{
		{"error-status", "errors of the protocol come with the HTTP status 422", "http-status", func(_ *Hostile, x *exchange) {
			if x.ask(); strings.Contains(x.body, "<error") {
				x.status = http.StatusUnprocessableEntity
			}
		}},
		{"html-type", "XML is sent as text/html", "content-type", header("Content-Type", "text/html; charset=utf-8")},
		{"redirect", "the base URL redirects", "no-redirect", func(_ *Hostile, x *exchange) {
			if !strings.HasSuffix(x.r.URL.Path, "/moved") {
				x.ask()
				x.status, x.body = http.StatusMovedPermanently, ""
				x.header.Set("Location", strings.TrimRight(x.h.baseURL, "/")+"/moved?"+x.r.Form.Encode())
			}
		}},
		{"no-post", "POST is not allowed", "post", func(_ *Hostile, x *exchange) {
			if x.r.Method == http.MethodPost {
				x.ask()
				x.status, x.body = http.StatusMethodNotAllowed, "no"
			}
		}},
		{"no-slash", "a slash at the end of the base URL is not found", "trailing-slash", func(_ *Hostile, x *exchange) {
			if strings.HasSuffix(x.r.URL.Path, "/") {
				x.ask()
				x.status, x.body = http.StatusNotFound, "no"
			}
		}},
		{"gzip-uncompressed", "the answer is marked as compressed and is not", "compression", func(_ *Hostile, x *exchange) {
			if strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
				x.ask()
				x.header.Set("Content-Encoding", "gzip")
			}
		}},
		{"gzip-unmarked", "the answer is compressed, unasked and unmarked", "compression", func(_ *Hostile, x *exchange) {
			x.ask()
			x.plain, x.body = true, string(zip(x.body))
		}},
		{"gzip-not-served", "Identify lists a compression that is not served", "compression-served", func(_ *Hostile, x *exchange) { x.plain = true }},
		{"identity-listed", "Identify lists identity as a compression", "compression-identity", swap("<compression>", "<compression>identity</compression><compression>", "Identify")},
		{"no-vary", "compressed answers have no Vary", "vary", header("Vary", "")},
		{"echo", "what the client sends comes back unescaped", "escaping", func(_ *Hostile, x *exchange) {
			x.replace("</error>", x.args.Get("identifier")+"</error>")
		}},

		{"control-character", "a control character in a record", "well-formed", swap("<dc:title>", "<dc:title>\x0b", "ListRecords")},
		{"invalid-utf8", "a byte that is not UTF-8 in a record", "well-formed", swap("<dc:title>", "<dc:title>caf\xe9", "ListRecords")},
		{"bad-reference", "a reference to a code point that XML forbids", "well-formed", swap("<dc:title>", "<dc:title>&#x3;", "ListRecords")},
		{"html-entity", "an entity of HTML in a record", "well-formed", swap("<dc:title>", "<dc:title>&nbsp;", "ListRecords")},
		{"unbalanced", "a tag in a record is closed by another", "well-formed", swap("</dc:title>", "</dc:titel>", "ListRecords")},
		{"nested-declaration", "an XML declaration inside a record", "well-formed", swap("<metadata>", `<metadata><?xml version="1.0"?>`, "ListRecords")},
		{"junk-before", "a notice of PHP before the XML", "well-formed", swap("<?xml", "Notice: Undefined index: set in oai.php\n<?xml")},
		{"junk-after", "debugging text after the XML", "well-formed", swap("</OAI-PMH>", "</OAI-PMH><!-- x --><b>12 queries</b>")},
		{"truncated", "a list breaks off in the middle", "well-formed", func(_ *Hostile, x *exchange) {
			if x.isList() {
				x.ask()
				x.body = x.body[:len(x.body)/2]
			}
		}},
		{"empty-body", "lists of records are answered by nothing", "well-formed", func(_ *Hostile, x *exchange) {
			if x.isList() {
				x.ask()
				x.body = ""
			}
		}},
		{"latin1", "the answer is declared to be ISO-8859-1", "well-formed", swap(`encoding="UTF-8"`, `encoding="ISO-8859-1"`)},
		{"https-namespace", "the namespace of the answer begins with https", "namespace", swap(`xmlns="http://www.openarchives.org/OAI/2.0/"`, `xmlns="https://www.openarchives.org/OAI/2.0/"`)},
		{"no-namespace", "the answer is in no namespace", "namespace", swap(` xmlns="http://www.openarchives.org/OAI/2.0/"`, "")},
		{"odd-schema-location", "schemaLocation is not made of pairs", "schema-location", swap(" http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd", "")},
		{"html-page", "lists of records are answered by a web page", "content-type", func(_ *Hostile, x *exchange) {
			if x.isList() {
				x.ask()
				x.header.Set("Content-Type", "text/html")
				x.body = "<!DOCTYPE html><html><body><p>Please log in.</p></body></html>"
			}
		}},

		{"no-response-date", "responseDate is missing", "structure", swapAll("<responseDate>.*</responseDate>\n", "")},
		{"fraction-response-date", "responseDate has a fraction", "response-date", swap("Z</responseDate>", ".123Z</responseDate>")},
		{"offset-response-date", "responseDate is local time with an offset", "response-date", swap("Z</responseDate>", "+02:00</responseDate>")},
		{"wrong-clock", "responseDate is years off", "response-date-clock", swapAll("<responseDate>20..", "<responseDate>2001")},
		{"request-without-arguments", "the request element has no attributes", "request-attributes", swapAll("<request [^>]*>", "<request>")},
		{"request-with-bad-arguments", "the request element has attributes after badArgument", "request-bare", func(_ *Hostile, x *exchange) {
			if x.ask(); strings.Contains(x.body, `code="badArgument"`) {
				x.replace("<request>", `<request verb="`+x.verb()+`">`)
			}
		}},
		{"request-local-url", "the request element has the address behind the proxy", "request-base-url", swapAll("(<request[^>]*>)[^<]*", "${1}http://localhost:8080/oai")},
	},
	identifyFaults, requestFaults, recordFaults, listFaults, contentFaults, tokenFaults, httpFaults, wireFaults, shapeFaults,
)

func join(parts ...[]Fault) (all []Fault) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

var baseURL = regexp.MustCompile("<baseURL>.*</baseURL>")

var identifyFaults = []Fault{
	{"no-earliest", "Identify has no earliestDatestamp", "identify", swapAll("<earliestDatestamp>.*</earliestDatestamp>\n", "", "Identify")},
	{"version-1", "Identify gives the protocol version 1.1", "identify", swap("<protocolVersion>2.0", "<protocolVersion>1.1", "Identify")},
	{"odd-granularity", "Identify spells the granularity in another way", "identify", swap("YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DDTHH:MM:SSZ", "Identify")},
	{"no-email", "Identify has no address", "identify", swapAll("<adminEmail>.*</adminEmail>\n", "", "Identify")},
	{"deleted-sometimes", "Identify gives an illegal deletedRecord", "identify", swap("persistent", "sometimes", "Identify")},
	{"wrong-base-url", "Identify gives another base URL", "base-url", swapAll("<baseURL>.*</baseURL>", "<baseURL>http://localhost:8080/oai</baseURL>", "Identify")},
	{"base-url-changes", "Identify gives another base URL each time", "base-url", func(h *Hostile, x *exchange) {
		if x.verb() == "Identify" {
			x.ask()
			x.body = baseURL.ReplaceAllString(x.body, fmt.Sprintf("<baseURL>http://node%d.example.org/oai</baseURL>", h.use("Identify")))
		}
	}},
	{"late-earliest", "earliestDatestamp is later than records", "earliest-bound", swapAll("<earliestDatestamp>....", "<earliestDatestamp>2025", "Identify")},
	{"day-earliest", "earliestDatestamp is in days, datestamps in seconds", "earliest-granularity", swapAll("T..:..:..Z</earliestDatestamp>", "</earliestDatestamp>", "Identify")},
	{"no-sample", "the sample identifier does not exist", "sample-identifier", swapAll("<sampleIdentifier>.*</sampleIdentifier>", "<sampleIdentifier>oai:sample.example.org:none</sampleIdentifier>", "Identify")},
	{"no-oai-dc", "oai_dc is not among the formats", "oai-dc", swapAll("<metadataPrefix>oai_dc", "<metadataPrefix>dc", "ListMetadataFormats")},
	{"no-schema", "a format has no schema", "formats", swapAll("<schema>.*</schema>\n", "", "ListMetadataFormats")},
	{"empty-description", "a set has an empty description", "set-description", swap("</setName>", "</setName><setDescription/>", "ListSets")},
	{"no-parent-set", "a set is listed without the set above it", "set-hierarchy", swapAll("<set>\n<setSpec>papers</setSpec>\n<setName>.*</setName>\n</set>\n", "", "ListSets")},
	{"unlisted-set", "headers have a set that is not listed", "sets-listed", swap("<setSpec>papers:odd", "<setSpec>secret</setSpec><setSpec>papers:odd", "ListRecords")},
	{"illegal-set", "a setSpec has a space", "sets", swap("papers:odd", "papers:very odd", "ListSets")},
}

var requestFaults = []Fault{
	{"any-verb", "an illegal verb is taken for Identify", "bad-verb", func(_ *Hostile, x *exchange) {
		if len(x.args["verb"]) != 1 || x.verb() == "Sheaf" {
			x.args = args("verb", "Identify")
		}
	}},
	{"any-argument", "unknown arguments are ignored", "unknown-argument", forget("sheaf")},
	{"repeated-taken", "of a repeated argument the last counts", "repeated-argument", func(_ *Hostile, x *exchange) {
		for name, values := range x.args {
			x.args[name] = values[len(values)-1:]
		}
	}},
	{"prefix-assumed", "a missing metadataPrefix is taken for oai_dc", "missing-argument", func(_ *Hostile, x *exchange) {
		if x.isList() && !x.args.Has("metadataPrefix") && !x.args.Has("resumptionToken") {
			x.args.Set("metadataPrefix", "oai_dc")
		}
	}},
	{"token-ignored", "an invalid token starts the list again", "bad-token", func(_ *Hostile, x *exchange) {
		if x.args.Get("resumptionToken") == "sheaf-no-such-token" {
			x.args = args("verb", x.verb(), "metadataPrefix", "oai_dc")
		}
	}},
	{"token-with-arguments", "arguments beside a token are ignored", "token-exclusive", func(_ *Hostile, x *exchange) {
		if x.args.Has("resumptionToken") {
			x.args.Del("metadataPrefix")
		}
	}},
	{"format-no-records", "an unknown format is noRecordsMatch", "unknown-format", instead("cannotDisseminateFormat", "noRecordsMatch")},
	{"identifier-bad-argument", "an unknown identifier is badArgument", "unknown-identifier", instead("idDoesNotExist", "badArgument")},
	{"own-code", "an error has a code of its own", "structure", instead("idDoesNotExist", "notFound")},
	{"none-bad-argument", "an empty list is badArgument", "no-records", instead("noRecordsMatch", "badArgument")},
	{"set-ignored", "an unknown set gives everything", "unknown-set", func(_ *Hostile, x *exchange) {
		if x.args.Get("set") == "sheaf_no_such_set" {
			x.args.Del("set")
		}
	}},
	{"bad-date-ignored", "a date in no legal form is ignored", "bad-date", func(_ *Hostile, x *exchange) {
		for _, name := range []string{"from", "until"} {
			if _, _, err := oaipmh.ParseDatestamp(x.args.Get(name)); err != nil {
				x.args.Del(name)
			}
		}
	}},
	{"mixed-taken", "dates of different granularity are taken", "mixed-granularity", func(_ *Hostile, x *exchange) {
		if len(x.args.Get("from")) != len(x.args.Get("until")) && x.args.Has("from") {
			x.args.Del("until")
		}
	}},
	{"reversed-empty", "from after until is noRecordsMatch", "from-after-until", func(_ *Hostile, x *exchange) {
		if f, u := x.args.Get("from"), x.args.Get("until"); u != "" && f > u {
			x.errorAnswer("noRecordsMatch")
		}
	}},
	{"until-midnight", "until in days means midnight", "until-day", func(_ *Hostile, x *exchange) {
		if u := x.args.Get("until"); len(u) == len("2006-01-02") && !x.args.Has("from") {
			x.args.Set("until", u+"T00:00:00Z")
		}
	}},
	{"from-ignored", "from is ignored", "window-from", forget("from")},
	{"until-ignored", "until is ignored", "window-until", forget("until")},
	{"from-exclusive", "from leaves its own second out", "from-inclusive", shift("from", time.Second)},
	{"until-exclusive", "until leaves its own second out", "until-inclusive", shift("until", -time.Second)},
	{"days-refused", "dates in days are refused", "day-granularity", func(_ *Hostile, x *exchange) {
		if len(x.args.Get("from")+x.args.Get("until")) == len("2006-01-02") {
			x.errorAnswer("badArgument")
		}
	}},
	{"early-from-refused", "from before earliestDatestamp is refused", "early-from", func(_ *Hostile, x *exchange) {
		if f := x.args.Get("from"); f != "" && f < "2024" {
			x.errorAnswer("badArgument")
		}
	}},
	{"future-refused", "until in the future is refused", "late-until", func(_ *Hostile, x *exchange) {
		if u, _, err := oaipmh.ParseDatestamp(x.args.Get("until")); err == nil && u.After(time.Now()) {
			x.errorAnswer("badArgument")
		}
	}},
}

// shift is a fault that moves a date in seconds.
func shift(name string, by time.Duration) func(*Hostile, *exchange) {
	return func(_ *Hostile, x *exchange) {
		if t, g, err := oaipmh.ParseDatestamp(x.args.Get(name)); err == nil && g == oaipmh.Second {
			x.args.Set(name, g.Format(t.Add(by)))
		}
	}
}
