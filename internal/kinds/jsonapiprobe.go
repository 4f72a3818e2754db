package kinds

import (
	"context"
	"net/url"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/jsonapi"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// builtIn has the mappings that are built in for services.
var builtIn = map[string]string{
	"Crossref": "crossref_json", "DataCite": "datacite_json", "InvenioRDM": "invenio_json", "Omeka S": "omeka_json",
	"ArchivesSpace": "archivesspace_json", "Figshare": "figshare_json",
}

func probeJSONAPI(ctx context.Context, p *Place) (*Proposal, error) {
	if p.URL == nil {
		return nil, NotThis{}
	}
	res, err := p.Content(ctx)
	if err != nil {
		return nil, err
	}
	if harvest.LooksLikeHTML(res.Body) { // a service may show people a page
		if res, err = p.Fetcher.Fetch(ctx, harvest.Request{URL: p.URL.String(), Accept: "application/json"}); err != nil || harvest.LooksLikeHTML(res.Body) {
			return nil, NotThis{}
		}
	}
	look, err := jsonapi.Probe(ctx, p.Fetcher, p.URL.String(), res)
	switch {
	case err != nil:
		return nil, err
	case !look.JSON:
		return nil, NotThis{}
	case look.Problem != "":
		return nil, NotThis{Why: look.Problem}
	}
	return proposeJSONAPI(p.URL, look), nil
}

func proposeJSONAPI(u *url.URL, look *jsonapi.Look) *Proposal {
	p := &Proposal{Name: nameOf(u.String())}
	c := &look.Config
	p.answer(u, look)
	p.Keys = []Key{{"title", p.Name}, {"kind", "jsonapi"}, {"from", c.From}}
	p.Keys = append(p.Keys, said(Key{"items", c.Items}, Key{"key", c.Key}, Key{"datestamp", c.Datestamp}, Key{"deleted", c.Deleted}, Key{"total", c.Total})...)
	if len(c.Ignore) > 0 {
		p.Keys = append(p.Keys, Key{"ignore", c.Ignore})
	}
	page := said(Key{"next", c.Page.Next}, Key{"cursor", c.Page.Cursor}, Key{"param", c.Page.Param}, Key{"number", c.Page.Number}, Key{"offset", c.Page.Offset}, Key{"first", c.Page.First})
	if c.Page.Link {
		page = append(page, Key{"link", true})
	}
	since := said(Key{"param", c.Since.Param}, Key{"value", c.Since.Value}, Key{"format", c.Since.Format})
	for _, k := range []Key{{"page", page}, {"since", since}} {
		if keys := k.Value.([]Key); len(keys) > 0 {
			p.Keys = append(p.Keys, k)
		}
	}
	mapping := builtIn[look.Service]
	if mapping == "" {
		mapping = p.Name + ".map"
		p.MappingFile, p.Mapping = mapping, draftMapping(wording.ClipLine(u.Host, 200), c.Key, look.Items)
	}
	p.Keys = append(p.Keys, Key{"mapping", mapping}, Key{"every", "1d"})
	return p
}

// answer tells what was found.
func (p *Proposal) answer(u *url.URL, look *jsonapi.Look) {
	what := "A service that answers in JSON"
	if look.Service != "" {
		what += ", as " + look.Service + " does"
	}
	p.note("%s: %s", what, wording.ClipLine(harvest.Shown(u.String()), 300))
	p.note("  items        %d on this page", len(look.Items))
	switch {
	case look.Total >= 0:
		p.note("  it says      %d", look.Total)
	case look.Config.Total != "":
		p.note("  it says      nothing of how many there are on this page, but in %s", wording.ClipLine(look.Config.Total, 100))
	default:
		p.note("Note: nothing was found that says how many items there are, so no harvest is known to have everything. If an answer says it, total: has the place.")
	}
	page := &look.Config.Page
	switch {
	case look.Pages:
		p.note("  pages        the second was asked for, and gave other items")
	case *page == (jsonapi.Page{}) && (look.Total < 0 || look.Total > len(look.Items)):
		p.note("Note: no way to a second page was found. If there is one, page: says what it is: next, link, cursor, number or offset.")
	}
	if look.Config.Since.Param == "" {
		p.note("Note: each harvest asks for everything. If the service can be asked for what has changed, since: says with which parameter.")
	}
	p.note("If a parameter makes pages larger, put it into from:, and the service is asked less often.")
}

// said are the keys that have a value.
func said(keys ...Key) (out []Key) {
	for _, k := range keys {
		if k.Value != "" {
			out = append(out, k)
		}
	}
	return out
}
