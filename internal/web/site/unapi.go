package site

import (
	"errors"
	"net/http"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/cite"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	unapiPath      = "/unapi"
	openSearchPath = "/opensearch.xml"
)

// unapi hands reference managers the records that a page names (unAPI 1): the forms that there are, the same for a record,
// or a record in a form.
func (s *site) unapi(r *http.Request) (*web.Answer, error) {
	id, format := r.URL.Query().Get("id"), r.URL.Query().Get("format")
	if id == "" {
		return unapiForms(http.StatusOK, ""), nil
	}
	if len(id) > maxIdentifier {
		return nil, errNoRecord
	}
	rec, err := s.Library.Record(r.Context(), id)
	if as := asItStands(r.URL.RawQuery); errors.Is(err, pipeline.ErrNotFound) && len(as) <= maxIdentifier {
		id = as
		rec, err = s.Library.Record(r.Context(), id)
	}
	switch {
	case err != nil:
		return nil, err
	case rec.Deleted != pipeline.Live:
		return nil, errNoRecord
	case format == "":
		return unapiForms(http.StatusMultipleChoices, id), nil
	}
	f, known := cite.FormNamed(format)
	if !known {
		return nil, &web.Problem{Status: http.StatusNotAcceptable, Title: "There is no such form", Text: "The forms of a record are %s.", Parts: []any{formNames()}}
	}
	var dc dublincore.Record
	if err := dc.UnmarshalJSON(rec.DC); err != nil {
		return nil, err
	}
	return s.cited(s.work(rec, &dc, recordPath(s.Library.Namespace(), rec.Identifier)), f), nil
}

// asItStands is the identifier in a query that does not encode it. Zotero's translator puts an identifier into the address as it
// stands in the page, so the %2F in it would be read as a slash, and what is behind an & in it as something else.
func asItStands(query string) string {
	id, _ := strings.CutPrefix(query, "id=")
	if at := strings.LastIndex(id, "&format="); at >= 0 {
		id = id[:at]
	}
	return id
}

func formNames() string {
	var names []string
	for _, f := range cite.Forms {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

func unapiForms(status int, id string) *web.Answer {
	b := []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<formats")
	if id != "" {
		b = append(xmlscan.AppendAttribute(append(b, ` id="`...), id), '"')
	}
	b = append(b, ">\n"...)
	for _, f := range cite.Forms {
		b = append(b, `<format name="`+f.Name+`" type="`+f.Type+`"/>`+"\n"...)
	}
	return &web.Answer{Status: status, Header: http.Header{"Content-Type": {"application/xml; charset=utf-8"}}, Body: append(b, "</formats>\n"...)}
}

// openSearch tells browsers how the records are searched (OpenSearch 1.1).
func (s *site) openSearch(r *http.Request) (*web.Answer, error) {
	if s.Finder == nil {
		return nil, web.ErrNoPage
	}
	b := []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">` + "\n<ShortName>")
	b = xmlscan.AppendText(b, web.Clipped(s.Frame.Name, 16)) // the bound of the standard
	b = append(b, "</ShortName>\n<Description>"...)
	b = xmlscan.AppendText(b, web.Clipped(words.Of(r.Context()).T("Search the records of %s", s.Frame.Name), 1024))
	b = append(b, "</Description>\n"+`<Url type="text/html" template="`...)
	b = xmlscan.AppendAttribute(b, s.Frame.URL+"/search?q=")
	b = append(b, "{searchTerms}"+`"/>`+"\n<InputEncoding>UTF-8</InputEncoding>\n</OpenSearchDescription>\n"...)
	return &web.Answer{Header: http.Header{"Content-Type": {"application/opensearchdescription+xml; charset=utf-8"}}, Body: b}, nil
}
