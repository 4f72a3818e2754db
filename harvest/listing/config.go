package listing

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Config says where a listing is and how to read it.
type Config struct {
	// From says where the pages are. It has either patterns of file names, as [filepath.Match] understands them, each
	// file being a saved page; or one http or https URL. {page} in the URL stands for the number of a page. Without
	// it the listing is that one page.
	From []string
	// Pages says how the pages of a URL are numbered.
	Pages Pages
	// Select says where things stand on an HTML page. Without its Row an HTML page is read as the text that it shows.
	Select Select
	// Detail says what the pages that rows link to add to them.
	Detail Detail
	// Canonical is a name of the listing that stays when the site moves. Keys that are made of title and date contain
	// it, for ever. Two sources with one canonical name give the same page the same keys.
	Canonical string
	// IgnoreRobots says that the site's robots.txt is not asked for, because whoever runs the site has allowed it.
	IgnoreRobots bool
	// Base is the URL of the page that saved pages are copies of, or of its folder: their links are relative to it. Without
	// it they are relative to what a page says of itself: in the comment that browsers put into what they save, or as its
	// canonical address.
	Base string
	// Headings are headings that stand above rows, besides Documents, Collections and the like.
	Headings []string
	// Access holds what the site wants before it lets us in.
	Access harvest.Access
	// MaxBytes is how many bytes a page may have; default 16 MiB. A larger page is rejected.
	MaxBytes int64
	// MaxRows is how many rows a page may have; default 10,000. A page with more is rejected.
	MaxRows int
}

// Pages says how pages are numbered.
type Pages struct {
	First int // the number of the first page
	Step  int // from one page to the next: 1 (default), or the rows of a page where the site counts rows
	Max   int // pages in a pass; default 10,000. A pass that ends because of it is Unproven
}

// Select says where things stand on an HTML page. Each field is a CSS selector. After an @ may follow the attribute that
// is taken instead of the text: "time@datetime", or "@id" of the row itself. All but Row, Count and End are looked for
// in the row, and Kind also above it.
type Select struct {
	Row     string // a record
	Date    string // the first match, as written
	Title   string // the first match
	Summary string // all matches, each a paragraph
	Link    string // the first match; its href
	ID      string // the identifier that the site gives the record; if it is an href, its path
	Kind    string // the heading that says what kind of thing rows are
	Count   string // "1 - 9 of 9", or the total alone; default: such a line anywhere outside the rows
	End     string // something that only a page at or after the end has, for listings without a count
}

// Limits that a [Config] can replace.
const (
	defaultMaxBytes = 16 << 20
	defaultMaxRows  = 10_000
	defaultMaxPages = 10_000
)

// pageMark stands for the number of the page in a URL.
const pageMark = "{page}"

// check fills in the defaults, and says what can't work.
func (c *Config) check() error {
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultMaxBytes
	}
	if c.MaxRows <= 0 {
		c.MaxRows = defaultMaxRows
	}
	if c.Pages.Max <= 0 {
		c.Pages.Max = defaultMaxPages
	}
	if c.Pages.Step == 0 {
		c.Pages.Step = 1
	}
	switch {
	case c.Canonical == "":
		return fmt.Errorf("canonical: a listing needs a name that keys are made with; take the source's name")
	case len(c.From) == 0:
		return fmt.Errorf("from: say where the pages are: files, such as saved/*.txt, or a URL with {page}")
	case c.Pages.First < 0 || c.Pages.Step < 0:
		return fmt.Errorf("pages: first and step can't be negative")
	}
	if c.Base != "" && parseURL(c.Base) == nil {
		return fmt.Errorf("base: %q is not a whole URL, such as https://archive.example.org/search", harvest.Shown(c.Base))
	}
	for _, from := range c.From {
		if err := checkFrom(from); err != nil {
			return err
		}
		if isURL(from) && len(c.From) > 1 {
			return fmt.Errorf("from: a listing has one URL, or files; make a source of each")
		}
	}
	if c.Select.Row == "" && (c.Select.Title != "" || c.Select.Date != "" || c.Select.Summary != "" || c.Select.Link != "" || c.Select.ID != "") {
		return fmt.Errorf("select.row: say what a row is, for the other selectors look inside of it")
	}
	if len(c.Detail.Select) > 0 && (c.Select.Row == "" || c.Select.Link == "") {
		return fmt.Errorf("detail: needs select.row and select.link, which leads to the page of a record")
	}
	if c.Select.Row != "" && c.Select.Title == "" {
		return fmt.Errorf("select.title: say where in a row the title is")
	}
	return nil
}

func checkFrom(from string) error {
	if !isURL(from) {
		if _, err := filepath.Match(from, ""); err != nil {
			return fmt.Errorf("from: %q is not a pattern of file names: %w", from, err)
		}
		return nil
	}
	if strings.Count(from, pageMark) > 1 {
		return fmt.Errorf("from: %q has more than one {page}", harvest.Shown(from))
	}
	u, err := url.Parse(pageURL(from, 0))
	if err != nil || u.Host == "" {
		return fmt.Errorf("from: %q is not a whole URL, such as https://archive.example.org/search?page={page}", harvest.Shown(from))
	}
	return nil
}

// isURL reports whether from is a URL rather than a pattern of file names.
func isURL(from string) bool {
	scheme, _, ok := strings.Cut(from, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}
