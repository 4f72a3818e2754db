package listing

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// labelled are the words that stand before a value on pages of records, and the fields that the built-in mapping knows.
var labelled = map[string]string{
	"author": "creator", "authors": "creator", "creator": "creator", "creators": "creator", "writer": "creator",
	"contributor": "contributor", "contributors": "contributor", "publisher": "publisher",
	"subject": "subject", "subjects": "subject", "keywords": "subject", "topics": "subject", "tags": "subject",
	"description": "description", "abstract": "abstract", "date": "date", "date created": "created", "created": "created",
	"date issued": "issued", "date published": "issued", "published": "issued", "language": "language", "languages": "language",
	"type": "type", "format": "format", "extent": "extent", "place": "spatial", "places": "spatial", "location": "spatial",
	"rights": "rights", "license": "rights", "licence": "rights", "copyright": "rights", "provenance": "provenance",
	"source": "source", "collection": "ispartof",
}

// described are the fields that elements meta of Dublin Core have, by the same names.
var described = []string{
	"creator", "contributor", "publisher", "subject", "description", "abstract", "created", "issued", "date", "language", "type",
	"format", "extent", "spatial", "temporal", "rights", "provenance", "source", "relation",
}

// ProbeDetail proposes fields of the page of a record and their selectors, each tried on the page. It is empty if nothing on
// the page is marked as Dublin Core, or has one of the labels that are known.
func ProbeDetail(body []byte, contentType string) map[string]string {
	text := decode(body, contentType)
	if len(body) > maxDetail || !isHTML(text, contentType) {
		return nil
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil || wallOf(doc) != "" {
		return nil
	}
	fields := map[string]string{}
	doc.Find("meta[name][content]").Each(func(_ int, meta *goquery.Selection) {
		name := meta.AttrOr("name", "")
		scheme, term, _ := strings.Cut(strings.ToLower(name), ".")
		if (scheme == "dc" || scheme == "dcterms") && slices.Contains(described, term) && fields[term] == "" && !strings.ContainsAny(name, `"\`) {
			propose(fields, doc, term, fmt.Sprintf(`meta[name="%s"]@content`, name))
		}
	})
	doc.Find("dt, th").Each(func(_ int, label *goquery.Selection) { proposeLabel(fields, doc, label.Nodes[0]) })
	return fields
}

// proposeLabel proposes the value beside a label, if it is the only one: of several, a selector would miss all but the first.
func proposeLabel(fields map[string]string, doc *goquery.Document, label *html.Node) {
	word := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(blockText(label, nil)), ":"))
	field, value := labelled[strings.ToLower(word)], nextElement(label)
	if field == "" || fields[field] != "" || value == nil {
		return
	}
	tag := map[string]string{"dt": "dd", "th": "td"}[label.Data]
	if value.Data != tag {
		return
	}
	if after := nextElement(value); after != nil && after.Data == tag {
		if css := cssOf(value); strings.Contains(css, ".") {
			propose(fields, doc, field, css)
		}
		return
	}
	propose(fields, doc, field, fmt.Sprintf(`%s:matches(^\s*%s\s*:?\s*$) + %s`, label.Data, regexp.QuoteMeta(word), tag))
}

// propose takes a selector for a field if it finds something.
func propose(fields map[string]string, doc *goquery.Document, field, css string) {
	if s, err := compile(field, css); err == nil && s != nil && len(s.all(doc.Selection)) > 0 {
		fields[field] = css
	}
}

func nextElement(n *html.Node) *html.Node {
	for n = n.NextSibling; n != nil && n.Type != html.ElementNode; n = n.NextSibling {
		continue
	}
	return n
}
