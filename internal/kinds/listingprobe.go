package kinds

import (
	"context"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
	"github.com/sheaf-gateway/sheaf/harvest/robots"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

func probeListing(ctx context.Context, p *Place) (*Proposal, error) {
	if info, err := os.Stat(p.Path); p.URL == nil && err == nil && info.IsDir() {
		return nil, NotThis{}
	}
	res, err := p.Content(ctx)
	if err != nil {
		return nil, err
	}
	look, err := listing.Probe(res.Body, res.Header.Get("Content-Type"), res.URL)
	if err != nil {
		return nil, err
	}
	if look.Problem != "" {
		return nil, NotThis{Why: look.Problem}
	}
	if p.URL == nil {
		return proposeFile(p.Path, look), nil
	}
	proposal := proposeListing(p.URL, look)
	gate := robots.NewGate(p.Fetcher, func(*url.URL) harvest.Access { return harvest.Access{} })
	if robots.IsForbidden(gate.Check(ctx, p.URL)) {
		proposal.note("Note: the site's robots.txt asks programs not to fetch this page. Ask those who run it; robots: ignore is for harvests that they allow.")
	}
	if look.Select.Row != "" {
		proposal.detail(p.firstDetail(ctx, gate, look.Link))
	}
	return proposal, nil
}

// firstDetail finds fields on the page of the first row, if that may be asked for; none if there is nothing to tell.
func (p *Place) firstDetail(ctx context.Context, gate *robots.Gate, link string) map[string]string {
	u, err := url.Parse(link)
	if err != nil || !strings.EqualFold(u.Host, p.URL.Host) || gate.Check(ctx, u) != nil {
		return nil
	}
	res, err := p.Fetcher.Fetch(ctx, harvest.Request{URL: link, Accept: "text/html, */*;q=0.1"})
	if err != nil {
		return nil
	}
	return listing.ProbeDetail(res.Body, res.Header.Get("Content-Type"))
}

// detail proposes to follow the rows to their pages, for the fields that the first of them has.
func (p *Proposal) detail(fields map[string]string) {
	if len(fields) == 0 {
		return
	}
	var keys []Key
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		keys = append(keys, Key{name, fields[name]})
	}
	p.note("Rows link to pages of their own, which say more. detail: follows them, a request a record; leave it out if the rows are enough.")
	last := len(p.Keys) - 1 // every: stays the last
	p.Keys = slices.Insert(p.Keys, last, Key{"detail", []Key{{"select", keys}}})
}

// proposeListing proposes to harvest a page on a web site, and the pages after it.
func proposeListing(u *url.URL, look *listing.Look) *Proposal {
	p := &Proposal{Name: nameOf(u.String())}
	p.listing(look, u.String())
	if look.Select.Row == "" {
		p.note("Its rows can't be told by selectors. Save the pages as text, and give from: the files instead of the URL.")
		p.Keys = []Key{{"title", p.Name}, {"kind", "listing"}, {"from", "saved/*.txt"}, {"canonical", p.Name}, {"every", "1d"}}
		return p
	}
	from, pages := numbered(u, look)
	if pages == nil && look.Count != nil && look.Count.Total > look.Rows {
		p.note("Note: this is one page of several. Put {page} into from: where the next page's URL has its number.")
	}
	p.Keys = []Key{{"title", p.Name}, {"kind", "listing"}, {"from", from}, {"canonical", p.Name}}
	if pages != nil {
		p.Keys = append(p.Keys, Key{"pages", pages})
	}
	p.Keys = append(p.Keys, Key{"select", selectKeys(&look.Select)}, Key{"every", "1d"})
	return p
}

// proposeFile proposes to harvest a saved page.
func proposeFile(path string, look *listing.Look) *Proposal {
	p := &Proposal{Name: nameOf(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))}
	p.listing(look, path)
	p.Keys = []Key{{"title", p.Name}, {"kind", "listing"}, {"from", config.Literal(path)}, {"canonical", p.Name}}
	if look.Select.Row != "" {
		p.Keys = append(p.Keys, Key{"select", selectKeys(&look.Select)})
	}
	p.Keys = append(p.Keys, Key{"every", "1d"})
	return p
}

func (p *Proposal) listing(look *listing.Look, place string) {
	p.note("A page that lists records: %s", wording.ClipLine(place, 300))
	p.note("  rows         %d", look.Rows)
	if look.Count != nil {
		agrees := "as many as there are"
		if !look.Agrees {
			agrees = "NOT as many as there are: it would go to quarantine. Check the selectors"
		}
		p.note("  it says      %s, %s", look.Count, agrees)
	}
	for _, title := range look.Titles {
		p.note("  title        %s", wording.ClipLine(title, 100))
	}
}

// selectKeys returns the keys with the selectors that read the page.
func selectKeys(s *listing.Select) (out []Key) {
	for _, k := range []Key{
		{"row", s.Row}, {"date", s.Date}, {"title", s.Title}, {"summary", s.Summary}, {"link", s.Link},
		{"id", s.ID}, {"kind", s.Kind}, {"count", s.Count}, {"end", s.End},
	} {
		if k.Value != "" {
			out = append(out, k)
		}
	}
	return out
}

// pageParameters has the names that sites have for the number of a page, and rowParameters those for the number of its
// first row.
var (
	pageParameters = []string{"page", "p", "pg", "pageno", "pagenumber", "seite"}
	rowParameters  = []string{"start", "offset", "from", "first"}
)

// numbered puts {page} into a URL that has the number of its page in the query, and returns the keys that say how pages
// are numbered; nil if the URL has no such number. If the page says which rows it shows, the number of the first page
// follows from that.
func numbered(u *url.URL, look *listing.Look) (from string, pages []Key) {
	parts := strings.Split(u.RawQuery, "&")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(value)
		byPage, byRow := slices.Contains(pageParameters, strings.ToLower(name)), slices.Contains(rowParameters, strings.ToLower(name))
		if err != nil || n < 0 || !byPage && !byRow {
			continue
		}
		step, before := 1, 0 // before counts the pages before this one
		if look.Count != nil && look.Count.From > 1 {
			before = (look.Count.From - 1) / look.Rows
		}
		if byRow {
			step = look.Rows
		}
		parts[i] = name + "={page}"
		whole := *u
		whole.RawQuery = strings.Join(parts, "&")
		return whole.String(), []Key{{"first", max(0, n-before*step)}, {"step", step}}
	}
	return u.String(), nil
}
