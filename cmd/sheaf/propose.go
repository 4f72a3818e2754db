package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A proposal is the configuration of one source, and what was found out about the source.
type proposal struct {
	found []string // comments: lines of clean text
	name  string
	keys  []key
}

// A key is a key of the source's configuration, with a value, a list, or keys below it.
type key struct {
	name  string
	value any // string, []string, int, []key
}

// write writes the configuration. Without a namespace it gets one that has to be changed.
func (p *proposal) write(w io.Writer, namespace string) error {
	var b strings.Builder
	for _, line := range p.found {
		b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
	b.WriteByte('\n')
	if namespace == "" {
		b.WriteString("gateway:\n")
		b.WriteString("  namespace: change-me.example.org  # a domain of yours: it is part of every identifier, for ever\n")
		b.WriteString("  contact: you@example.org          # the sources write to it before they shut you out\n")
	} else {
		b.WriteString("# for a file of its own, which include: names; or put it below the sources that you have\n")
	}
	b.WriteString("sources:\n  " + p.name + ":  # part of identifiers too: letters a-z, digits, hyphens\n")
	writeKeys(&b, "    ", p.keys)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeKeys(b *strings.Builder, indent string, keys []key) {
	for _, k := range keys {
		switch v := k.value.(type) {
		case string:
			fmt.Fprintf(b, "%s%s: %s\n", indent, k.name, quoted(v))
		case int:
			fmt.Fprintf(b, "%s%s: %d\n", indent, k.name, v)
		case []string:
			fmt.Fprintf(b, "%s%s:\n", indent, k.name)
			for _, s := range v {
				fmt.Fprintf(b, "%s  - %s\n", indent, quoted(s))
			}
		case []key:
			fmt.Fprintf(b, "%s%s:\n", indent, k.name)
			writeKeys(b, indent+"  ", v)
		}
	}
}

// quoted writes a string in YAML. If YAML could take it for something else it stands in JSON's quotes, which YAML knows
// too.
func quoted(s string) string {
	if plainYAML(s) {
		return s
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(strings.ToValidUTF8(s, "\uFFFD")); err != nil {
		panic(err) // a string is always JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// plainYAML reports whether a string needs no quotes, because it is a word or a URL.
func plainYAML(s string) bool {
	switch strings.ToLower(s) {
	case "", "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return false
	}
	if c := s[0] | 0x20; c < 'a' || c > 'z' {
		return false
	}
	rest := s
	for _, scheme := range []string{"https://", "http://"} {
		rest = strings.TrimPrefix(rest, scheme)
	}
	return strings.IndexFunc(rest, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./?=+", r))
	}) < 0
}

// richest has the prefixes of formats, those first that say most of a record.
var richest = []string{"mods", "marc21", "marcxml", "datacite", "oai_datacite", "ead", "qdc", "oai_qdc", "oai_dc"}

func proposeOAI(base string, r *oai.Repository) *proposal {
	i := r.Identify
	p := &proposal{name: nameOf(base)}
	p.note("An OAI-PMH repository: %s", cmp.Or(clip(i.Name, 200), "without a name"))
	p.note("  asked at     %s", base)
	if i.Door.BaseURL != "" && i.Door.BaseURL != base {
		p.note("  calls itself %s", clip(i.Door.BaseURL, 300))
	}
	p.note("  granularity  %s, earliest datestamp %s", clip(i.Door.Granularity, 40), clip(i.Door.EarliestDatestamp, 40))
	p.note("  deletions    %s", cmp.Or(clip(i.DeletedRecord, 40), "not said"))
	if len(i.AdminEmails) > 0 {
		p.note("  contact      %s", clip(strings.Join(i.AdminEmails, ", "), 200))
	}
	formats := p.formats(r.Formats)
	p.sets(r)
	for _, w := range r.Warnings {
		p.note("Note: %s", clip(w, 300))
	}
	p.keys = []key{{"title", cmp.Or(clip(i.Name, 200), p.name)}, {"kind", "oai"}, {"from", base}}
	if len(formats) > 0 {
		p.keys = append(p.keys, key{"formats", formats})
	}
	p.keys = append(p.keys, key{"every", "1d"})
	return p
}

func (p *proposal) note(format string, args ...any) {
	p.found = append(p.found, fmt.Sprintf(format, args...))
}

// maxFormats bounds the formats that are shown.
const maxFormats = 30

// formats shows the formats and chooses those to ask for: the ones with a built-in mapping, the richest first.
func (p *proposal) formats(offered []oaipmh.Format) (chosen []string) {
	for n, f := range offered {
		mapped := rules.HasMapping(harvest.Format{Prefix: f.Prefix, Namespace: f.Namespace})
		if mapped && oaipmh.ValidPrefix(f.Prefix) && len(f.Prefix) < 256 {
			chosen = append(chosen, f.Prefix)
		}
		switch {
		case n == maxFormats:
			p.note("  and %s", count(int64(len(offered)-n), "more format", "more formats"))
		case n < maxFormats && mapped:
			p.note("  format       %s: %s", clip(f.Prefix, 60), clip(f.Namespace, 120))
		case n < maxFormats:
			p.note("  format       %s: %s (there is no built-in mapping for it)", clip(f.Prefix, 60), clip(f.Namespace, 120))
		}
	}
	rank := func(prefix string) int {
		if i := slices.Index(richest, prefix); i >= 0 {
			return i
		}
		return slices.Index(richest, "oai_dc") - 1 // a known format by another name: before plain oai_dc
	}
	slices.SortStableFunc(chosen, func(a, b string) int { return rank(a) - rank(b) })
	if len(chosen) == 0 {
		p.note("Note: none of its formats has a built-in mapping; write one and name it under mapping:.")
	}
	return chosen
}

func (p *proposal) sets(r *oai.Repository) {
	for _, s := range r.Sets {
		p.note("  set          %s: %s", clip(s.Spec, 100), clip(s.Name, 100))
	}
	switch {
	case r.MoreSets:
		p.note("  and more sets")
	case r.SetsError != nil:
		p.note("  its sets could not be listed: %s", clip(r.SetsError.Error(), 300))
	case len(r.Sets) == 0:
		p.note("  no sets")
	}
}

// proposeListing proposes to harvest a page on a web site, and the pages after it.
func proposeListing(u *url.URL, look *listing.Look) *proposal {
	p := &proposal{name: nameOf(u.String())}
	p.listing(look, u.String())
	if look.Select.Row == "" {
		p.note("Its rows can't be told by selectors. Save the pages as text, and give from: the files instead of the URL.")
		p.keys = []key{{"title", p.name}, {"kind", "listing"}, {"from", "saved/*.txt"}, {"canonical", p.name}, {"every", "1d"}}
		return p
	}
	from, pages := numbered(u, look)
	if pages == nil && look.Count != nil && look.Count.Total > look.Rows {
		p.note("Note: this is one page of several. Put {page} into from: where the next page's URL has its number.")
	}
	p.keys = []key{{"title", p.name}, {"kind", "listing"}, {"from", from}, {"canonical", p.name}}
	if pages != nil {
		p.keys = append(p.keys, key{"pages", pages})
	}
	p.keys = append(p.keys, key{"select", selectKeys(&look.Select)}, key{"every", "1d"})
	return p
}

// proposeFile proposes to harvest a saved page.
func proposeFile(path string, look *listing.Look) *proposal {
	p := &proposal{name: nameOf(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))}
	p.listing(look, path)
	p.keys = []key{{"title", p.name}, {"kind", "listing"}, {"from", config.Literal(path)}, {"canonical", p.name}}
	if look.Select.Row != "" {
		p.keys = append(p.keys, key{"select", selectKeys(&look.Select)})
	}
	p.keys = append(p.keys, key{"every", "1d"})
	return p
}

func (p *proposal) listing(look *listing.Look, place string) {
	p.note("A page that lists records: %s", clip(place, 300))
	p.note("  rows         %d", look.Rows)
	if look.Count != nil {
		agrees := "as many as there are"
		if !look.Agrees {
			agrees = "NOT as many as there are: it would go to quarantine. Check the selectors"
		}
		p.note("  it says      %s, %s", look.Count, agrees)
	}
	for _, title := range look.Titles {
		p.note("  title        %s", clip(title, 100))
	}
}

// selectKeys returns the keys with the selectors that read the page.
func selectKeys(s *listing.Select) (out []key) {
	for _, k := range []key{
		{"row", s.Row}, {"date", s.Date}, {"title", s.Title}, {"summary", s.Summary}, {"link", s.Link},
		{"id", s.ID}, {"kind", s.Kind}, {"count", s.Count}, {"end", s.End},
	} {
		if k.value != "" {
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
func numbered(u *url.URL, look *listing.Look) (from string, pages []key) {
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
		return whole.String(), []key{{"first", max(0, n-before*step)}, {"step", step}}
	}
	return u.String(), nil
}

// maxName is how long the name of a source may be.
const maxName = 64

// nameOf makes a name for a source of the host in a URL, or of the name of a file.
func nameOf(place string) string {
	if u, err := url.Parse(place); err == nil && u.Host != "" {
		place = strings.TrimPrefix(u.Hostname(), "www.")
	}
	var b strings.Builder
	for _, r := range strings.ToLower(place) {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	name := b.String()
	return cmp.Or(strings.Trim(name[:min(maxName, len(name))], "-"), "source")
}
