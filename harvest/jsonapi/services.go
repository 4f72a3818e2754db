package jsonapi

import (
	"net/url"
	"strings"
)

// services has the services whose answers are known by their form.
var services = []service{
	{
		name: "Crossref", has: []string{"message-type", "message.total-results"}, item: []string{"DOI"}, and: ",",
		config: Config{Items: "message.items", Key: "DOI", Datestamp: "indexed.date-time", Total: "message.total-results",
			Ignore: []string{"indexed", "score", "is-referenced-by-count"},
			Page:   Page{Cursor: "message.next-cursor", Param: "cursor", First: "*"},
			Since:  Since{Param: "filter", Value: "from-index-date:" + sinceMark, Format: "date"}},
	},
	{
		name: "DataCite", has: []string{"meta.total"}, item: []string{"attributes.doi", "attributes.updated"}, and: " AND ",
		set: "page[cursor]", drop: []string{"page[number]"}, // by numbers it gives the first 10,000 only
		config: Config{Items: "data", Key: "id", Datestamp: "attributes.updated", Total: "meta.total",
			Ignore: []string{"attributes.viewCount", "attributes.downloadCount", "attributes.citationCount", "attributes.referenceCount"},
			Page:   Page{Next: "links.next"}, Since: Since{Param: "query", Value: "updated:[" + sinceMark + " TO *]"}},
	},
	{
		name: "InvenioRDM", has: []string{"hits.total"}, item: []string{"id", "updated", "metadata.title"}, and: " AND ", drop: []string{"page"},
		config: Config{Items: "hits.hits", Key: "id", Datestamp: "updated", Total: "hits.total",
			Ignore: []string{"stats"},
			Page:   Page{Next: "links.next"}, Since: Since{Param: "q", Value: `updated:["` + sinceMark + `" TO *]`}},
	},
	{
		name: "Omeka S", item: []string{`["o:id"]`, "@id"}, drop: []string{"page"},
		config: Config{Key: `["o:id"]`, Datestamp: `["o:modified"]["@value"]`, Total: "header Omeka-S-Total-Results",
			Page: Page{Link: true}, Since: Since{Param: "modified_after"}},
	},
	{
		name: "ArchivesSpace", has: []string{"first_page", "last_page", "this_page", "total"}, item: []string{"uri"}, drop: []string{"page"},
		config: Config{Items: "results", Key: "uri", Datestamp: "system_mtime", Deleted: "not publish", Total: "total", // it gives what is not published too
			Page: Page{Number: "page"}, Since: Since{Param: "modified_since", Format: "epoch"}},
	},
	{
		name: "Figshare", item: []string{"id", "url_public_api"}, drop: []string{"page"},
		config: Config{Key: "id", Datestamp: "published_date", Page: Page{Number: "page"}, Since: Since{Param: "published_since", Format: "date"}},
	},
}

// A service is one whose answers are known by their form.
type service struct {
	name string
	has  []string // paths that its answers have
	item []string // paths that its items have
	and  string   // joins what the parameter of Since says already with the time; empty if it can say one thing only
	set  string   // a parameter that must be 1
	drop []string // parameters that say which page a URL is

	config Config
}

// of is how the service is harvested, if the answer is one of it.
func (s *service) of(p *prober) (c Config, is bool) {
	if s.config.Items != p.base.Items || !all(s.has, p.whole) || !all(s.item, p.items[0].data) {
		return c, false
	}
	u, err := url.Parse(p.base.From)
	if err != nil {
		return c, false
	}
	for _, name := range append(s.drop, s.config.Page.Param) {
		dropParameter(u, name)
	}
	if s.set != "" {
		setParameter(u, s.set, "1")
	}
	c = s.config
	c.From = u.String()
	if says, ok := parameter(u, c.Since.Param); ok && s.and != "" && says != "" {
		if strings.Contains(s.and, "AND") && strings.ContainsAny(says, " ") {
			c.Since = Since{} // a query that has words of its own can't be put together with care
		} else {
			c.Since.Value = says + s.and + c.Since.Value
		}
	} else if ok {
		dropParameter(u, c.Since.Param)
		c.From = u.String()
	}
	return c, true
}

// all reports whether there is something at all of the paths.
func all(paths []string, data []byte) bool {
	for _, text := range paths {
		p, err := parsePath(text)
		if err != nil {
			panic(err) // they are written here
		}
		if p.find(data) == nil {
			return false
		}
	}
	return true
}
