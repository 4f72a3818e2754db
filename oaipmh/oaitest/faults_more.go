package oaitest

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// contentFaults are further ones of XML and of records.
var contentFaults = []Fault{
	{"no-charset", "Content-Type names no charset, as it may", "", header("Content-Type", "text/xml")},
	{"other-charset", "Content-Type names another charset than the XML", "content-type", header("Content-Type", "text/xml; charset=ISO-8859-1")},
	{"latin1-bytes", "the answer is in ISO-8859-1 and declared to be in UTF-8", "well-formed", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" {
			x.replace("<dc:title>", "<dc:title>\xdcber \xe4ltere H\xe4user ")
		}
	}},
	{"reference-fffe", "a reference to U+FFFE in a record", "well-formed", swap("<dc:title>", "<dc:title>&#xfffe;", "ListRecords")},
	{"processing-instruction", "a processing instruction in a record, as there may be", "", swap("<dc:title>", "<dc:title><?php echo ?>", "ListRecords")},
	{"namespace-1.1", "the answer is in the namespace of OAI-PMH 1.1", "namespace", swapAll(`xmlns="http://www.openarchives.org/OAI/2.0/"`, `xmlns="http://www.openarchives.org/OAI/1.1/OAI_ListRecords"`, "ListRecords")},
	{"ancestor-prefixes", "metadata uses prefixes that the root of the answer declares", "self-contained", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" {
			x.ask()
			x.body = strings.ReplaceAll(x.body, ` xmlns:dc="http://purl.org/dc/elements/1.1/"`, "")
			x.replace("<OAI-PMH ", `<OAI-PMH xmlns:dc="http://purl.org/dc/elements/1.1/" `)
		}
	}},
	{"huge-text", "a title of eleven megabytes, as there may be", "", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" {
			x.replace("<dc:title>Paper 22 ", "<dc:title>Paper 22 "+strings.Repeat("so much ", 11<<20/8))
		}
	}},
	{"double-escaped", "markup in values is escaped twice, as it may be", "", swapAll("&lt;", "&amp;lt;", "ListRecords")},
	{"identifier-no-uri", "identifiers are no URIs", "identifier-uri", func(_ *Hostile, x *exchange) {
		if id := x.args.Get("identifier"); strings.HasPrefix(id, "paper no. 0") {
			x.args.Set("identifier", strings.Replace(id, "paper no. 0", "oai:sample.example.org:0", 1))
		}
		x.ask()
		x.body = strings.ReplaceAll(x.body, "oai:sample.example.org:0", "paper no. 0")
	}},
	{"no-set-spec", "headers don't say what sets a record is in", "", swapAll("<setSpec>[^<]*</setSpec>", "", "ListRecords", "ListIdentifiers", "GetRecord")},
	{"live-and-deleted", "a record is there twice on a page, live and deleted", "duplicates", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" {
			x.ask()
			r := firstElement(x.body, "record")
			h := strings.Replace(firstElement(r, "header"), "<header>", `<header status="deleted">`, 1)
			if r != "" && h != "" {
				x.body = strings.Replace(x.body, r, "<record>"+h+"</record>"+r, 1)
			}
		}
	}},
	{"deleted-forgotten", "deleted records are gone without a trace, though Identify says that they stay", "", func(_ *Hostile, x *exchange) {
		switch x.ask(); {
		case x.isList():
			x.forgetDeleted()
		case x.verb() == "GetRecord" && strings.Contains(x.body, `status="deleted"`):
			x.errorAnswer("idDoesNotExist")
		}
	}},
	{"set-deleted-forgotten", "lists of a set leave deleted records out", "set-deleted", func(h *Hostile, x *exchange) {
		if way := h.way(x.args.Get("resumptionToken")); x.isList() && (x.args.Has("set") || way != nil) {
			x.forgetDeleted()
			if next := x.token(); next != "" {
				h.leads(next, []string{"of a set"})
			}
		}
	}},
	{"no-list-identifiers", "ListIdentifiers is not implemented", "verbs", without("ListIdentifiers")},
	{"no-get-record", "GetRecord is not implemented", "verbs", without("GetRecord")},
	{"no-granularity", "Identify has no granularity", "identify", swapAll("<granularity>.*</granularity>\n", "", "Identify")},
	{"earliest-garbage", "earliestDatestamp is no date", "identify", swapAll("<earliestDatestamp>.*</earliestDatestamp>", "<earliestDatestamp>aaaa</earliestDatestamp>", "Identify")},
	{"local-time", "responseDate is local time, two hours ahead, marked as UTC", "response-date-clock", func(_ *Hostile, x *exchange) {
		x.ask()
		old := responseDate.FindString(x.body)
		if t, _, err := oaipmh.ParseDatestamp(strings.TrimSuffix(strings.TrimPrefix(old, "<responseDate>"), "</responseDate>")); err == nil {
			x.replace(old, "<responseDate>"+oaipmh.Second.Format(t.Add(2*time.Hour))+"</responseDate>")
		}
	}},
	{"dates-refused", "lists by date are refused", "from-inclusive", func(_ *Hostile, x *exchange) {
		if x.args.Has("from") || x.args.Has("until") {
			x.errorAnswer("badArgument")
		}
	}},
	{"restamped", "all records have been given new datestamps, without having changed", "window-until", func(_ *Hostile, x *exchange) {
		if x.ask(); x.isList() || x.verb() == "GetRecord" {
			now := strings.TrimSuffix(strings.TrimPrefix(responseDate.FindString(x.body), "<responseDate>"), "</responseDate>")
			x.body = inSeconds.ReplaceAllString(x.body, "${1}"+now+"<")
		}
	}},
	{"index-lag", "lists lack what changed within the last three minutes", "", func(_ *Hostile, x *exchange) {
		from, seen := x.args.Get("from"), oaipmh.Second.Format(time.Now().Add(-3*time.Minute))
		switch {
		case !x.isList() || x.args.Has("resumptionToken") || x.args.Has("until") || from != "" && len(from) != len(seen):
		case from > seen:
			x.errorAnswer("noRecordsMatch")
		default:
			x.args.Set("until", seen)
			x.replace(` until="`+seen+`"`, "")
		}
	}},
	{"days-only", "datestamps and dates are in days, and granularity says so, as the protocol allows", "", func(_ *Hostile, x *exchange) {
		for _, name := range []string{"from", "until"} {
			if len(x.args.Get(name)) > len("2006-01-02") {
				x.errorAnswer("badArgument")
				return
			}
		}
		x.ask()
		x.body = inSeconds.ReplaceAllString(x.body, "${1}${2}<")
		x.body = strings.Replace(x.body, "<granularity>YYYY-MM-DDThh:mm:ssZ<", "<granularity>YYYY-MM-DD<", 1)
	}},
	{"seconds-refused", "dates in seconds are refused, though granularity is seconds", "from-inclusive", func(_ *Hostile, x *exchange) {
		if len(x.args.Get("from")+x.args.Get("until")) > len("2006-01-02") {
			x.errorAnswer("badArgument")
		}
	}},
}

var (
	deletedRecord = regexp.MustCompile(`<record>\s*<header status="deleted">(?s:.*?)</record>\s*`)
	inSeconds     = regexp.MustCompile(`(<(?:datestamp|earliestDatestamp)>)(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\dZ<`)
	deletedHeader = regexp.MustCompile(`<header status="deleted">(?s:.*?)</header>\s*`)
	responseDate  = regexp.MustCompile(`<responseDate>.*</responseDate>`)
)

// forgetDeleted leaves deleted records out of the answer.
func (x *exchange) forgetDeleted() {
	x.ask()
	x.body = deletedRecord.ReplaceAllString(x.body, "")
	x.body = deletedHeader.ReplaceAllString(x.body, "")
}

// without is a fault that lacks a verb.
func without(verb string) func(*Hostile, *exchange) {
	return func(_ *Hostile, x *exchange) {
		if x.verb() == verb {
			x.errorAnswer("badVerb")
		}
	}
}

// tokenFaults are further ones of resumption tokens.
var tokenFaults = []Fault{
	{"token-loop", "the tokens of a list lead in a circle", "token-progress", func(h *Hostile, x *exchange) {
		if !x.isList() {
			return
		}
		given, next := x.args.Get("resumptionToken"), x.token()
		switch way := h.way(given); {
		case next == "" || len(way) > 2:
		case len(way) == 2:
			x.replace(">"+next+"<", ">"+way[0]+"<")
		default:
			h.leads(next, append(way, next))
		}
	}},
	{"token-endless", "a list begins again at its end, with ever new tokens", "duplicates", func(h *Hostile, x *exchange) {
		if x.verb() == "ListRecords" {
			endless(h, x, "verb", "ListRecords", "metadataPrefix", "oai_dc")
		}
	}},
	{"sets-endless", "ListSets begins again at its end, with ever new tokens", "sets", func(h *Hostile, x *exchange) {
		if x.verb() == "ListSets" {
			endless(h, x, "verb", "ListSets")
		}
	}},
	{"empty-endless", "after a page come empty ones, with ever new tokens", "empty-page", func(h *Hostile, x *exchange) {
		if x.verb() == "ListRecords" && strings.HasPrefix(x.args.Get("resumptionToken"), "empty-") && len(x.args) == 2 {
			x.args = args("verb", "ListRecords", "metadataPrefix", "oai_dc")
			x.ask()
			before, _, _ := strings.Cut(x.body, "<record>")
			x.body = before + fmt.Sprintf("<resumptionToken>empty-%d</resumptionToken></ListRecords></OAI-PMH>\n", h.use("empty"))
		} else if t := x.token(); t != "" && x.verb() == "ListRecords" {
			x.replace(">"+t+"<", ">empty-0<")
		}
	}},
	{"token-expires-late", "tokens expire after two pages", "token-continues", func(h *Hostile, x *exchange) {
		if !x.isList() {
			return
		}
		way, next := h.way(x.args.Get("resumptionToken")), x.token()
		if next != "" {
			h.leads(next, append(way, next))
		}
		if len(way) >= 2 {
			x.errorAnswer("badResumptionToken")
		}
	}},
	{"bad-token-for-end", "the last token leads to badResumptionToken", "token-continues", func(_ *Hostile, x *exchange) {
		if x.ask(); x.isList() && emptyToken.MatchString(x.body) {
			x.errorAnswer("badResumptionToken")
		}
	}},
	{"token-with-prefix", "a token is refused without metadataPrefix beside it", "token-continues", func(_ *Hostile, x *exchange) {
		switch {
		case !x.isList() || !x.args.Has("resumptionToken"):
		case x.args.Has("metadataPrefix"):
			x.args.Del("metadataPrefix")
		default:
			x.errorAnswer("badArgument")
		}
	}},
	{"size-large", "completeListSize is far more than what comes", "list-short", swapAll(` cursor=`, ` completeListSize="1000" cursor=`)},
	{"none-last", "noRecordsMatch stands in for the last page, when all that was announced has come", "token-continues", func(h *Hostile, x *exchange) {
		if !x.isList() {
			return
		}
		if strings.HasPrefix(x.args.Get("resumptionToken"), "none-") {
			x.errorAnswer("noRecordsMatch")
		} else if x.ask(); emptyToken.MatchString(x.body) {
			x.body = emptyToken.ReplaceAllString(x.body, fmt.Sprintf("<resumptionToken completeListSize=\"1\">none-%d</resumptionToken>\n", h.use("none")))
		}
	}},
}

// endless makes the last page of a list lead to the first one.
func endless(h *Hostile, x *exchange, first ...string) {
	token, _, again := strings.Cut(x.args.Get("resumptionToken"), "-again-")
	switch {
	case again && token == "first":
		x.args = args(first...)
	case again:
		x.args.Set("resumptionToken", token)
	}
	next, n := x.token(), h.use("again")
	switch {
	case next != "":
		x.replace(">"+next+"<", fmt.Sprintf(">%s-again-%d<", next, n))
	case emptyToken.MatchString(x.body):
		x.body = emptyToken.ReplaceAllString(x.body, fmt.Sprintf("<resumptionToken>first-again-%d</resumptionToken>\n", n))
	default:
		x.replace("</"+x.verb()+">", fmt.Sprintf("<resumptionToken>first-again-%d</resumptionToken>\n</%s>", n, x.verb()))
	}
}
