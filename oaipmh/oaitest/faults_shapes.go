package oaitest

import (
	"regexp"
	"strings"
)

// shapeFaults are answers in shapes that are legal, though few have them, and what looks like them and is not legal.
var shapeFaults = []Fault{
	{"prefixed", "the elements of the protocol have a prefix, as they may", "", func(_ *Hostile, x *exchange) {
		x.ask()
		x.body = ours.ReplaceAllString(x.body, "<${1}oai:$2")
		x.replace(` xmlns="http://www.openarchives.org/OAI/2.0/"`, ` xmlns:oai="http://www.openarchives.org/OAI/2.0/"`)
	}},
	{"byte-order-mark", "the answer begins with a byte order mark, as it may", "", swap("<?xml", "\ufeff<?xml")},
	{"no-declaration", "the answer has no XML declaration, as XML in UTF-8 may", "", swapAll(`<\?xml[^>]*>\s*`, "")},
	{"cdata", "a text in a record quotes an XML declaration, as it may", "", swap("<dc:title>", `<dc:title><![CDATA[<?xml version="1.0"?>]]>`, "ListRecords")},
	{"comments", "there are comments, as there may be", "", swap("<request", "<!-- made by hand --><request")},
	{"space-before", "white space stands before the XML declaration", "well-formed", swap("<?xml", "\n<?xml")},
	{"doctype", "the answer has a document type", "doctype", swap("<OAI-PMH", `<!DOCTYPE OAI-PMH SYSTEM "oai.dtd"><OAI-PMH`)},
	{"doctype-entity", "the answer has a document type, and uses an entity that is declared there", "doctype", func(_ *Hostile, x *exchange) {
		x.replace("<OAI-PMH", `<!DOCTYPE OAI-PMH [<!ENTITY uuml "ü">]><OAI-PMH`)
		x.replace("<dc:title>", "<dc:title>&uuml;ber ")
	}},
	{"base-url-slash", "the base URL has a slash at its end in Identify, as it may", "", swap("</baseURL>", "/</baseURL>", "Identify")},

	{"two-same-tokens", "a page has its resumptionToken twice", "structure", func(_ *Hostile, x *exchange) {
		if x.token() != "" {
			t := wholeToken.FindString(x.body)
			x.replace(t, t+t)
		}
	}},
	{"no-datestamp", "a header has no datestamp", "header", onRecord(3, "<datestamp>[^<]*</datestamp>\n*", "")},
	{"no-datestamps", "no header has a datestamp", "header", swapAll("<datestamp>[^<]*</datestamp>\n*", "")},
	{"list-refused", "the list of records is refused", "list-answered", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" && x.args.Get("metadataPrefix") == "oai_dc" && !x.args.Has("resumptionToken") && len(x.args["metadataPrefix"]) == 1 {
			x.errorAnswer("cannotDisseminateFormat")
		}
	}},
	{"short-list", "of 1,500 records that are announced 20 come, and the list ends in order", "list-short", cutShort(`<resumptionToken completeListSize="1500" cursor="10"/>`)},
	{"short-silent", "of 1,500 records that are announced 20 come, without a token at the end", "list-short", cutShort("")},
	{"short-estimate", "completeListSize is an estimate, a few off", "list-size", func(_ *Hostile, x *exchange) {
		if x.ofEverything() {
			x.replace(" cursor=", ` completeListSize="37" cursor=`)
		}
	}},

	{"provenance", "records say where they came from, as they may", "", about("oai:far.example.org:100%25", "http://far.example.org/oai")},
	{"provenance-identifier", "the identifier of a provenance is no URI", "provenance", about("oai:far.example.org:100%", "http://far.example.org/oai")},
	{"provenance-base", "the base URL of a provenance is no URI", "provenance", about("oai:far.example.org:1", "http://far.example.org/oai#a#b")},
	{"deletions-denied", "Identify says that deletions are not kept, and lists show them", "deleted-declared", swap("<deletedRecord>persistent", "<deletedRecord>no", "Identify")},
	{"deletions-none", "deletions are not kept, as Identify says", "", func(_ *Hostile, x *exchange) {
		switch x.replace("<deletedRecord>persistent", "<deletedRecord>no"); {
		case x.isList():
			x.forgetDeleted()
		case x.verb() == "GetRecord" && strings.Contains(x.body, `status="deleted"`):
			x.errorAnswer("idDoesNotExist")
		}
	}},
	{"sets-denied", "there are no sets, by ListSets, and headers have some", "sets-listed", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListSets" {
			x.errorInstead("noSetHierarchy")
		}
	}},
	{"sets-none", "there are no sets, and nobody says so", "", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListSets" || x.args.Has("set") {
			x.errorInstead("noSetHierarchy")
			return
		}
		x.ask()
		x.body = inSet.ReplaceAllString(x.body, "")
	}},
}

// ours are the elements of the protocol.
var ours = regexp.MustCompile(`<(/?)(OAI-PMH|responseDate|request|error|Identify|ListMetadataFormats|ListSets|GetRecord|ListIdentifiers|ListRecords|` +
	`repositoryName|baseURL|protocolVersion|adminEmail|earliestDatestamp|deletedRecord|granularity|compression|description|metadataFormat|` +
	`metadataPrefix|schema|metadataNamespace|set|setSpec|setName|setDescription|record|header|identifier|datestamp|metadata|about|resumptionToken)\b`)

var (
	wholeToken = regexp.MustCompile(`<resumptionToken.*</resumptionToken>\n*`)
	inSet      = regexp.MustCompile("<setSpec>[^<]*</setSpec>\n*")
)

// onRecord is a fault of the header of one record, wherever it stands.
func onRecord(n int, pattern, new string) func(*Hostile, *exchange) {
	p := regexp.MustCompile(pattern)
	start := "<identifier>" + SampleIdentifier(n)
	return func(_ *Hostile, x *exchange) {
		x.ask()
		if before, after, ok := strings.Cut(x.body, start); ok && (x.isList() || x.verb() == "GetRecord") {
			header, rest, _ := strings.Cut(after, "</header>")
			x.body = before + start + p.ReplaceAllString(header, new) + "</header>" + rest
		}
	}
}

// ofEverything reports whether the request is for a list of everything, from its beginning.
func (x *exchange) ofEverything() bool {
	return x.isList() && len(x.args) == 2 && x.args.Has("metadataPrefix")
}

// errorInstead makes the answer an error that names the request as it was.
func (x *exchange) errorInstead(code string) {
	x.ask()
	x.body = regexp.MustCompile("(?s)<"+x.verb()+">.*</"+x.verb()+">|<error.*</error>").ReplaceAllString(x.body, `<error code="`+code+`">no</error>`)
}

// cutShort is a fault by which the lists of everything announce 1,500 and end with the second page.
func cutShort(end string) func(*Hostile, *exchange) {
	return func(h *Hostile, x *exchange) {
		t := x.args.Get("resumptionToken")
		switch {
		case x.token() == "":
		case x.ofEverything():
			h.leads(x.token(), []string{"of everything"})
			x.replace(" cursor=", ` completeListSize="1500" cursor=`)
		case x.isList() && h.way(t) != nil:
			x.body = wholeToken.ReplaceAllString(x.body, end)
		}
	}
}

// about is a fault that gives records a provenance.
func about(identifier, baseURL string) func(*Hostile, *exchange) {
	return swapAll("</metadata>", `</metadata><about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" `+
		`xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/provenance http://www.openarchives.org/OAI/2.0/provenance.xsd">`+
		`<originDescription harvestDate="2024-02-02T14:10:02Z" altered="true"><baseURL>`+baseURL+`</baseURL><identifier>`+identifier+`</identifier>`+
		`<datestamp>2024-01-01</datestamp><metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace></originDescription></provenance></about>`)
}
