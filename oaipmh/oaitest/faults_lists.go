package oaitest

import (
	"fmt"
	"regexp"
	"strings"
)

var recordFaults = []Fault{
	{"deleted-metadata", "a deleted record has metadata", "deleted-header-only", swapAll(`(<header status="deleted">(?s:.*?)</header>)`, "${1}<metadata>"+string(SampleDC("x"))+"</metadata>", "ListRecords")},
	{"deleted-upper", "the status is in capital letters", "status", swapAll(`status="deleted"`, `status="DELETED"`)},
	{"deleted-unknown", "GetRecord does not know deleted records", "get-deleted", func(_ *Hostile, x *exchange) {
		if x.ask(); x.verb() == "GetRecord" && strings.Contains(x.body, `status="deleted"`) {
			x.errorAnswer("idDoesNotExist")
		}
	}},
	{"no-metadata", "a record has no metadata", "metadata-present", swapAll(`<metadata>.*</metadata>`, "", "ListRecords")},
	{"no-header", "a record has no header", "header", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" {
			x.ask()
			x.body = strings.Replace(x.body, firstElement(x.body, "header"), "", 1)
		}
	}},
	{"no-identifier", "a header has no identifier", "header", swapAll("<identifier>oai:sample.example.org:000003</identifier>", "", "ListRecords")},
	{"illegal-set-in-header", "a header has an illegal setSpec", "header", swap("<setSpec>papers:odd", "<setSpec>papers odd", "ListRecords")},
	{"fraction-datestamp", "datestamps have fractions", "datestamp-form", swapAll("Z</datestamp>", ".000Z</datestamp>", lists...)},
	{"day-datestamp", "datestamps are in days, the granularity in seconds", "datestamp-form", swapAll("T..:..:..Z</datestamp>", "</datestamp>", lists...)},
	{"future-datestamp", "a record is newer than the answer", "safe-window", swapAll("<datestamp>2024-01-01T03", "<datestamp>2099-01-01T03", "ListRecords")},
	{"metadata-unqualified", "metadata is in the namespace of the protocol", "metadata-namespace", swapAll("<oai_dc:dc.*</oai_dc:dc>", "<dc><title>x</title></dc>", "ListRecords")},
	{"dc-extra", "oai_dc has elements of its own", "oai-dc-elements", swap("</oai_dc:dc>", "<dc:isbn>1</dc:isbn></oai_dc:dc>", "ListRecords")},
	{"get-other-datestamp", "GetRecord gives another datestamp than the list", "get-agrees", swapAll("<datestamp>2024", "<datestamp>2023", "GetRecord")},
	{"get-unknown", "GetRecord does not know what was listed", "get-listed", func(_ *Hostile, x *exchange) {
		if x.verb() == "GetRecord" {
			x.errorAnswer("idDoesNotExist")
		}
	}},
	{"item-other-format", "an item does not have the format that it was listed in", "item-formats", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListMetadataFormats" && x.args.Has("identifier") {
			x.replace("oai_dc</metadataPrefix>", "mods</metadataPrefix>")
		}
	}},
}

// firstElement gives the first element of a name, with its end; empty if there is none.
func firstElement(body, name string) string {
	start := strings.Index(body, "<"+name+">")
	end := strings.Index(body, "</"+name+">")
	if start < 0 || end < start {
		return ""
	}
	return body[start : end+len("</>")+len(name)]
}

var emptyToken = regexp.MustCompile(`<resumptionToken[^>]*/>\n`)

var listFaults = []Fault{
	{"lost-record", "ListRecords loses a record at the edge of a page", "identifiers-agree", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" && x.args.Has("resumptionToken") {
			x.ask()
			x.body = strings.Replace(x.body, firstElement(x.body, "record"), "", 1)
		}
	}},
	{"duplicate", "a record comes twice", "duplicates", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" {
			x.ask()
			r := firstElement(x.body, "record")
			x.body = strings.Replace(x.body, r, r+r, 1)
		}
	}},
	{"unsorted", "records come in no order", "order", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" {
			x.ask()
			r := firstElement(x.body, "record")
			x.body = strings.Replace(x.body, r, "", 1)
			end := strings.LastIndex(x.body, "</record>")
			if end < 0 {
				x.body = strings.Replace(x.body, "<ListRecords>", "<ListRecords>"+r, 1)
				return
			}
			end += len("</record>")
			x.body = x.body[:end] + r + x.body[end:]
		}
	}},
	{"same-token", "a page gives its own token again", "token-progress", func(_ *Hostile, x *exchange) {
		if t := x.args.Get("resumptionToken"); t != "" && x.isList() {
			if next := x.token(); next != "" {
				x.replace(">"+next+"<", ">"+t+"<")
			}
		}
	}},
	{"token-to-nothing", "the last token leads to noRecordsMatch", "token-continues", func(_ *Hostile, x *exchange) {
		if x.ask(); x.isList() && emptyToken.MatchString(x.body) {
			x.errorAnswer("noRecordsMatch")
		}
	}},
	{"token-expired", "tokens expire at once", "token-continues", func(_ *Hostile, x *exchange) {
		if x.args.Has("resumptionToken") && x.isList() {
			x.errorAnswer("badResumptionToken")
		}
	}},
	{"token-once", "a token can be used once", "token-again", func(h *Hostile, x *exchange) {
		if number, t, ok := strings.Cut(x.args.Get("resumptionToken"), "."); ok {
			if x.isList() && len(x.args) == 2 && h.use("token "+number) > 1 {
				x.errorAnswer("badResumptionToken")
				return
			}
			x.args.Set("resumptionToken", t)
			x.replace(`resumptionToken="`, `resumptionToken="`+number+".")
		}
		if t := x.token(); t != "" {
			x.replace(">"+t+"<", fmt.Sprintf(">%d.%s<", h.use("tokens"), t))
		}
	}},
	{"no-final-token", "the last page has no empty resumptionToken", "final-token", func(_ *Hostile, x *exchange) {
		x.ask()
		x.body = emptyToken.ReplaceAllString(x.body, "")
	}},
	{"token-space", "tokens stand in white space", "token-plain", func(_ *Hostile, x *exchange) {
		if t := x.token(); t != "" {
			x.replace(">"+t+"<", ">\n  "+t+"\n<")
		}
	}},
	{"token-unsafe", "tokens have characters that must be escaped in URLs", "token-plain", func(_ *Hostile, x *exchange) {
		if t, ok := strings.CutPrefix(x.args.Get("resumptionToken"), "a|b+c&"); ok {
			x.args.Set("resumptionToken", t)
			x.replace(`resumptionToken="`, `resumptionToken="a|b+c&amp;`)
		}
		if t := x.token(); t != "" {
			x.replace(">"+t+"<", ">a|b+c&amp;"+t+"<")
		}
	}},
	{"two-tokens", "a page has two resumptionToken elements", "structure", func(_ *Hostile, x *exchange) {
		if t := x.token(); t != "" {
			x.replace("<resumptionToken", "<resumptionToken/><resumptionToken")
		}
	}},
	{"cursor-page", "cursor counts pages", "cursor", swapAll(`cursor="(\d+)0"`, `cursor="${1}"`)},
	{"size-small", "completeListSize is the size of the page", "list-size", swapAll(` cursor=`, ` completeListSize="10" cursor=`)},
	{"empty-page", "a page with a token has no records", "empty-page", func(_ *Hostile, x *exchange) {
		if x.verb() == "ListRecords" && x.args.Has("resumptionToken") && x.token() != "" {
			_, after, _ := strings.Cut(x.body, "<resumptionToken")
			before, _, _ := strings.Cut(x.body, "<record>")
			x.body = before + "<resumptionToken" + after
		}
	}},
	{"set-flat", "a list of a set lacks the sets below it", "set-children", func(_ *Hostile, x *exchange) {
		if x.args.Get("set") == "papers" {
			x.errorAnswer("noRecordsMatch")
		}
	}},
	{"set-all", "a list of a set has everything", "set-list", func(_ *Hostile, x *exchange) {
		if s := x.args.Get("set"); s != "" && s != "sheaf_no_such_set" {
			x.args.Del("set")
			x.replace("<setSpec>papers:odd", "<setSpec>other")
			x.replace("<request ", `<request set="`+s+`" `)
		} else if x.verb() == "ListSets" {
			x.replace("<ListSets>", "<ListSets><set><setSpec>other</setSpec><setName>Other</setName></set>")
		}
	}},
}
