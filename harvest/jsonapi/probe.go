package jsonapi

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Look is what was found out about a place that may be a service that answers in JSON.
type Look struct {
	// Problem is why there is nothing to harvest: a sentence; empty if there is something.
	Problem string
	// JSON says that the place answers in JSON at least.
	JSON bool

	Config  Config   // reads the service
	Service string   // the software that answers so, such as Crossref; empty if it is not a known one
	Items   [][]byte // those of the first page
	Total   int      // what the service says that it has; -1 if it does not say
	// Pages says that the second page was asked for, and gave other items.
	Pages bool
}

// maxRequests bounds what a probe asks for.
const maxRequests = 8

// A prober looks at a service.
type prober struct {
	Fetcher
	had   map[string]*harvest.Response // nothing is asked for twice
	asked int

	whole []byte // the first answer
	base  Config // that finds the items in it
	items []element
}

// errEnough is the error of a probe that has asked enough.
var errEnough = errors.New("the probe has asked enough")

// Fetch asks for a page once.
func (p *prober) Fetch(ctx context.Context, req harvest.Request) (*harvest.Response, error) {
	if res := p.had[req.URL]; res != nil {
		return res, nil
	}
	if p.asked++; p.asked > maxRequests {
		return nil, errEnough
	}
	res, err := p.Fetcher.Fetch(ctx, req)
	if err == nil {
		p.had[req.URL] = res
	}
	return res, err
}

// IsJSON reports whether what was sent or saved is an object or a list in JSON, as a whole; what is wrong inside of it does
// not matter.
func IsJSON(body []byte) bool {
	v, err := document(body)
	return err == nil && (v[0] == '{' || v[0] == '[')
}

// Probe looks at what a URL gave, finds the list of items in it with their identifiers, and tries ways to the second page.
func Probe(ctx context.Context, f Fetcher, address string, res *harvest.Response) (*Look, error) {
	if !IsJSON(res.Body) {
		return &Look{Problem: "It does not answer in JSON."}, nil
	}
	whole, err := document(res.Body)
	if err != nil {
		return nil, err
	}
	at, list := largest(whole)
	if list == nil {
		return &Look{JSON: true, Problem: "Its JSON holds no list of objects."}, nil
	}
	p := &prober{Fetcher: f, had: map[string]*harvest.Response{address: res}, whole: whole}
	if err := elements(list, func(v []byte, depth int) { p.items = append(p.items, element{v, depth}) }); err != nil {
		return &Look{JSON: true, Problem: "The list in its JSON can't be read."}, nil
	}
	p.base = Config{From: address, Items: at.String(), Key: guessKey(p.items)}
	look := p.look(ctx)
	if look == nil && p.base.Key == "" {
		return &Look{JSON: true, Problem: "Nothing in the items of its JSON looks like an identifier."}, nil
	}
	if look == nil {
		look = p.guess(ctx)
	}
	look.JSON = true
	for _, e := range p.items {
		look.Items = append(look.Items, e.data)
	}
	return look, ctx.Err()
}

// look reads the answer as one of a known service; nil if it is not.
func (p *prober) look(ctx context.Context) *Look {
	for i := range services {
		s := &services[i]
		if c, is := s.of(p); is {
			if tried := p.try(ctx, c, false); tried != nil {
				tried.Service = s.name
				return tried
			}
		}
	}
	return nil
}

// guess finds a way to the next page by what services usually do.
func (p *prober) guess(ctx context.Context) *Look {
	p.base.Datestamp = guessDatestamp(p.items)
	totals := p.totals()
	for _, way := range p.ways() {
		c := p.base
		c.Page = way
		c.From = fromTheFirst(c.From, &way)
		same := c.From == p.base.From || way.First == ""
		if tried := p.try(ctx, c, same); tried != nil && tried.Pages {
			p.addTotal(tried, totals)
			return tried
		}
	}
	out := &Look{Config: p.base, Total: -1}
	p.addTotal(out, totals)
	return out
}

// fromTheFirst is a URL without what says which page it is: of a list whose pages are linked, the first must be known.
func fromTheFirst(from string, way *Page) string {
	u, err := url.Parse(from)
	if err != nil {
		return from
	}
	for _, param := range []string{way.Param, way.Number, way.Offset} {
		dropParameter(u, param)
	}
	for _, param := range pageParams {
		if has, _ := parameter(u, param); (way.Next != "" || way.Link) && has != firstOf(has) {
			dropParameter(u, param)
		}
	}
	return u.String()
}

// try asks for the first page and the second; nil if that does not work. same says that the first page must be the one
// that the probe began with.
func (p *prober) try(ctx context.Context, c Config, same bool) *Look {
	s, err := New(c, p)
	if err != nil {
		return nil
	}
	first, err := s.Page(ctx, "")
	if err != nil || len(first.Items) == 0 || same && !slices.Equal(keysOf(first), p.keysBy(s)) {
		return nil
	}
	out := &Look{Config: c, Total: -1}
	if first.Total > 0 {
		out.Total = first.Total
	}
	if first.Done {
		return out
	}
	second, err := s.Page(ctx, first.Next)
	if err != nil || slices.ContainsFunc(keysOf(second), func(key string) bool { return slices.Contains(keysOf(first), key) }) {
		return nil
	}
	out.Pages = len(second.Items) > 0
	return out
}

// addTotal adds where the service says how many items it has, if it says that: a number that is as large as one page
// can't be meant if there is another page.
func (p *prober) addTotal(look *Look, totals []string) {
	for _, total := range totals {
		c := p.base
		c.Total = total
		s, err := New(c, p)
		if err != nil {
			continue
		}
		said := s.count(&answer{whole: p.whole, header: p.had[p.base.From].Header})
		if said != nil && (said.Total > len(p.items) || said.Total == len(p.items) && !look.Pages) {
			look.Config.Total, look.Total = total, said.Total
			return
		}
	}
}

// keysBy are the keys of the items that the probe began with.
func (p *prober) keysBy(s *Source) (out []string) {
	for _, e := range p.items {
		item := s.item(e)
		out = append(out, item.Key)
	}
	return out
}

func keysOf(page *harvest.Page) (out []string) {
	for _, item := range page.Items {
		out = append(out, item.Key)
	}
	return out
}
